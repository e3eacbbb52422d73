//! A slot: one place in messages that are alike in everything else, and the words seen there.

use super::evidence::{ENOUGH, VALUE};
use super::piece::{Piece, outline, outline_without, share};

/// Ordinary words that have to be left where a word is taken for a value: of `disk slow` and `disk hot`, or of `user
/// deleted` and `cache deleted`, nothing that says what happened would be left.
const MIN_WORDS_BESIDE_WORD: usize = 2;
/// Ordinary words that have to be left where a value by its form is.
const MIN_WORDS_BESIDE_VALUE: usize = 1;

/// A place and what was seen there.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot {
    /// The sum of the weights of the distinct words seen, [`ENOUGH`] or a little more at most.
    evidence: u8,
    /// The first template with a word in this place. Most slots never see another one, so that it has no allocation.
    first: Option<Member>,
    /// The others. Empty once the place is variable.
    others: Vec<Member>,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    word: u64,
    template: u32,
}

impl Slot {
    pub(super) fn is_variable(&self) -> bool {
        self.evidence >= ENOUGH
    }

    /// Notes that `template` has `word` here. Returns the templates that were waiting, itself among them, when this
    /// makes the place variable.
    pub(super) fn note(&mut self, template: u32, word: u64, weight: u8) -> Vec<u32> {
        if self.is_variable() {
            return Vec::new();
        }
        let mut members = self.first.iter().chain(&self.others);
        if !members.any(|member| member.word == word) {
            self.evidence = self.evidence.saturating_add(weight);
        }
        let member = Member { word, template };
        if self.first.is_none() {
            self.first = Some(member);
        } else {
            self.others.push(member);
        }
        if !self.is_variable() {
            return Vec::new();
        }
        let others = std::mem::take(&mut self.others);
        let members = self.first.take().into_iter().chain(others);
        members.map(|member| member.template).collect()
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
