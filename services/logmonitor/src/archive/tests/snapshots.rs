//! Copies of the lines around errors: the newest are kept.

use super::*;
use crate::archive::StoredSnapshot;
use crate::issues::IssueKey;
use crate::snapshots::TAKEN_TO;

fn snapshot(number: i64, bytes: usize) -> StoredSnapshot {
    StoredSnapshot {
        event: format!("e{number}"),
        issue: IssueKey(number as u128 % 2),
        taken_at: Timestamp::from_micros(number),
        bytes: vec![7; bytes],
    }
}

#[test]
fn the_oldest_snapshots_leave_when_there_is_no_room() {
    let directory = TempDir::new().unwrap();
    let limits = ArchiveLimits {
        max_bytes: 16_000,
        ..archive_limits()
    };
    let archive = Archive::open(directory.path(), limits).unwrap();
    // A sixteenth of the archive is for them.
    for number in 0..10 {
        archive
            .keep_snapshot(number, Some(&snapshot(number, 250)))
            .unwrap();
    }
    archive.keep_snapshot(10, None).unwrap();
    let held = |number| archive.snapshot(&format!("e{number}")).unwrap();
    assert!((0..6).all(|number| held(number).is_none()));
    let expected = |number| Some((Timestamp::from_micros(number), vec![7; 250]));
    assert!((6..10).all(|number| held(number) == expected(number)));
    assert_eq!(archive.fact(TAKEN_TO).unwrap().as_deref(), Some("10"));

    let of = |issues: &[IssueKey], limit| {
        let found = archive.snapshots_of(issues, limit).unwrap();
        found.into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(of(&[IssueKey(0)], 10), ["e8", "e6"]);
    assert_eq!(of(&[IssueKey(0), IssueKey(1)], 3), ["e9", "e8", "e7"]);

    // One of the same error takes the place of the older one.
    archive.keep_snapshot(11, Some(&snapshot(7, 100))).unwrap();
    assert_eq!(of(&[IssueKey(1)], 10), ["e9", "e7"]);
    assert_eq!(held(7), Some((Timestamp::from_micros(7), vec![7; 100])));
}
