//! Whether a record is archived already: asked for every new one, so most answers come from memory.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use log_record::Instance;

use super::blocks::{BlockKey, last_seq};
use super::encoded_block::EncodedBlock;
use super::{Archive, ArchiveError};
use crate::store::{View, find_own};

/// Instances whose highest sequence number is remembered; beyond, all are forgotten and asked for again.
const MAX_INSTANCES: usize = 100_000;
/// Blocks that stay open, some megabytes each.
const MAX_VIEWS: usize = 8;

/// What saves asking the disk.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By instance: the highest sequence number in any block, if there is one.
    last_seqs: Mutex<HashMap<Instance, Option<u64>>>,
    /// The blocks opened last, the latest at the back.
    views: Mutex<VecDeque<Arc<View>>>,
}

impl Archive {
    /// Whether a record of this identity is archived.
    pub(crate) fn has(&self, instance: Instance, seq: u64) -> Result<bool, ArchiveError> {
        // What lies beyond everything archived of its instance is new: nearly all records.
        if self.last_seq(instance)?.is_none_or(|last| seq > last) {
            return Ok(false);
        }
        for block in self.blocks_of_instance(instance, seq)? {
            let view = self.view(block)?;
            if view.is_some_and(|view| find_own(&view.segment, instance, seq).is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn last_seq(&self, instance: Instance) -> Result<Option<u64>, ArchiveError> {
        if let Some(&last) = self.last_seqs().get(&instance) {
            return Ok(last);
        }
        let last = self.read(|connection| last_seq(connection, instance))?;
        let mut known = self.last_seqs();
        if known.len() >= MAX_INSTANCES {
            known.clear();
        }
        known.insert(instance, last);
        Ok(last)
    }

    /// Takes note of a block that was written.
    pub(super) fn learn(&self, block: &EncodedBlock) {
        let mut known = self.last_seqs();
        for (instance, &(_, last)) in &block.instances {
            // An instance nobody has asked for is asked for on the disk.
            if let Some(known) = known.get_mut(instance) {
                *known = (*known).max(Some(last));
            }
        }
    }

    pub(super) fn cached_view(&self, block: BlockKey) -> Option<Arc<View>> {
        let views = self.views();
        let key = |view: &View| (view.base_arrival, view.records as u64);
        let found = views.iter().find(|view| key(view) == block)?;
        Some(Arc::clone(found))
    }

    pub(super) fn cache_view(&self, view: &Arc<View>) {
        let mut views = self.views();
        if views.len() >= MAX_VIEWS {
            views.pop_front();
        }
        views.push_back(Arc::clone(view));
    }

    fn last_seqs(&self) -> MutexGuard<'_, HashMap<Instance, Option<u64>>> {
        let lock = self.inner.known.last_seqs.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    fn views(&self) -> MutexGuard<'_, VecDeque<Arc<View>>> {
        let lock = self.inner.known.views.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }
}
