//! What is too old or too much leaves, and nothing else.

use super::*;

fn write(monitor: &Monitor, seqs: std::ops::Range<u64>) {
    let first = seqs.start as i64;
    let records: Vec<Vec<u8>> = seqs.map(noisy).collect();
    let payloads: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    monitor.read(ERRORS, first, &payloads).unwrap();
}

/// Text that does not compress well, so that bytes on disk grow.
fn noisy(seq: u64) -> Vec<u8> {
    let mut state = seq.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let noise: String = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        format!("{state:016x}")
    })
    .take(30)
    .collect();
    format!(
        r#"{{"timestamp":"{}","level":"ERROR","service":"booking","instance":"{:032x}","seq":{seq},"message":"{noise}"}}"#,
        now(),
        7
    )
    .into_bytes()
}

fn arrivals(monitor: &Monitor) -> (u64, u64) {
    let blocks = monitor
        .archive
        .blocks(u64::MAX, i64::MIN, i64::MAX)
        .unwrap();
    let (newest, oldest) = (blocks.first().unwrap(), blocks.last().unwrap());
    (oldest.arrival, newest.arrival + newest.records)
}

fn disk_bytes(directory: &TempDir) -> u64 {
    let entries = std::fs::read_dir(directory.path()).unwrap();
    let sizes = entries.map(|entry| entry.unwrap().metadata().unwrap().len());
    sizes.sum()
}

#[test]
fn the_oldest_leave_when_the_bytes_on_disk_are_too_many() {
    let directory = TempDir::new().unwrap();
    let limits = ArchiveLimits {
        max_bytes: 32 << 20,
        ..archive_limits()
    };
    let monitor = Monitor::with(&directory, limits, 1 << 30);
    for round in 0..60 {
        write(&monitor, round * 4_000..(round + 1) * 4_000);
        let first = monitor.archive.retain(i64::MIN).unwrap();
        monitor.store.evict_before(first);
        let bytes = disk_bytes(&directory);
        assert!(bytes <= (32 << 20) * 110 / 100, "{bytes} in round {round}");
    }
    let (first, next) = arrivals(&monitor);
    assert!(first > 0);
    assert_eq!(next, 240_000);
    // Not more than necessary is gone.
    let bytes = disk_bytes(&directory);
    assert!(bytes >= (32 << 20) * 80 / 100, "{bytes}");
    // The store follows: what is shown is kept.
    assert!(monitor.store.size().records <= next - first + 8_192);
}

#[test]
fn the_oldest_leave_when_the_records_are_too_many() {
    let directory = TempDir::new().unwrap();
    let limits = ArchiveLimits {
        max_records: Some(1_000),
        ..archive_limits()
    };
    let monitor = Monitor::with(&directory, limits, 1 << 30);
    for round in 0..15 {
        write(&monitor, round * 100..(round + 1) * 100);
    }
    monitor.archive.retain(i64::MIN).unwrap();
    assert_eq!(arrivals(&monitor), (500, 1_500));
}

#[test]
fn the_oldest_leave_when_they_are_too_old_but_numbers_go_on() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    write(&monitor, 0..100);
    write(&monitor, 100..200);
    monitor.archive.retain(now().as_micros()).unwrap();
    assert_eq!(arrivals(&monitor), (0, 200));
    monitor.archive.retain(now().as_micros() + 1).unwrap();
    assert_eq!(arrivals(&monitor), (100, 200));
    assert_eq!(monitor.archive.counts(i64::MIN).unwrap(), []);
    assert_eq!(monitor.archive.next_arrival().unwrap(), 200);
}

#[test]
fn the_oldest_leave_the_quarantine_when_it_is_full() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    let large = [b"{".as_slice(), &[b'x'; 2_000]].concat();
    for offset in 0..10 {
        monitor.read(LOGS, offset, &[&large]).unwrap();
    }
    // 2,257 bytes each, of 10,000.
    let kept = monitor.archive.quarantine(i64::MAX, 100).unwrap();
    let offsets: Vec<i64> = kept.iter().map(|record| record.offset).collect();
    assert_eq!(offsets, [9, 8, 7, 6]);
    let totals = monitor.pipeline.counters().totals();
    assert_eq!((totals.quarantined(), totals.quarantine_evicted), (10, 6));
    drop(monitor);
    let after = Monitor::start(&directory);
    assert_eq!(after.pipeline.counters().totals(), totals);
}
