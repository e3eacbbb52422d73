//! Errors that the broker did not take, on disk until it does: append-only files, bounded in bytes, replayed in order.
//! The records keep their `(instance, seq)`, so a reader recognises one that arrives twice.
//!
//! **Files.** A process writes to the first of `path`, `path.1`, … `path.64` that no living process holds; a lock, which
//! ends with its holder, says which those are. It also adopts the later ones that have records in them, and replays
//! them after its own. A file is emptied when all of it is delivered; an adopted one is then let go. None is removed:
//! another process may just be opening it.
//!
//! **Format.** A file begins with a magic number; then come frames: length of the body and CRC-32 of the body (both
//! `u32`, little endian), then the body: severity (one byte, its index), timestamp (`i64`, little endian, microseconds),
//! the record. A file that ends in the middle of a frame, as after a crash, is valid up to that frame; the rest is cut
//! off and counted as one torn record.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use log_record::Severity;

use crate::frame::Spooled;
use crate::pipeline::Pipeline;
use crate::portion::Portion;
use crate::producer::{Flight, Outcome, Producer, Refusal, Topic};
use crate::spool_file::{IfMissing, SpoolFile};
use crate::window::{ReturnedRecord, Window};

/// How many processes beside the first may use one path at a time.
const SIBLINGS: usize = 64;

/// Pause after a portion that was not delivered.
const RETRY: Duration = Duration::from_secs(1);

/// The files this process holds.
#[derive(Debug)]
pub(crate) struct Spool {
    /// Where this process's records go. What dead processes have left in it comes first.
    own: SpoolFile,
    /// Other files that dead processes have left, in the order of their numbers.
    adopted: VecDeque<SpoolFile>,
    max_bytes: u64,
    /// Records that crashes had left half written in these files.
    torn: u64,
    portion: Option<Portion>,
    window: Window,
    next_try: Option<Instant>,
}

