//! The naive store: a list that is filtered and sorted.

use std::collections::{HashMap, HashSet};

use log_record::Instance;

use super::matching::matches;
use super::records::Made;
use crate::query::{Filter, Order};

/// What was stored, and what has to be remembered to know it again.
#[derive(Default)]
pub(super) struct Model {
    pub(super) offsets: HashMap<(&'static str, i32), (i64, Option<u32>)>,
    pub(super) identities: HashSet<(Instance, u64)>,
    pub(super) stored: Vec<Stored>,
}

#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) made: Made,
    pub(super) offset: i64,
    pub(super) matched: bool,
}

impl Model {
    /// Gives an arrival its offset.
    pub(super) fn offset(&self, made: &Made) -> i64 {
        let last = self.offsets.get(&(made.topic, made.partition));
        match last {
            None => 0,
            Some((offset, _)) if made.same_offset => *offset,
            Some((offset, _)) => offset + 1,
        }
    }

    /// Whether it is stored as new.
    pub(super) fn append(&mut self, made: &Made, offset: i64) -> bool {
        let key = (made.topic, made.partition);
        if self
            .offsets
            .get(&key)
            .is_some_and(|last| (offset, made.index) <= *last)
        {
            return false;
        }
        self.offsets.insert(key, (offset, made.index));
        if let (Some(instance), Some(seq)) = (made.record.instance, made.record.seq) {
            if !self.identities.insert((instance, seq)) {
                return false;
            }
        } else {
            let twin = self.stored.iter_mut().find(|stored| {
                let is_foreign = stored.made.record.seq.is_none();
                is_foreign
                    && !stored.matched
                    && stored.made.topic != made.topic
                    && (stored.made.payload, stored.made.index) == (made.payload, made.index)
            });
            if let Some(twin) = twin {
                twin.matched = true;
                return false;
            }
        }
        self.stored.push(Stored {
            made: made.clone(),
            offset,
            matched: false,
        });
        true
    }

    /// Positions in `stored` of what matches, in order.
    pub(super) fn query(&self, filter: &Filter, order: Order) -> Vec<usize> {
        let mut found: Vec<usize> = (0..self.stored.len())
            .filter(|&number| matches(&self.stored[number].made.record, filter))
            .collect();
        found.sort_by_key(|&number| (self.stored[number].made.record.timestamp, number));
        if order == Order::Descending {
            found.reverse();
        }
        found
    }
}
