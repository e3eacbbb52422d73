//! Errors that the broker did not take, on disk until it does: an append-only file, bounded in bytes, replayed in
//! order. The records keep their `(instance, seq)`, so a reader recognises one that arrives twice.
//!
//! The file begins with [`MAGIC`]; then come frames: length of the body and CRC-32 of the body (both `u32`, little
//! endian), then the body: severity (one byte, its index), timestamp (`i64`, little endian, microseconds), the record.
//! A file that ends in the middle of a frame, as after a crash, is valid up to that frame. When everything is
//! delivered the file is emptied.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use log_record::Severity;

use crate::frame::{self, Spooled};
use crate::pipeline::Pipeline;
use crate::producer::{Flight, Producer, Topic};
use crate::window::{ReturnedRecord, Window};

/// First bytes of the file: name and version of the format.
const MAGIC: [u8; 8] = *b"tkspool\x01";

/// Bytes replayed at a time.
const PORTION: usize = 256 * 1024;

/// Pause after a portion that was not delivered.
const RETRY: Duration = Duration::from_secs(1);

/// An open spool file. Locked: two processes must not share one.
#[derive(Debug)]
pub(crate) struct Spool {
    file: File,
    max_bytes: u64,
    /// Where the next frame goes.
    end: u64,
    /// Up to where everything is delivered.
    delivered_to: u64,
    /// Frames from here on are of this process.
    own_from: u64,
    portion: Option<Portion>,
    window: Window,
    next_try: Option<Instant>,
}

/// Frames that are on their way.
#[derive(Debug)]
struct Portion {
    end: u64,
    /// Records of this process in it, by severity.
    own: [u64; Severity::COUNT],
    failed: bool,
}

impl Spool {
    /// Opens or creates the file, with its directory, and drops what a crash has left half written.
    pub(crate) fn open(path: &Path, max_bytes: u64) -> io::Result<Spool> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(
                io::ErrorKind::ResourceBusy,
                "another process uses this spool",
            ),
            TryLockError::Error(error) => error,
        })?;
        let start = MAGIC.len() as u64;
        let len = file.metadata()?.len();
        if len < start {
            // New, or created by a process that ended before it could write this.
            file.set_len(0)?;
            frame::write_at(&file, 0, &MAGIC)?;
        } else if frame::read_at(&file, 0, MAGIC.len())? != MAGIC {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not a spool file",
            ));
        }
        let end = frame::end_of_valid(&file, start)?;
        file.set_len(end)?;
        Ok(Spool {
            file,
            max_bytes,
            end,
            delivered_to: start,
            own_from: end,
            portion: None,
            window: Window::default(),
            next_try: None,
        })
    }

    /// Appends a record. Whether it is kept: not when the file is full or the disk refuses.
    pub(crate) fn append(&mut self, severity: Severity, record: &ReturnedRecord) -> bool {
        let bytes = frame::encode(severity, record.timestamp, &record.payload);
        let end = self.end + bytes.len() as u64;
        if end > self.max_bytes {
            return false;
        }
        // A frame that is written in part is not counted in `end`, so the next one overwrites it.
        if frame::write_at(&self.file, self.end, &bytes).is_err() {
            return false;
        }
        self.end = end;
        true
    }

    /// Sends the next portion, if there is one and none is on its way.
    pub(crate) fn replay(&mut self, producer: &Producer, now: Instant) {
        let due = self.next_try.is_none_or(|at| now >= at);
        if self.portion.is_some() || self.delivered_to == self.end || !due {
            return;
        }
        let Ok(records) = self.read_portion() else {
            self.next_try = Some(now + RETRY);
            return;
        };
        let mut own = [0; Severity::COUNT];
        let mut end = self.delivered_to;
        let mut refused = Vec::new();
        for (range, record) in records {
            if range.start >= self.own_from {
                own[record.severity.index()] += 1;
            }
            end = range.end;
            let number = self.window.next_number();
            self.window.enter(record.severity, record.payload.len(), 2);
            for topic in [Topic::Logs, Topic::Errors] {
                let sent = producer.send(
                    topic,
                    Flight::Replay(number),
                    record.severity,
                    record.timestamp,
                    &record.payload,
                    false,
                );
                if sent.is_err() {
                    refused.push(number);
                }
            }
        }
        self.next_try = Some(now + RETRY);
        self.portion = Some(Portion {
            end,
            own,
            failed: !refused.is_empty(),
        });
        for number in refused {
            self.window.answer(number, false, None);
        }
        self.drop_refused_portion();
    }

    /// Whether records are on their way.
    pub(crate) fn is_replaying(&self) -> bool {
        self.portion.is_some()
    }

    /// Books the broker's answer to a replayed record.
    pub(crate) fn answer(&mut self, number: u64, delivered: bool, pipeline: &Pipeline) {
        self.window.answer(number, delivered, None);
        if let Some(portion) = &mut self.portion {
            portion.failed |= !delivered;
        }
        if !self.window.is_empty() {
            return;
        }
        let Some(portion) = self.portion.take_if(|portion| !portion.failed) else {
            self.portion = None;
            return;
        };
        for severity in Severity::ALL {
            let count = portion.own[severity.index()];
            // This way round a reader sees such a record in flight for a moment, never twice.
            pipeline.spooled.subtract(severity, count);
            pipeline.delivered.add(severity, count);
        }
        self.delivered_to = portion.end;
        self.next_try = None;
        if self.delivered_to == self.end {
            self.empty();
        }
    }

    /// Asks the disk to keep what was written.
    pub(crate) fn sync(&self) {
        // There is nobody to tell; the records are in the system's cache in any case.
        let _not_synced = self.file.sync_data();
    }

    /// A portion of which nothing is on its way any more, because the producer took nothing.
    fn drop_refused_portion(&mut self) {
        if self.window.is_empty() {
            self.portion = None;
        }
    }

    fn empty(&mut self) {
        let start = MAGIC.len() as u64;
        // If the file cannot be cut now it is overwritten from the start all the same.
        let _kept_its_length = self.file.set_len(start);
        self.end = start;
        self.delivered_to = start;
        self.own_from = start;
    }

    fn read_portion(&self) -> io::Result<Vec<(Range<u64>, Spooled)>> {
        let mut records = Vec::new();
        let mut at = self.delivered_to;
        let mut bytes = 0;
        while at < self.end && bytes < PORTION {
            let Some(record) = frame::read(&self.file, at)? else {
                break;
            };
            let end = at + frame::len_of(&record);
            bytes += record.payload.len();
            records.push((at..end, record));
            at = end;
        }
        Ok(records)
    }
}