impl Spool {
    /// Finds a file to write to, makes it and its directory if need be, and adopts what dead processes have left.
    pub(crate) fn open(path: &Path, max_bytes: u64) -> io::Result<Spool> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        let (own, number) = open_own(path)?;
        let mut torn = u64::from(own.is_torn());
        let mut adopted = VecDeque::new();
        for number in number + 1..=SIBLINGS {
            // Not there, held by a living process, or not ours to read: nothing to adopt.
            if let Ok(file) = SpoolFile::open(&numbered(path, number), IfMissing::Fail) {
                torn += u64::from(file.is_torn());
                if file.is_waiting() {
                    adopted.push_back(file);
                }
            }
        }
        Ok(Spool {
            own,
            adopted,
            max_bytes,
            torn,
            portion: None,
            window: Window::default(),
            next_try: None,
        })
    }

    /// Records of earlier processes that were half written, and are lost.
    pub(crate) fn torn(&self) -> u64 {
        self.torn
    }

    /// Appends a record. Whether it is kept: not when the file is full or the disk refuses.
    pub(crate) fn append(&mut self, severity: Severity, record: &ReturnedRecord) -> bool {
        self.own.append(severity, record, self.max_bytes)
    }

    /// Sends the next portion, if there is one and none is on its way.
    pub(crate) fn replay(&mut self, producer: &Producer, pipeline: &Pipeline, now: Instant) {
        let due = self.next_try.is_none_or(|at| now >= at);
        if self.portion.is_some() || !due {
            return;
        }
        let (file, is_adopted) = match self.adopted.front() {
            _ if self.own.is_waiting() => (&self.own, false),
            Some(adopted) => (adopted, true),
            None => return,
        };
        self.next_try = Some(now + RETRY);
        // What cannot be read now may be at the next attempt.
        let Ok(records) = file.portion() else { return };
        let Some((last, _)) = records.last() else {
            return;
        };
        let mut portion = Portion::new(is_adopted, last.end, records.len());
        for (range, record) in &records {
            if file.is_own(range.start) {
                portion.own[record.severity.index()] += 1;
            }
        }
        for (_, record) in &records {
            self.send(record, producer, &mut portion);
        }
        self.portion = Some(portion);
        if self.window.is_empty() {
            // The producer took nothing.
            self.settle(pipeline);
        }
    }

    /// Whether records are on their way.
    pub(crate) fn is_replaying(&self) -> bool {
        self.portion.is_some()
    }

    /// Books the broker's answer to a replayed record.
    pub(crate) fn answer(&mut self, number: u64, outcome: Outcome, pipeline: &Pipeline) {
        self.window.answer(number, true, None);
        if let Some(portion) = &mut self.portion {
            portion.note(outcome);
        }
        if self.window.is_empty() {
            self.settle(pipeline);
        }
    }

    /// Books the end of a portion, of which nothing is on its way any more.
    fn settle(&mut self, pipeline: &Pipeline) {
        let Some(portion) = self.portion.take() else {
            return;
        };
        let Some(file) = (match portion.is_adopted {
            false => Some(&mut self.own),
            true => self.adopted.front_mut(),
        }) else {
            return;
        };
        if portion.failed && !portion.unfit {
            // Again, later.
            return;
        }
        self.next_try = None;
        if portion.unfit && portion.records > 1 {
            // Which one it is, and what of the others has arrived, is found out one by one.
            file.be_careful_to(portion.end);
            return;
        }
        portion.book(pipeline);
        file.settled_to(portion.end);
        if portion.is_adopted && !file.is_waiting() {
            self.adopted.pop_front();
        }
    }

    /// Asks the disk to keep what was written.
    pub(crate) fn sync(&self) {
        self.own.sync();
    }

    /// Sends one record to its topics.
    fn send(&mut self, record: &Spooled, producer: &Producer, portion: &mut Portion) {
        let number = self.window.next_number();
        let topics = Topic::of(record.severity);
        self.window
            .enter(record.severity, record.payload.len(), topics.len() as u8);
        for &topic in topics {
            let sent = producer.send(
                topic,
                Flight::Replay(number),
                record.severity,
                record.timestamp,
                &record.payload,
                false,
            );
            if let Err(refusal) = sent {
                portion.note(match refusal {
                    Refusal::Unfit => Outcome::Unfit,
                    Refusal::Full | Refusal::Broken => Outcome::Failed,
                });
                self.window.answer(number, false, None);
            }
        }
    }
}

