//! Writing JSON into a byte buffer without allocating: what the layer's hot path and the encoder share.

use std::io::Write as _;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// For each byte: 0 where it stands as it is inside a JSON string, else the letter after the backslash
/// (`u` for a `\u00XX` escape).
const ESCAPE: [u8; 256] = {
    let mut table = [0_u8; 256];
    let mut control = 0;
    while control < 0x20 {
        table[control] = b'u';
        control += 1;
    }
    table[0x08] = b'b';
    table[0x09] = b't';
    table[0x0a] = b'n';
    table[0x0c] = b'f';
    table[0x0d] = b'r';
    table[b'"' as usize] = b'"';
    table[b'\\' as usize] = b'\\';
    table
};

/// Appends `text` as a JSON string, quotes included.
#[inline]
pub fn push_str(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    push_escaped(out, text);
    out.push(b'"');
}

/// Appends `text` with JSON's escapes and no quotes, so that a string can be written in pieces.
#[inline]
pub fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut clean_from = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let escape = ESCAPE[usize::from(byte)];
        if escape == 0 {
            continue;
        }
        out.extend_from_slice(&bytes[clean_from..at]);
        clean_from = at + 1;
        if escape == b'u' {
            let [high, low] = hex_pair(byte);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        } else {
            out.extend_from_slice(&[b'\\', escape]);
        }
    }
    out.extend_from_slice(&bytes[clean_from..]);
}

/// Appends an unsigned integer.
#[inline]
pub fn push_u64(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0_u8; 20];
    let mut from = digits.len();
    loop {
        from -= 1;
        digits[from] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[from..]);
}

/// Appends a signed integer.
#[inline]
pub fn push_i64(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    push_u64(out, number.unsigned_abs());
}

/// Appends a float: the shortest text that reads back as the same value; NaN and the infinities, which JSON
/// has no numbers for, become the strings `"NaN"`, `"inf"` and `"-inf"`.
pub fn push_f64(out: &mut Vec<u8>, number: f64) {
    if number.is_finite() {
        // Debug writes whole floats with `.0` and large ones with an exponent, as JSON wants.
        // Writing into a Vec cannot fail.
        write!(out, "{number:?}").ok();
    } else {
        write!(out, "\"{number}\"").ok();
    }
}

/// Appends bytes as a string of lower-case hex, quotes included.
pub fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for &byte in bytes {
        out.extend_from_slice(&hex_pair(byte));
    }
    out.push(b'"');
}

/// The two lower-case hex digits of a byte.
#[inline]
const fn hex_pair(byte: u8) -> [u8; 2] {
    [HEX[(byte >> 4) as usize], HEX[(byte & 0xf) as usize]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn non_finite_floats_are_strings() {
        assert_eq!(written(|out| push_f64(out, f64::NAN)), "\"NaN\"");
        assert_eq!(written(|out| push_f64(out, f64::INFINITY)), "\"inf\"");
        assert_eq!(written(|out| push_f64(out, f64::NEG_INFINITY)), "\"-inf\"");
    }

    #[test]
    fn bytes_are_lower_case_hex() {
        assert_eq!(
            written(|out| push_hex(out, &[0x00, 0xff, 0x1a])),
            "\"00ff1a\""
        );
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(
            written(|out| push_str(out, "a\"b\\c\n\u{1}é")),
            "\"a\\\"b\\\\c\\n\\u0001é\""
        );
    }

    proptest! {
        #[test]
        fn every_string_reads_back(text in any::<String>()) {
            let json = written(|out| push_str(out, &text));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }

        #[test]
        fn every_number_reads_back(signed in any::<i64>(), unsigned in any::<u64>(), float in any::<f64>()) {
            prop_assert_eq!(serde_json::from_str::<i64>(&written(|out| push_i64(out, signed))).unwrap(), signed);
            prop_assert_eq!(serde_json::from_str::<u64>(&written(|out| push_u64(out, unsigned))).unwrap(), unsigned);
            // Read by the standard library, which is exact; serde_json may be off by one unit in the last place.
            if float.is_finite() {
                prop_assert_eq!(written(|out| push_f64(out, float)).parse::<f64>().unwrap(), float);
            }
        }
    }
}
