//! A slot: one place in messages that are alike in everything else, and the words seen there.

use super::evidence::{ENOUGH, VALUE};
use super::piece::{Piece, outline, outline_without, share};

/// Ordinary words that have to be left where a word is taken for a value: of `disk slow` and `disk hot`, or of `user
/// deleted` and `cache deleted`, nothing that says what happened would be left.
const MIN_WORDS_BESIDE_WORD: usize = 2;
/// Ordinary words that have to be left where a value by its form is.
const MIN_WORDS_BESIDE_VALUE: usize = 1;

/// A place and what was seen there.
#[derive(Debug)]
pub(super) struct Slot {
    /// The sum of the weights of the distinct words seen, [`ENOUGH`] at most.
    evidence: u8,
    /// The templates with a word in this place. Empty once the place is variable.
    members: Vec<Member>,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    word: u64,
    template: u32,
}

impl Slot {
    pub(super) fn new() -> Slot {
        Slot {
            evidence: 0,
            members: Vec::new(),
        }
    }

    pub(super) fn is_variable(&self) -> bool {
        self.evidence >= ENOUGH
    }

    /// Notes that `template` has `word` here. Returns the templates that were waiting when this makes the place
    /// variable.
    pub(super) fn note(&mut self, template: u32, word: u64, weight: u8) -> Vec<u32> {
        if self.is_variable() {
            return Vec::new();
        }
        if !self.members.iter().any(|member| member.word == word) {
            self.evidence = self.evidence.saturating_add(weight);
        }
        self.members.push(Member { word, template });
        if !self.is_variable() {
            return Vec::new();
        }
        let members = std::mem::take(&mut self.members);
        members.into_iter().map(|member| member.template).collect()
    }
}

/// The places of a message that may be variable, each with the key of its slot.
pub(super) fn slots_of(pieces: &[Piece]) -> impl Iterator<Item = (usize, u64)> {
    let outline = outline(pieces);
    let fixed = pieces.iter().filter(|piece| piece.is_fixed()).count();
    pieces.iter().enumerate().filter_map(move |(at, piece)| {
        let beside = fixed - usize::from(piece.is_fixed());
        let needed = if piece.weight >= VALUE {
            MIN_WORDS_BESIDE_VALUE
        } else {
            MIN_WORDS_BESIDE_WORD
        };
        let may_vary = beside >= needed && piece.weight > 0;
        may_vary.then(|| (at, share(outline_without(outline, pieces, at), at)))
    })
}