/// The first file that nobody holds, and its number.
fn open_own(path: &Path) -> io::Result<(SpoolFile, usize)> {
    for number in 0..=SIBLINGS {
        let path = numbered(path, number);
        match SpoolFile::open(&path, IfMissing::Create) {
            Ok(file) => return Ok((file, number)),
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {}
            // Whoever named the path should know. A sibling's name nobody has chosen: it is left to whom it belongs.
            Err(error) if error.kind() == io::ErrorKind::InvalidData && number > 0 => {}
            Err(error) if number > 0 => {
                let text = format!("sibling {}: {error}", path.display());
                return Err(io::Error::new(error.kind(), text));
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::ResourceBusy,
        format!("it and its {SIBLINGS} siblings (.1 to .{SIBLINGS}) are in use by other processes"),
    ))
}

/// `path` for zero, else `path.1` and so on.
fn numbered(path: &Path, number: usize) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use log_record::Timestamp;

    fn append(spool: &mut Spool, text: &str) -> bool {
        let record = ReturnedRecord {
            timestamp: Timestamp::from_micros(77),
            payload: text.as_bytes().to_vec(),
        };
        spool.append(Severity::Error, &record)
    }

    fn texts(file: &SpoolFile) -> Vec<String> {
        let records = file.portion().unwrap();
        let texts = records.into_iter().map(|(_, record)| record.payload);
        texts.map(|text| String::from_utf8(text).unwrap()).collect()
    }

    #[test]
    fn a_file_cut_at_any_byte_gives_every_whole_frame_and_counts_the_torn_one_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("spool");
        let all = ["first", "the second", "third"];
        let mut spool = Spool::open(&path, 1_000).unwrap();
        let mut ends = vec![0, 8];
        for text in all {
            assert!(append(&mut spool, text));
            ends.push(usize::try_from(fs::metadata(&path).unwrap().len()).unwrap());
        }
        drop(spool);
        let bytes = fs::read(&path).unwrap();
        for cut in 0..=bytes.len() {
            fs::write(&path, &bytes[..cut]).unwrap();
            let whole = ends[2..].iter().filter(|&&end| end <= cut).count();
            let spool = Spool::open(&path, 1_000).unwrap();
            assert_eq!(texts(&spool.own), all[..whole], "{cut}");
            let is_torn = cut > 8 && !ends.contains(&cut);
            assert_eq!(spool.torn(), u64::from(is_torn), "{cut}");
            drop(spool);
            let again = Spool::open(&path, 1_000).unwrap();
            assert_eq!(texts(&again.own), all[..whole], "{cut}");
            assert_eq!(again.torn(), 0, "{cut}");
        }
    }

    #[test]
    fn a_file_may_grow_to_its_bound_and_not_by_one_byte_more() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("spool");
        let mut spool = Spool::open(&path, 1_000).unwrap();
        assert!(append(&mut spool, "0123456789") && append(&mut spool, "0123456789"));
        drop(spool);
        let exact = fs::metadata(&path).unwrap().len();
        for (max_bytes, fits) in [(exact - 1, false), (exact, true), (exact + 1, true)] {
            fs::remove_file(&path).unwrap();
            let mut spool = Spool::open(&path, max_bytes).unwrap();
            assert!(append(&mut spool, "0123456789"));
            assert_eq!(append(&mut spool, "0123456789"), fits, "{max_bytes}");
            assert!(!append(&mut spool, "0123456789"), "{max_bytes}");
            assert!(fs::metadata(&path).unwrap().len() <= max_bytes);
        }
    }

    #[test]
    fn every_holder_of_a_path_has_a_file_of_its_own_and_the_next_adopts_what_they_leave() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("spool");
        let mut held: Vec<Spool> = (0..=SIBLINGS)
            .map(|_| Spool::open(&path, 1_000).unwrap())
            .collect();
        let error = Spool::open(&path, 1_000).unwrap_err().to_string();
        assert!(error.contains("64 siblings (.1 to .64)"), "{error}");

        for number in [0, 2, 64] {
            assert!(append(&mut held[number], &format!("of {number}")));
        }
        let alive = held.swap_remove(2);
        drop(held);
        let next = Spool::open(&path, 1_000).unwrap();
        assert_eq!(texts(&next.own), ["of 0"]);
        assert!(!next.own.is_own(8), "an earlier process's");
        let adopted: Vec<_> = next.adopted.iter().flat_map(texts).collect();
        assert_eq!(adopted, ["of 64"], "the file of {alive:?} is not touched");
        drop(alive);
        // What is adopted is held.
        let third = Spool::open(&path, 1_000).unwrap();
        let adopted: Vec<_> = third.adopted.iter().flat_map(texts).collect();
        assert_eq!(
            (texts(&third.own).len(), adopted),
            (0, vec!["of 2".to_owned()])
        );
    }

    #[test]
    fn a_sibling_that_is_no_spool_is_passed_over_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("spool");
        let diary = numbered(&path, 1);
        fs::write(&diary, "dear").unwrap();
        let _first = Spool::open(&path, 1_000).unwrap();
        let _second = Spool::open(&path, 1_000).unwrap();
        assert!(numbered(&path, 2).exists());
        assert_eq!(fs::read(&diary).unwrap(), b"dear");
    }
}
