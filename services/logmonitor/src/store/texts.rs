//! The texts of all records of a segment, one after the other in the order of arrival: in as many arenas as the
//! segment has been merged from, so that merging copies no text. What a text looks like inside is the business of
//! `text`.

use std::sync::Arc;

/// Arenas one after the other; texts are numbered through all of them.
#[derive(Debug)]
pub(crate) struct Texts {
    parts: Box<[Part]>,
    count: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// The number of its first text.
    first: usize,
    arena: Arc<Arena>,
}

/// The texts of one chunk.
#[derive(Debug)]
struct Arena {
    bytes: Box<[u8]>,
    /// One more than there are texts: the last is where the arena ends.
    starts: Box<[u32]>,
}

impl Texts {
    /// From an arena and the end of each text. The writer closes a chunk long before 4 GiB.
    pub(crate) fn new(arena: &[u8], ends: &[u32]) -> Texts {
        let arena = Arena {
            bytes: arena.into(),
            starts: std::iter::once(0).chain(ends.iter().copied()).collect(),
        };
        let part = Part {
            first: 0,
            arena: Arc::new(arena),
        };
        Texts {
            parts: Box::new([part]),
            count: ends.len(),
        }
    }

    /// All texts of all of these, in their order.
    pub(crate) fn concat<'a>(all: impl Iterator<Item = &'a Texts>) -> Texts {
        let mut count = 0;
        let mut parts = Vec::new();
        for texts in all {
            parts.extend(texts.parts.iter().map(|part| Part {
                first: count + part.first,
                arena: Arc::clone(&part.arena),
            }));
            count += texts.count;
        }
        Texts {
            parts: parts.into(),
            count,
        }
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(crate) fn text(&self, number: usize) -> &[u8] {
        let after = self.parts.partition_point(|part| part.first <= number);
        let part = &self.parts[after - 1];
        &part.bytes()[part.start(number)..part.start(number + 1)]
    }

    /// Heap bytes.
    pub(crate) fn bytes(&self) -> usize {
        let arenas = self.parts.iter().map(|part| {
            size_of::<Part>()
                + size_of::<Arena>()
                + part.bytes().len()
                + size_of_val(&*part.arena.starts)
        });
        arenas.sum()
    }
}

impl Part {
    pub(crate) fn first(&self) -> usize {
        self.first
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.arena.bytes
    }

    /// Where a text starts in the bytes; of the one after the last: where they end.
    pub(crate) fn start(&self, number: usize) -> usize {
        self.arena.starts[number - self.first] as usize
    }

    /// The number of the text, `from` or later, that holds the byte at `position`.
    pub(crate) fn number_at(&self, position: usize, from: usize) -> usize {
        let later = &self.arena.starts[from - self.first..];
        from + later.partition_point(|&start| start as usize <= position) - 1
    }
}
