//! A piece: what is left of a token once the message is gone.

use super::evidence::{self, LIKELY_VALUE};
use crate::mask::Token;

/// Stands for any value in hashes.
const ANY: u64 = 0x9e37_79b9_7f4a_7c15;

/// A word, by its hash, or a place where any value may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) hash: u64,
    /// How much the word says that its place is variable.
    pub(crate) weight: u8,
}

impl Piece {
    /// Any value.
    pub(crate) const VALUE: Piece = Piece {
        hash: ANY,
        weight: evidence::VALUE,
    };

    pub(crate) fn is_value(self) -> bool {
        self.hash == ANY
    }

    /// Whether it is a word that has to be equal for two messages to be compared.
    pub(crate) fn is_fixed(self) -> bool {
        !self.is_value() && self.weight < LIKELY_VALUE
    }
}

/// The pieces of a message.
pub(crate) fn pieces(text: &[u8], tokens: &[Token]) -> Vec<Piece> {
    let mut named = false;
    let of_token = |(at, token): (usize, &Token)| {
        if token.is_masked() {
            named = false;
            return Piece::VALUE;
        }
        let weight = evidence::weight(text, tokens, at, named);
        named = evidence::is_named(weight);
        Piece {
            hash: token.hash,
            weight,
        }
    };
    tokens.iter().enumerate().map(of_token).collect()
}

/// What one piece adds to the key of its message. Keys are sums, so that a piece can be exchanged without adding up
/// the others again.
pub(crate) fn share(hash: u64, at: usize) -> u64 {
    let product = u128::from(hash ^ (at as u64 + 1).wrapping_mul(ANY)) * 0xd6e8_feb8_6659_fd93;
    (product as u64) ^ ((product >> 64) as u64)
}

/// The key of a message, straight from its tokens.
pub(crate) fn key_of_tokens(tokens: &[Token]) -> u64 {
    let hash = |token: &Token| if token.is_masked() { ANY } else { token.hash };
    sum(tokens.iter().map(hash))
}

/// The key of a message.
pub(crate) fn key(pieces: &[Piece]) -> u64 {
    sum(pieces.iter().map(|piece| piece.hash))
}

/// The key of a message in which any value may stand wherever a value is likely. Messages with the same one are compared.
pub(crate) fn outline(pieces: &[Piece]) -> u64 {
    sum(pieces
        .iter()
        .map(|piece| if piece.is_fixed() { piece.hash } else { ANY }))
}

/// The outline, with any value at `at`.
pub(crate) fn outline_without(outline: u64, pieces: &[Piece], at: usize) -> u64 {
    let piece = pieces[at];
    if piece.is_fixed() {
        outline
            .wrapping_sub(share(piece.hash, at))
            .wrapping_add(share(ANY, at))
    } else {
        outline
    }
}

fn sum(hashes: impl ExactSizeIterator<Item = u64>) -> u64 {
    let len = hashes.len() as u64;
    hashes
        .enumerate()
        .fold(len, |sum, (at, hash)| sum.wrapping_add(share(hash, at)))
}
