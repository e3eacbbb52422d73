//! A slot: one place in messages that are alike in everything else, and the words seen there.

use super::evidence::ENOUGH;

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
