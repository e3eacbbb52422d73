//! The stored form of a snapshot: the answer of the API as it was, compressed.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::LINES;
use crate::kafka::{Around, Ask, Missing, Reason};

/// Text of this kind becomes a tenth with the fastest levels already.
const COMPRESSION_LEVEL: i32 = 3;
/// The most bytes of a snapshot, decompressed.
const MAX_BYTES: usize = 64 << 20;

/// The lines around an error, as they were when it was new.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// The error as the API showed it.
    pub(crate) event: Vec<u8>,
    pub(crate) around: Around,
}

#[derive(Deserialize)]
struct Stored<'a> {
    #[serde(borrow)]
    event: &'a RawValue,
    #[serde(borrow)]
    before: Vec<&'a RawValue>,
    #[serde(borrow)]
    after: Vec<&'a RawValue>,
    complete_before: bool,
    complete_after: bool,
}

impl Snapshot {
    /// Its stored form.
    pub(super) fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let mut text = b"{\"event\":".to_vec();
        text.extend_from_slice(&self.event);
        text.push(b',');
        self.around.push_members(&mut text);
        text.push(b'}');
        zstd::bulk::compress(&text, COMPRESSION_LEVEL)
    }

    /// As much of a stored one as is asked for; `None` when it is damaged.
    pub(crate) fn from_bytes(bytes: &[u8], ask: Ask) -> Option<Snapshot> {
        let size = zstd::zstd_safe::get_frame_content_size(bytes).ok()??;
        let size = usize::try_from(size).ok()?.min(MAX_BYTES);
        let text = zstd::bulk::decompress(bytes, size).ok()?;
        let stored: Stored<'_> = serde_json::from_slice(&text).ok()?;
        let own = |lines: &[&RawValue]| -> Vec<Vec<u8>> {
            let lines = lines.iter();
            lines.map(|line| line.get().as_bytes().to_vec()).collect()
        };
        let nearest = stored.before.len().saturating_sub(ask.before);
        let around = Around {
            before: own(&stored.before[nearest..]),
            after: own(&stored.after[..stored.after.len().min(ask.after)]),
            missing_before: missing(&stored.before, ask.before, stored.complete_before),
            missing_after: missing(&stored.after, ask.after, stored.complete_after),
            scanned: 0,
        };
        Some(Snapshot {
            event: stored.event.get().as_bytes().to_vec(),
            around,
        })
    }
}

/// What is missing where so many lines are asked for.
fn missing(lines: &[&RawValue], asked: usize, is_complete: bool) -> Option<Missing> {
    let are_all = is_complete && lines.len() < LINES;
    if asked <= lines.len() || are_all {
        return None;
    }
    Some(Missing {
        reason: Reason::Deleted,
        lines: None,
        message: format!(
            "Kafka has deleted the records; of these {} lines a copy was kept",
            lines.len()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::Scope;

    fn ask(before: usize, after: usize) -> Ask {
        Ask {
            before,
            after,
            scope: Scope::Instance,
        }
    }

    #[test]
    fn as_much_comes_back_as_is_asked_for_nearest_to_the_error() {
        let line = |number: usize| format!(r#"{{"message":"{number}"}}"#).into_bytes();
        let snapshot = Snapshot {
            event: br#"{"id":"e"}"#.to_vec(),
            around: Around {
                before: (0..LINES).map(line).collect(),
                after: (0..3).map(line).collect(),
                ..Around::default()
            },
        };
        let bytes = snapshot.to_bytes().unwrap();
        let read = |before, after| Snapshot::from_bytes(&bytes, ask(before, after)).unwrap();

        let part = read(2, 1);
        assert_eq!(part.event, snapshot.event);
        assert_eq!(part.around.before, [line(LINES - 2), line(LINES - 1)]);
        assert_eq!(part.around.after, [line(0)]);
        assert!(part.around.missing_before.is_none() && part.around.missing_after.is_none());

        // More lines were asked for than were kept: there may have been more before; after it there were no more.
        let all = read(LINES + 1, LINES + 1);
        assert_eq!(all.around.before.len(), LINES);
        assert!(all.around.missing_before.is_some() && all.around.missing_after.is_none());
        assert!(read(LINES, 0).around.missing_before.is_none());
    }

    #[test]
    fn what_was_missing_stays_missing() {
        let snapshot = Snapshot {
            event: b"{}".to_vec(),
            around: Around {
                before: vec![b"{}".to_vec()],
                missing_before: Some(Reason::Deleted.into()),
                ..Around::default()
            },
        };
        let bytes = snapshot.to_bytes().unwrap();
        let read = |before| Snapshot::from_bytes(&bytes, ask(before, 5)).unwrap().around;
        assert!(read(1).missing_before.is_none());
        assert!(read(2).missing_before.is_some() && read(2).missing_after.is_none());
        assert!(Snapshot::from_bytes(&bytes[..bytes.len() / 2], ask(1, 1)).is_none());
    }
}
