//! A bucket: the templates of one service and error type.

use std::collections::HashMap;

use super::piece::{self, Piece};
use super::slot::{Slot, slots_of};

type Map<V> = HashMap<u64, V, foldhash::fast::FixedState>;

/// The templates of one service and error type, and what was learned about their places.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bucket {
    templates: Vec<Template>,
    by_key: Map<u32>,
    slots: Map<Slot>,
    learned: usize,
}

#[derive(Clone, Debug)]
struct Template {
    key: u64,
    pieces: Box<[Piece]>,
    /// The template it is one with, itself where it is the first of them. Always the older of the two.
    parent: u32,
    /// Its number, where a message made it. Those that follow from others have none.
    number: Option<u64>,
    /// Whether a place is variable for what was seen in this template.
    is_evidence: bool,
}

/// What became of a message.
#[derive(Debug, Default)]
pub(crate) struct Assigned {
    /// The key that names the template and all that are one with it. Where it is not known and nothing may be learned
    /// any more, that of the message with any value in the places that are variable.
    pub(crate) key: u64,
    /// Whether the template is known, maybe since now.
    pub(crate) is_known: bool,
    /// What was learned, where it was new.
    pub(crate) learned: Option<Box<[Piece]>>,
    /// Templates that had a name of their own and now are one with an older one: from, into.
    pub(crate) merged: Vec<(u64, u64)>,
}

impl Bucket {
    /// How many templates messages have made.
    pub(crate) fn len(&self) -> usize {
        self.learned
    }

    /// The name of the template with this key, if it is known.
    pub(crate) fn find(&self, key: u64) -> Option<u64> {
        let template = *self.by_key.get(&key)?;
        Some(self.templates[self.root(template) as usize].key)
    }

    /// Finds the template of a message, or learns it under `number`.
    pub(crate) fn assign(&mut self, pieces: &[Piece], number: Option<u64>) -> Assigned {
        let mut assigned = Assigned::default();
        let first_new = self.templates.len() as u32;
        let (pieces, others) = self.generalise(pieces.to_vec());
        let found = self.by_key.get(&piece::key(&pieces)).copied();
        let template = match (found, number) {
            (Some(template), _) => template,
            (None, Some(number)) => {
                let template = self.learn(&pieces, number, &mut assigned.merged);
                assigned.learned = Some(pieces.into());
                template
            }
            (None, None) => {
                assigned.key = piece::key(&pieces);
                return assigned;
            }
        };
        for other in others {
            self.join(template, other, first_new, &mut assigned.merged);
        }
        assigned.key = self.templates[self.root(template) as usize].key;
        assigned.is_known = true;
        assigned
    }

    /// Puts any value where a place is known to be variable, until what is left is known or nothing else is variable.
    /// Also returns templates that it would have come to by another way, all of which are one.
    fn generalise(&self, mut pieces: Vec<Piece>) -> (Vec<Piece>, Vec<u32>) {
        let mut others = Vec::new();
        loop {
            let places = self.variable_places(&pieces);
            for at in places.likely {
                pieces[at] = Piece::VALUE;
            }
            let known = self.by_key.contains_key(&piece::key(&pieces));
            let Some((first, rest)) = places.ordinary.split_first().filter(|_| !known) else {
                return (pieces, others);
            };
            for at in rest {
                let mut other = pieces.clone();
                other[*at] = Piece::VALUE;
                others.extend(self.by_key.get(&piece::key(&other)));
            }
            pieces[*first] = Piece::VALUE;
        }
    }

    /// The pieces with any value in every place that is variable, for people to read.
    pub(crate) fn widest(&self, mut pieces: Vec<Piece>) -> Vec<Piece> {
        loop {
            let places = self.variable_places(&pieces);
            let Some(last) = places.likely.iter().chain(&places.ordinary).max().copied() else {
                return pieces;
            };
            pieces[last] = Piece::VALUE;
        }
    }

    fn variable_places(&self, pieces: &[Piece]) -> Places {
        let mut places = Places::default();
        let open = |(at, slot)| {
            self.slots
                .get(&slot)
                .is_some_and(Slot::is_variable)
                .then_some(at)
        };
        for at in slots_of(pieces).filter_map(open) {
            if pieces[at].is_fixed() {
                places.ordinary.push(at);
            } else if !pieces[at].is_value() {
                places.likely.push(at);
            }
        }
        places
    }

