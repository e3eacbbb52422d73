//! One frame of the spool file: bytes to record and back. See `spool` for the format.

use std::fs::File;
use std::io;

#[cfg(unix)]
use std::os::unix::fs::FileExt as _;

use log_record::{Severity, Timestamp};

/// Length and checksum.
const HEADER: usize = 8;
/// Severity and timestamp.
const BODY_HEADER: usize = 9;
/// A longer length is not one.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// A record in the spool.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spooled {
    pub(crate) severity: Severity,
    pub(crate) timestamp: Timestamp,
    pub(crate) payload: Vec<u8>,
}

/// The frame of a record.
pub(crate) fn encode(severity: Severity, timestamp: Timestamp, payload: &[u8]) -> Vec<u8> {
    let body_len = BODY_HEADER + payload.len();
    let mut bytes = Vec::with_capacity(HEADER + body_len);
    // Records are bounded far below 4 GiB.
    bytes.extend_from_slice(&u32::try_from(body_len).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    bytes.push(severity.index() as u8);
    bytes.extend_from_slice(&timestamp.as_micros().to_le_bytes());
    bytes.extend_from_slice(payload);
    let checksum = crc32(&bytes[HEADER..]);
    bytes[4..HEADER].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// How long the frame of this record is.
pub(crate) fn len_of(record: &Spooled) -> u64 {
    (HEADER + BODY_HEADER + record.payload.len()) as u64
}

/// The record of the frame at `at`; `None` if there is no whole and undamaged frame.
pub(crate) fn read(file: &File, at: u64) -> io::Result<Option<Spooled>> {
    let header = read_at(file, at, HEADER)?;
    let (Some(len), Some(checksum)) = (u32_at(&header, 0), u32_at(&header, 4)) else {
        return Ok(None);
    };
    let len = len as usize;
    if !(BODY_HEADER..=MAX_BODY).contains(&len) {
        return Ok(None);
    }
    let body = read_at(file, at + HEADER as u64, len)?;
    if body.len() != len || crc32(&body) != checksum {
        return Ok(None);
    }
    Ok(decode_body(&body))
}

/// Where the frames that begin at `start` cease to be whole and undamaged.
pub(crate) fn end_of_valid(file: &File, start: u64) -> io::Result<u64> {
    let mut at = start;
    while let Some(record) = read(file, at)? {
        at += len_of(&record);
    }
    Ok(at)
}

/// Up to `len` bytes from `at`: fewer where the file ends.
pub(crate) fn read_at(file: &File, at: u64, len: usize) -> io::Result<Vec<u8>> {
    let available = file.metadata()?.len().saturating_sub(at);
    let len = len.min(usize::try_from(available).unwrap_or(usize::MAX));
    let mut bytes = vec![0; len];
    file.read_exact_at(&mut bytes, at)?;
    Ok(bytes)
}

pub(crate) fn write_at(file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
    file.write_all_at(bytes, at)
}

fn decode_body(body: &[u8]) -> Option<Spooled> {
    let (header, payload) = body.split_at_checked(BODY_HEADER)?;
    let (severity, timestamp) = header.split_first()?;
    Some(Spooled {
        severity: *Severity::ALL.get(usize::from(*severity))?,
        timestamp: Timestamp::from_micros(i64::from_le_bytes(timestamp.try_into().ok()?)),
        payload: payload.to_vec(),
    })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// CRC-32 as in zip and Ethernet (reflected polynomial 0xEDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0_u32; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut value = byte as u32;
            let mut bit = 0;
            while bit < 8 {
                value = (value >> 1) ^ (0xEDB8_8320 * (value & 1));
                bit += 1;
            }
            table[byte] = value;
            byte += 1;
        }
        table
    };
    !bytes.iter().fold(!0, |crc, &byte| {
        TABLE[usize::from(crc as u8 ^ byte)] ^ (crc >> 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc_32() {
        // The check value of the CRC catalogue.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_frame_reads_back_and_a_damaged_or_torn_one_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("frames");
        let bytes = encode(Severity::Error, Timestamp::from_micros(77), b"{\"a\":1}");
        std::fs::write(&path, &bytes).unwrap();
        let whole = read(&File::open(&path).unwrap(), 0).unwrap().unwrap();
        assert_eq!(whole.payload, b"{\"a\":1}");
        assert_eq!(whole.severity, Severity::Error);
        assert_eq!(whole.timestamp.as_micros(), 77);
        assert_eq!(len_of(&whole), bytes.len() as u64);
        for damaged_at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[damaged_at] ^= 0x40;
            std::fs::write(&path, &damaged).unwrap();
            assert_eq!(
                read(&File::open(&path).unwrap(), 0).unwrap(),
                None,
                "{damaged_at}"
            );
            std::fs::write(&path, &bytes[..damaged_at]).unwrap();
            assert_eq!(
                read(&File::open(&path).unwrap(), 0).unwrap(),
                None,
                "{damaged_at}"
            );
        }
    }
}
