//! A block's bytes, compressed: one zstd frame, or several for a large block, which two threads make at the same time. Frames
//! one after the other decompress to the whole.

use std::io;

use zstd::zstd_safe;

use crate::halves::in_halves;

/// Fast, and half the size of what the fastest compressors leave.
const COMPRESSION_LEVEL: i32 = 1;
/// From so many bytes on (1 ms of compressing) a second thread helps.
const LARGE_BLOCK: usize = 256 << 10;
/// A frame of a large block has no more.
const PIECE: usize = 128 << 10;
/// No segment of the store comes near it: a larger one is damaged.
const MAX_SEGMENT_BYTES: usize = 256 << 20;

/// Compresses these parts as one.
pub(super) fn compress(parts: &[&[u8]]) -> io::Result<Vec<u8>> {
    if parts.iter().map(|part| part.len()).sum::<usize>() < LARGE_BLOCK {
        return zstd::bulk::compress(&parts.concat(), COMPRESSION_LEVEL);
    }
    let pieces: Vec<&[u8]> = parts.iter().flat_map(|part| part.chunks(PIECE)).collect();
    let (first, second) = in_halves(&pieces, frames);
    let mut frames = first?;
    frames.append(&mut second?);
    Ok(frames)
}

/// A frame of each piece.
fn frames(pieces: &[&[u8]]) -> io::Result<Vec<u8>> {
    let mut compressor = zstd::bulk::Compressor::new(COMPRESSION_LEVEL)?;
    let mut frames = Vec::new();
    for piece in pieces {
        frames.append(&mut compressor.compress(piece)?);
    }
    Ok(frames)
}

pub(super) fn decompress(frames: &[u8]) -> io::Result<Vec<u8>> {
    zstd::bulk::decompress(frames, size_of_content(frames))
}

/// How much it takes decompressed, as the frames' headers say, within reason.
fn size_of_content(mut frames: &[u8]) -> usize {
    let mut size: usize = 0;
    while !frames.is_empty() {
        let content = zstd_safe::get_frame_content_size(frames).ok().flatten();
        let content = content.and_then(|content| usize::try_from(content).ok());
        size = size.saturating_add(content.unwrap_or(MAX_SEGMENT_BYTES));
        match zstd_safe::find_frame_compressed_size(frames) {
            Ok(length) => frames = frames.get(length..).unwrap_or_default(),
            Err(_) => break,
        }
    }
    size.min(MAX_SEGMENT_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_compressed_is_there_again_whether_one_thread_did_it_or_two() {
        for length in [0, 1, LARGE_BLOCK - 1, LARGE_BLOCK, 3 * LARGE_BLOCK + 1] {
            let bytes: Vec<u8> = (0..length).map(|at| (at / 7 % 251) as u8).collect();
            let frames = compress(&[&bytes]).unwrap();
            assert!(frames.len() <= length / 2 + 20, "{length}");
            assert_eq!(decompress(&frames).unwrap(), bytes, "{length}");
        }
    }

    #[test]
    fn a_damaged_block_is_refused() {
        let bytes = vec![7; 2 * LARGE_BLOCK];
        let frames = compress(&[&bytes]).unwrap();
        for length in [1, frames.len() / 2 + 1, frames.len() - 1] {
            assert!(decompress(&frames[..length]).is_err(), "{length}");
        }
        assert!(decompress(b"no frame at all").is_err());
    }
}
