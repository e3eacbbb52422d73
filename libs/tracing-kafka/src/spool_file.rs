//! One file of the spool, held by its lock: its header, its frames, what of it is delivered. Which files a process
//! holds is said in `spool`.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::ops::Range;
use std::path::Path;

use log_record::Severity;

use crate::frame::{self, Spooled};
use crate::window::ReturnedRecord;

/// First bytes of the file: name and version of the format.
const MAGIC: [u8; 8] = *b"tkspool\x01";

/// Where the first frame stands.
pub(crate) const START: u64 = MAGIC.len() as u64;

/// Bytes replayed at a time.
const PORTION: usize = 256 * 1024;

/// Whether a file that is not there is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfMissing {
    Create,
    Fail,
}

/// An open spool file. The lock goes with it, and with the process, however that ends.
#[derive(Debug)]
pub(crate) struct SpoolFile {
    file: File,
    /// Where the next frame goes.
    end: u64,
    /// Up to where everything is delivered, or given up.
    settled_to: u64,
    /// Frames from here on are of this process.
    own_from: u64,
    /// Up to here a portion is one record: one that the broker will not take is among them.
    careful_to: u64,
    /// Whether it ended in a part of a frame, as after a crash.
    is_torn: bool,
}

impl SpoolFile {
    /// Opens the file and cuts off what does not belong to a whole frame. `ResourceBusy` when somebody holds it,
    /// `InvalidData` when it is something else, which is left as it is.
    pub(crate) fn open(path: &Path, if_missing: IfMissing) -> io::Result<SpoolFile> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(if_missing == IfMissing::Create)
            .truncate(false)
            .open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(
                io::ErrorKind::ResourceBusy,
                "another process uses this spool",
            ),
            TryLockError::Error(error) => error,
        })?;
        let len = file.metadata()?.len();
        let found = frame::read_at(&file, 0, MAGIC.len())?;
        if !MAGIC.starts_with(&found) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not a spool file",
            ));
        }
        if len < START {
            // New, or made by a process that ended before it could write this.
            frame::write_at(&file, 0, &MAGIC)?;
        }
        let end = frame::end_of_valid(&file, START)?;
        file.set_len(end)?;
        Ok(SpoolFile {
            file,
            end,
            settled_to: START,
            own_from: end,
            careful_to: START,
            is_torn: len > end,
        })
    }

    /// Whether a part of a frame was cut off when the file was opened.
    pub(crate) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Whether frames wait here.
    pub(crate) fn is_waiting(&self) -> bool {
        self.settled_to < self.end
    }

    /// Appends a record. Whether it is kept: not when the file would become longer than this, or the disk refuses.
    pub(crate) fn append(
        &mut self,
        severity: Severity,
        record: &ReturnedRecord,
        max_bytes: u64,
    ) -> bool {
        let bytes = frame::encode(severity, record.timestamp, &record.payload);
        let end = self.end + bytes.len() as u64;
        if end > max_bytes {
            return false;
        }
        if frame::write_at(&self.file, self.end, &bytes).is_err() {
            // It is counted as dropped now, not as torn at the next start. If this fails too, the next frame
            // overwrites it.
            let _left_in_part = self.file.set_len(self.end);
            return false;
        }
        self.end = end;
        true
    }

    /// The next records that are not delivered, and where they stand.
    pub(crate) fn portion(&self) -> io::Result<Vec<(Range<u64>, Spooled)>> {
        let mut records = Vec::new();
        let mut at = self.settled_to;
        let mut bytes = 0;
        let enough = if at < self.careful_to { 1 } else { PORTION };
        while at < self.end && bytes < enough {
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

    /// Makes the portions up to `end` single records.
    pub(crate) fn be_careful_to(&mut self, end: u64) {
        self.careful_to = end;
    }

    /// Whether the frame at this place was appended by this process.
    pub(crate) fn is_own(&self, at: u64) -> bool {
        at >= self.own_from
    }

    /// Books that everything up to `end` is delivered or given up, and empties the file when that is all.
    pub(crate) fn settled_to(&mut self, end: u64) {
        self.settled_to = end;
        if self.is_waiting() {
            return;
        }
        // If the file cannot be cut now it is overwritten from the start all the same.
        let _kept_its_length = self.file.set_len(START);
        self.end = START;
        self.settled_to = START;
        self.own_from = START;
        self.careful_to = START;
    }

    /// Asks the disk to keep what was written.
    pub(crate) fn sync(&self) {
        // There is nobody to tell; the records are in the system's cache in any case.
        let _not_synced = self.file.sync_data();
    }
}
