//! How far a JSON string's bytes stand for themselves: nearly all that is read of a record are strings.

/// How many bytes stand as they are inside a JSON string: up to a quote, a backslash or a control character.
#[inline(always)]
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let mut rest = bytes;
    while let Some((chunk, behind)) = rest.split_first_chunk::<8>() {
        // Eight bytes at once: a byte's high bit is set where it is less than 0x20, or equal to one of the two. The
        // lowest set bit is exact, those above it may be carried over.
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * u64::from(b'"'));
        let backslash = word ^ (ONES * u64::from(b'\\'));
        let found = (word.wrapping_sub(ONES * 0x20) & !word)
            | (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash);
        let found = found & HIGHS;
        if found != 0 {
            return bytes.len() - rest.len() + found.trailing_zeros() as usize / 8;
        }
        rest = behind;
    }
    bytes.len() - rest.len() + plain_length_of_few(rest)
}

/// The same at the end of a text.
#[cold]
fn plain_length_of_few(bytes: &[u8]) -> usize {
    let is_plain = |byte: &&u8| **byte >= 0x20 && **byte != b'"' && **byte != b'\\';
    bytes.iter().take_while(is_plain).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_plain(byte: &u8) -> bool {
        *byte >= 0x20 && *byte != b'"' && *byte != b'\\'
    }

    #[test]
    fn every_byte_is_known_at_every_place() {
        for byte in 0..=u8::MAX {
            for at in 0..40 {
                let mut text = [b'a'; 40];
                text[at] = byte;
                let expected = if is_plain(&byte) { 40 } else { at };
                assert_eq!(plain_length(&text), expected, "{byte}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_length_is_that_of_looking_at_each_byte(
            bytes in prop::collection::vec(prop_oneof![
                40 => any::<u8>(),
                2 => prop::sample::select(&b"\"\\\x1f\x20\x7f\x80\xff\n"[..]),
                100 => b'a'..=b'z',
            ], 0..80),
        ) {
            let expected = bytes.iter().take_while(|byte| is_plain(byte)).count();
            prop_assert_eq!(plain_length(&bytes), expected);
        }
    }
}
