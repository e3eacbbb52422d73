//! What a grouper has learned, one template at a time, in a form that can be kept.

use crate::key::IssueKey;
use crate::learn::{Piece, key};

/// The first byte of the form below.
const FORMAT: u8 = 1;
const HEADER: usize = 1 + 16 + 8;
const PIECE: usize = 8 + 1;

/// A template that a message made. A grouper is exactly its learned templates, in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    pub(crate) bucket: IssueKey,
    pub(crate) number: u64,
    pub(crate) pieces: Box<[Piece]>,
}

impl Learned {
    /// The key it had as an issue when it was new. No two have the same.
    #[must_use]
    pub fn key(&self) -> IssueKey {
        template_key(self.bucket, key(&self.pieces))
    }

    /// Its place in the order in which templates were learned.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// As bytes, 25 and 9 for each word or value, little-endian: format (1), service and type (16), number (8), and
    /// for each place a hash (8) and a weight (1).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.pieces.len() * PIECE);
        bytes.push(FORMAT);
        bytes.extend(self.bucket.0.to_le_bytes());
        bytes.extend(self.number.to_le_bytes());
        for piece in &self.pieces {
            bytes.extend(piece.hash.to_le_bytes());
            bytes.push(piece.weight);
        }
        bytes
    }

    /// From bytes. None where they are not from [`Learned::to_bytes`], or of a format that is not known.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Learned> {
        let (format, rest) = bytes.split_first()?;
        let (bucket, rest) = rest.split_first_chunk::<16>()?;
        let (number, rest) = rest.split_first_chunk::<8>()?;
        let pieces = rest.chunks(PIECE).map(|piece| {
            let (hash, weight) = piece.split_first_chunk::<8>()?;
            let [weight] = *weight else { return None };
            Some(Piece {
                hash: u64::from_le_bytes(*hash),
                weight,
            })
        });
        let pieces: Option<Box<[Piece]>> = pieces.collect();
        (*format == FORMAT).then_some(())?;
        Some(Learned {
            bucket: IssueKey(u128::from_le_bytes(*bucket)),
            number: u64::from_le_bytes(*number),
            pieces: pieces?,
        })
    }
}

/// The key of the issue that a template makes.
pub(crate) fn template_key(bucket: IssueKey, key: u64) -> IssueKey {
    IssueKey::of([&bucket.0.to_le_bytes()[..], &key.to_le_bytes()])
}