    /// Adds a template and everything that follows from it.
    fn learn(&mut self, pieces: &[Piece], number: u64, merged: &mut Vec<(u64, u64)>) -> u32 {
        let first = self.templates.len() as u32;
        self.learned += 1;
        self.add(pieces, Some(number));
        let mut work = Vec::new();
        self.place(first, &mut work);
        // Each new template may make another place variable, which makes another one; the places run out.
        while let Some(Wider { of, at }) = work.pop() {
            let mut pieces = self.templates[of as usize].pieces.to_vec();
            pieces[at] = Piece::VALUE;
            // All likely values at once: one at a time would go through every combination of them.
            for at in self.variable_places(&pieces).likely {
                pieces[at] = Piece::VALUE;
            }
            let wider = match self.by_key.get(&piece::key(&pieces)) {
                Some(known) => *known,
                None => {
                    let added = self.add(&pieces, None);
                    self.place(added, &mut work);
                    added
                }
            };
            self.join(of, wider, first, merged);
        }
        first
    }

    fn add(&mut self, pieces: &[Piece], number: Option<u64>) -> u32 {
        let index = self.templates.len() as u32;
        let key = piece::key(pieces);
        self.by_key.insert(key, index);
        self.templates.push(Template {
            key,
            pieces: pieces.into(),
            parent: index,
            number,
            is_evidence: false,
        });
        index
    }

    /// Notes the words of a template in their slots, and which templates are to be widened for it.
    fn place(&mut self, template: u32, work: &mut Vec<Wider>) {
        let pieces = self.templates[template as usize].pieces.clone();
        for (at, slot) in slots_of(&pieces) {
            let piece = pieces[at];
            let slot = self.slots.entry(slot).or_default();
            let waiting = slot.note(template, piece.hash, piece.weight);
            let variable = slot.is_variable();
            for template in &waiting {
                self.templates[*template as usize].is_evidence = true;
            }
            let widen = |of| Wider { of, at };
            work.extend(waiting.into_iter().filter(|of| *of != template).map(widen));
            if variable {
                work.push(widen(template));
            }
        }
        work.retain(|wider| !self.templates[wider.of as usize].pieces[wider.at].is_value());
    }

    /// Makes two templates one: the newer gets the name of the older. Those before `first_new` had names.
    fn join(&mut self, left: u32, right: u32, first_new: u32, merged: &mut Vec<(u64, u64)>) {
        let (left, right) = (self.root(left), self.root(right));
        if left == right {
            return;
        }
        let (older, newer) = (left.min(right), left.max(right));
        self.templates[newer as usize].parent = older;
        if newer < first_new {
            let key = |template: u32| self.templates[template as usize].key;
            merged.push((key(newer), key(older)));
        }
    }

    fn root(&self, mut template: u32) -> u32 {
        while self.templates[template as usize].parent != template {
            template = self.templates[template as usize].parent;
        }
        template
    }

    /// The templates that messages made: number, pieces, key, and the key that names it.
    pub(crate) fn learned(&self) -> impl Iterator<Item = (u64, &[Piece], u64, u64)> {
        self.templates.iter().filter_map(|template| {
            let name = self.templates[self.root(template.parent) as usize].key;
            Some((template.number?, &*template.pieces, template.key, name))
        })
    }

    /// Forgets the older half of the templates that nothing follows from: they are one with no other, and no place is
    /// variable for them. Their names follow from their words, so that they are the same when such a message comes
    /// again. Returns the forgotten keys.
    pub(crate) fn forget(&mut self) -> Vec<u64> {
        let mut sizes = vec![0u32; self.templates.len()];
        for index in 0..self.templates.len() as u32 {
            sizes[self.root(index) as usize] += 1;
        }
        let stands_alone = |index: &u32| {
            let template = &self.templates[*index as usize];
            template.parent == *index && sizes[*index as usize] == 1 && !template.is_evidence
        };
        let alone: Vec<u32> = (0..self.templates.len() as u32)
            .filter(stands_alone)
            .collect();
        if alone.is_empty() {
            return Vec::new();
        }
        let gone = &alone[..alone.len().div_ceil(2)];
        let old = std::mem::take(self);
        let mut keys = Vec::with_capacity(gone.len());
        for (index, template) in old.templates.into_iter().enumerate() {
            if gone.binary_search(&(index as u32)).is_ok() {
                keys.push(template.key);
            } else if let Some(number) = template.number {
                self.assign(&template.pieces, Some(number));
            }
        }
        keys
    }
}

#[derive(Default)]
struct Places {
    /// Of words that are likely values.
    likely: Vec<usize>,
    /// Of ordinary words.
    ordinary: Vec<usize>,
}

/// A template to be made from another one, with any value in one more place.
struct Wider {
    of: u32,
    at: usize,
}
