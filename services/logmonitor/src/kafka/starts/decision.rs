//! From where a partition is read: pure decisions, from what the archive, the group and the broker say.

use log_record::Timestamp;

use crate::archive::GapCause;

/// An offset the group has committed, and who did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Committed {
    pub(super) offset: i64,
    /// Whether it was this archive's process. Another may have read the partition in between.
    pub(super) is_ours: bool,
}

/// The offset from which a partition is to be read; `None` is the earliest there is.
///
/// | archive | group | start |
/// |---|---|---|
/// | – | – | earliest |
/// | – | at c | c: another has read up to there |
/// | at a | – | a |
/// | at a | c <= a | a: the commit came too late or not at all |
/// | at a | c > a, another's | c: another has read up to there |
/// | at a | c > a, ours | a: a power cut took the archive back |
pub(super) fn start_of(archived: Option<i64>, committed: Option<Committed>) -> Option<i64> {
    match (archived, committed) {
        (None, None) => None,
        (Some(position), None) => Some(position),
        // Without a position of our own a commit of ours has lost its archive: it must be read again.
        (None, Some(committed)) => (!committed.is_ours).then_some(committed.offset),
        (Some(position), Some(committed)) if committed.is_ours => Some(position),
        (Some(position), Some(committed)) => Some(position.max(committed.offset)),
    }
}

/// What is known of a partition where reading is about to go on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resumption {
    /// Offset of the next record to read.
    pub(super) position: i64,
    /// Kafka timestamp of the record before it, if it is known.
    pub(super) last_read: Option<Timestamp>,
    /// Offsets of the first record there is, and after the last.
    pub(super) low: i64,
    pub(super) high: i64,
    /// Timestamp of the record that stands before `position` now.
    pub(super) before: Option<Timestamp>,
    /// Offset of the first record that is newer than the last one read, `high` where none is; if it was asked for.
    pub(super) newer: Option<i64>,
}

impl Resumption {
    /// Whether what was read last does not stand there any more, and something else may.
    pub(super) fn is_other(&self) -> bool {
        let stands = self.last_read.zip(self.before);
        self.position > self.high || stands.is_some_and(|(read, stands)| read != stands)
    }
}

/// Where reading goes on if not at the position, and why.
pub(super) fn detour(resumption: &Resumption) -> Option<(i64, GapCause)> {
    let &Resumption {
        position,
        low,
        newer,
        ..
    } = resumption;
    if resumption.is_other() {
        // Records as old as what was read are what is left of it. A topic that is new has none.
        let is_left = newer.filter(|&newer| newer > low);
        return Some(match is_left {
            Some(newer) => (newer, GapCause::Truncated),
            None => (low, GapCause::Recreated),
        });
    }
    (position < low).then_some((low, GapCause::Deleted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_archive_decides_unless_another_has_read_further() {
        let by = |is_ours| move |offset| Some(Committed { offset, is_ours });
        let (ours, others) = (by(true), by(false));
        for (archived, committed, start) in [
            (None, None, None),
            (None, others(7), Some(7)),
            (None, ours(7), None),
            (Some(5), None, Some(5)),
            (Some(5), others(3), Some(5)),
            (Some(5), others(9), Some(9)),
            (Some(5), ours(3), Some(5)),
            (Some(5), ours(9), Some(5)),
        ] {
            assert_eq!(
                start_of(archived, committed),
                start,
                "{archived:?} {committed:?}"
            );
        }
    }

    #[test]
    fn what_the_broker_has_decides_whether_reading_can_go_on() {
        let at = |millis| Some(Timestamp::from_millis(millis));
        let usual = Resumption {
            position: 50,
            last_read: at(1_000),
            low: 10,
            high: 90,
            before: at(1_000),
            newer: None,
        };
        assert_eq!(detour(&usual), None);
        assert_eq!(
            detour(&Resumption {
                position: 10,
                before: None,
                ..usual
            }),
            None
        );
        assert_eq!(detour(&Resumption { high: 50, ..usual }), None);
        let deleted = Resumption {
            low: 60,
            before: None,
            ..usual
        };
        assert_eq!(detour(&deleted), Some((60, GapCause::Deleted)));
        let truncated = Resumption {
            high: 40,
            before: None,
            newer: Some(40),
            ..usual
        };
        assert_eq!(detour(&truncated), Some((40, GapCause::Truncated)));
        let and_more = Resumption {
            newer: Some(30),
            ..truncated
        };
        assert_eq!(detour(&and_more), Some((30, GapCause::Truncated)));
        let and_grown_past = Resumption {
            high: 90,
            before: at(3_000),
            ..and_more
        };
        assert_eq!(detour(&and_grown_past), Some((30, GapCause::Truncated)));
        let not_known = Resumption {
            newer: None,
            ..truncated
        };
        assert_eq!(detour(&not_known), Some((10, GapCause::Recreated)));
        let recreated = Resumption {
            low: 0,
            high: 40,
            before: None,
            newer: Some(0),
            ..usual
        };
        assert_eq!(detour(&recreated), Some((0, GapCause::Recreated)));
        let empty = Resumption {
            low: 0,
            high: 0,
            before: None,
            newer: Some(0),
            ..usual
        };
        assert_eq!(detour(&empty), Some((0, GapCause::Recreated)));
        let grown_past = Resumption {
            low: 0,
            before: at(3_000),
            newer: Some(0),
            ..usual
        };
        assert_eq!(detour(&grown_past), Some((0, GapCause::Recreated)));
    }
}
