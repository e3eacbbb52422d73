//! A token: what the scanner makes of a part of a message.

use super::kind::Mask;

/// What a token looks like. It decides how readily the token is taken for a value when templates are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A value, replaced by its mask.
    Masked(Mask),
    /// An ordinary word: lower case, or with one capital at its start; also joined by dashes.
    Plain,
    /// Two or more letters, all capitals: mostly a state or an error code.
    Caps,
    /// A name from code: inner capitals, dots, underscores, `::`.
    Name,
    /// A word with a masked number in it: `blk_<id>`, `core.<id>`.
    Numbered,
    /// A path or URL.
    Path,
    /// The name of an error type: `IOException`, `hyper::Error`.
    ErrorType,
}

/// A part of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    /// Hash of the text after masking. Not set for masks: they are all alike.
    pub(crate) hash: u64,
    /// Where it starts in the message.
    pub(crate) start: u32,
    /// Where it ends.
    pub(crate) end: u32,
    /// Where the rest of the list ends that it stands for; its own end where it is no list.
    pub(crate) until: u32,
    pub(crate) shape: Shape,
    /// Whether `=` stands before it.
    pub(crate) assigned: bool,
}

impl Token {
    /// The text it stands for, without the rest of a list.
    pub(crate) fn word<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        &text[self.start as usize..self.end as usize]
    }

    pub(crate) fn is_masked(&self) -> bool {
        matches!(self.shape, Shape::Masked(_))
    }

    /// Whether both are the same word, or both are values.
    pub(super) fn is_like(&self, other: &Token) -> bool {
        self.hash == other.hash && self.is_masked() == other.is_masked()
    }
}
