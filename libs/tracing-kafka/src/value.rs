//! One value of a field, written as JSON. Foreign `Debug` and `Display` code runs here and nowhere else, guarded.

use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use log_record::json;

/// Stands for a value whose `Debug` or `Display` panicked.
const PANICKED: &str = "<panicked while formatting>";

/// Appends what `value` formats as, escaped and without quotes, at most `limit` bytes of it. Whether it was cut.
///
/// A panic in the formatting leaves no trace but a note in place of the value.
#[inline]
pub(crate) fn push_formatted(out: &mut Vec<u8>, limit: usize, value: fmt::Arguments<'_>) -> bool {
    let start = out.len();
    let mut text = EscapedText {
        out,
        left: limit,
        cut: false,
    };
    let formatted = catch_unwind(AssertUnwindSafe(|| {
        // An error of the formatting itself leaves what it wrote so far: better than nothing.
        let _incomplete = text.write_fmt(value);
        text.cut
    }));
    formatted.unwrap_or_else(|_| {
        out.truncate(start);
        json::push_escaped(out, PANICKED);
        false
    })
}

/// Appends `text`, escaped and without quotes, at most `limit` bytes of it. Whether it was cut.
#[inline]
pub(crate) fn push_text(out: &mut Vec<u8>, limit: usize, text: &str) -> bool {
    if text.len() <= limit {
        if is_clean(text) {
            out.extend_from_slice(text.as_bytes());
        } else {
            json::push_escaped(out, text);
        }
        return false;
    }
    json::push_escaped(out, &text[..text.floor_char_boundary(limit)]);
    true
}

/// Appends a float as [`json::push_f64`] does; fast for what people log, which has few decimals.
#[inline]
pub(crate) fn push_float(out: &mut Vec<u8>, number: f64) {
    /// Six decimals: seconds down to the microsecond, milliseconds to the nanosecond.
    const SCALE: f64 = 1e6;
    /// Up to here neighbouring floats are closer than neighbouring numbers of six decimals, so that at most one
    /// such number reads back as the float: the shortest, once its trailing zeros are gone.
    const LARGEST: f64 = (1_u64 << 50) as f64;
    let scaled = (number.abs() * SCALE).round();
    // Smaller ones are written with an exponent.
    let is_plain = number == 0.0 || number.abs() >= 1e-4;
    let has_few_decimals = scaled < LARGEST && scaled / SCALE == number.abs();
    if !(is_plain && has_few_decimals) {
        json::push_f64(out, number);
        return;
    }
    if number.is_sign_negative() {
        out.push(b'-');
    }
    let scaled = scaled as u64;
    json::push_u64(out, scaled / 1_000_000);
    out.push(b'.');
    let mut decimals = scaled % 1_000_000;
    let mut unit = 100_000;
    loop {
        out.push(b'0' + (decimals / unit) as u8);
        decimals %= unit;
        unit /= 10;
        if decimals == 0 {
            break;
        }
    }
}

/// Appends a field's name as a JSON key with its colon; `r#type` is `type`.
#[inline]
pub(crate) fn push_key(out: &mut Vec<u8>, name: &str) {
    out.push(b'"');
    push_text(out, usize::MAX, plain_name(name));
    out.extend_from_slice(b"\":");
}

/// Whether `text` stands as it is in a JSON string. Looks at all of it without branching, which is many bytes at a
/// time; most texts are clean.
#[inline]
fn is_clean(text: &str) -> bool {
    text.bytes().fold(true, |clean, byte| {
        clean & (byte >= 0x20) & (byte != b'"') & (byte != b'\\')
    })
}

/// A field's name without the `r#` of a raw identifier.
#[inline]
pub(crate) fn plain_name(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// Takes text in pieces, escapes it, and discards what goes beyond the limit.
struct EscapedText<'a> {
    out: &'a mut Vec<u8>,
    left: usize,
    cut: bool,
}

impl fmt::Write for EscapedText<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Not an error beyond the limit: some `Debug` unwraps the result of its writes.
        let cut = push_text(self.out, self.left, text);
        self.cut |= cut;
        self.left = if cut { 0 } else { self.left - text.len() };
        Ok(())
    }
}

/// Text that is short if it is what is looked for (a level, a trace id): formatted without allocating.
#[derive(Debug)]
pub(crate) struct ShortText {
    bytes: [u8; ShortText::CAPACITY],
    len: usize,
    fits: bool,
}

impl ShortText {
    const CAPACITY: usize = 64;

    /// What `value` formats as, or `None` when that is longer than 64 bytes or panics.
    pub(crate) fn formatted(value: fmt::Arguments<'_>) -> Option<ShortText> {
        let mut text = ShortText {
            bytes: [0; ShortText::CAPACITY],
            len: 0,
            fits: true,
        };
        let formatted = catch_unwind(AssertUnwindSafe(|| text.write_fmt(value)));
        (matches!(formatted, Ok(Ok(()))) && text.fits).then_some(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl fmt::Write for ShortText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        if let Some(place) = self.bytes.get_mut(self.len..end) {
            place.copy_from_slice(text.as_bytes());
            self.len = end;
        } else {
            self.fits = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_is_written_the_same_on_the_fast_way() {
        let written = |write: fn(&mut Vec<u8>, f64), number| {
            let mut out = Vec::new();
            write(&mut out, number);
            String::from_utf8(out).unwrap()
        };
        let mut numbers = vec![
            0.0,
            -0.0,
            1e-7,
            1e9,
            1.2e9,
            1e300,
            0.1 + 0.2,
            f64::NAN,
            f64::NEG_INFINITY,
        ];
        numbers.extend([
            f64::MIN_POSITIVE,
            0.000_001,
            999_999.999_999,
            1_125_899_906.842_624,
        ]);
        // A cheap pseudo-random walk over numbers of few and of many decimals.
        let mut state = 88_172_645_463_325_252_u64;
        for _ in 0..200_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            numbers.push((state % 2_000_000_000) as f64 / 10_f64.powi((state >> 40) as i32 % 9));
            numbers.push(-f64::from_bits(state));
        }
        for number in numbers {
            assert_eq!(written(push_float, number), written(json::push_f64, number));
        }
    }
}
