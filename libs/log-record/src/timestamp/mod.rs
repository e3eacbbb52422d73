//! A moment in microseconds since the Unix epoch, and its text form. Reads no clock but in [`Timestamp::now`].

mod calendar;
mod parse;
mod scanner;

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use calendar::civil_from_days;

/// Microseconds since 1970-01-01T00:00:00 UTC, without leap seconds.
///
/// Text form: RFC 3339 in UTC with exactly six decimals, `2026-11-20T22:15:16.515486Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// 0000-01-01T00:00:00Z, the first moment with a four-digit year.
const MIN_MICROS: i64 = -62_167_219_200 * MICROS_PER_SECOND;
/// 9999-12-31T23:59:59.999999Z, the last moment with a four-digit year.
const MAX_MICROS: i64 = 253_402_300_800 * MICROS_PER_SECOND - 1;

impl Timestamp {
    /// The earliest moment that has a text form: the year 0.
    pub const MIN: Timestamp = Timestamp(MIN_MICROS);
    /// The last moment that has a text form: the end of the year 9999.
    pub const MAX: Timestamp = Timestamp(MAX_MICROS);

    /// The length of the text form in bytes.
    pub const TEXT_LEN: usize = 27;

    /// From microseconds since the epoch, clamped to the years 0..=9999.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Timestamp {
        if micros < MIN_MICROS {
            Timestamp::MIN
        } else if micros > MAX_MICROS {
            Timestamp::MAX
        } else {
            Timestamp(micros)
        }
    }

    /// From milliseconds since the epoch (Kafka's and JavaScript's unit), clamped to the years 0..=9999.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Timestamp {
        Timestamp::from_micros(millis.saturating_mul(1_000))
    }

    /// The system clock, now.
    #[must_use]
    pub fn now() -> Timestamp {
        Timestamp::from(SystemTime::now())
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the epoch, rounded down.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// This moment moved by `micros`, clamped to the years 0..=9999.
    #[must_use]
    pub const fn saturating_add_micros(self, micros: i64) -> Timestamp {
        Timestamp::from_micros(self.0.saturating_add(micros))
    }

    /// The text form as 27 ASCII bytes; no allocation, no locale, no table.
    #[must_use]
    pub fn to_text(self) -> [u8; Timestamp::TEXT_LEN] {
        let days = self.0.div_euclid(MICROS_PER_SECOND * SECONDS_PER_DAY);
        let in_day = self.0.rem_euclid(MICROS_PER_SECOND * SECONDS_PER_DAY);
        let (year, month, day) = civil_from_days(days);
        let micros = in_day % MICROS_PER_SECOND;
        let seconds = in_day / MICROS_PER_SECOND;
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        write_digits(&mut text[0..4], year);
        write_digits(&mut text[5..7], month);
        write_digits(&mut text[8..10], day);
        write_digits(&mut text[11..13], seconds / 3_600);
        write_digits(&mut text[14..16], seconds / 60 % 60);
        write_digits(&mut text[17..19], seconds % 60);
        write_digits(&mut text[20..26], micros);
        text
    }

    /// Reads the forms loggers write: RFC 3339 with `T` or a space, any offset or none (then UTC), a fraction
    /// after `.` or `,` (cut to six digits), and the forms with names of months that mail, web servers and Java
    /// use. `None` when the text is no such date.
    ///
    /// ```
    /// use log_record::Timestamp;
    /// let written = Timestamp::parse("2026-11-20T22:15:16.515486Z").unwrap();
    /// assert_eq!(written, Timestamp::parse("2026-11-20 23:15:16,515486789+01:00").unwrap());
    /// assert_eq!(written.to_string(), "2026-11-20T22:15:16.515486Z");
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Timestamp> {
        Timestamp::parse_local(text, 0)
    }

    /// The same; a date without a zone is meant so many seconds east of Greenwich.
    #[must_use]
    pub fn parse_local(text: &str, utc_offset_seconds: i32) -> Option<Timestamp> {
        if let Some(micros) = text.as_bytes().try_into().ok().and_then(parse::canonical) {
            return Some(Timestamp::from_micros(micros));
        }
        let leading = parse::leading(text.trim(), utc_offset_seconds)?;
        let rest = leading.rest.trim_start();
        let is_whole = rest.is_empty() || (leading.has_zone && parse::is_name_of_zone(rest));
        is_whole.then(|| Timestamp::from_micros(leading.micros))
    }

    /// The date that the text starts with, and what stands behind it.
    pub(crate) fn parse_leading(text: &str, utc_offset_seconds: i32) -> Option<(Timestamp, &str)> {
        let leading = parse::leading(text, utc_offset_seconds)?;
        Some((Timestamp::from_micros(leading.micros), leading.rest))
    }

    /// The same; the moment is `None` where the date has no zone.
    pub(crate) fn parse_leading_zoned(text: &str) -> Option<(Option<Timestamp>, &str)> {
        let leading = parse::leading(text, 0)?;
        let moment = Timestamp::from_micros(leading.micros);
        Some((leading.has_zone.then_some(moment), leading.rest))
    }

    /// What stands behind the date without a year that the text starts with.
    pub(crate) fn skip_leading_without_year(text: &str) -> Option<&str> {
        // Of a year that has every day.
        parse::leading_without_year(text, 2_000, 0).map(|(_, rest)| rest)
    }

    /// The date without a year that the text starts with, in the last year that does not bring it more than a day behind
    /// `now`: nobody logs the future.
    pub(crate) fn parse_leading_without_year(
        text: &str,
        now: Timestamp,
        utc_offset_seconds: i32,
    ) -> Option<(Timestamp, &str)> {
        let (year, _, _) = civil_from_days(now.0.div_euclid(MICROS_PER_SECOND * SECONDS_PER_DAY));
        let latest = now.saturating_add_micros(SECONDS_PER_DAY * MICROS_PER_SECOND);
        [year + 1, year, year - 1]
            .into_iter()
            .filter_map(|year| parse::leading_without_year(text, year, utc_offset_seconds))
            .map(|(micros, rest)| (Timestamp::from_micros(micros), rest))
            .find(|(moment, _)| *moment <= latest)
    }

    /// Whether it depends on the year if the text starts with a date without one: on the 29th of February, and where a
    /// year is written, since that may lie ahead.
    pub(crate) fn is_leading_of_some_years(text: &str) -> bool {
        let [leap, other] = [2_000, 2_001].map(|year| parse::leading_without_year(text, year, 0));
        leap.map(|(micros, _)| micros) == other.map(|(micros, _)| micros) && leap.is_some()
            || leap.is_some() != other.is_some()
    }

    /// From a decimal number as text, whose unit its magnitude tells: below 1e11 seconds (fractions kept), below 1e14
    /// milliseconds, below 1e17 microseconds, else nanoseconds. What is finer than a microsecond is cut. `None` for
    /// text that is no number.
    #[must_use]
    pub fn parse_number(text: &str) -> Option<Timestamp> {
        if let Ok(number) = text.parse::<i64>() {
            return Some(Timestamp::from_integer_by_magnitude(number));
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_plain = fraction.bytes().all(|byte| byte.is_ascii_digit());
        match whole.parse::<i64>() {
            // A negative number's fraction would count backwards; nothing logs before 1970.
            Ok(whole) if is_plain && whole >= 0 => {
                let scale = match whole {
                    0..100_000_000_000 => 6,
                    100_000_000_000..100_000_000_000_000 => 3,
                    _ => 0,
                };
                let mut digits = fraction.bytes();
                let micros = (0..scale).fold(0, |micros, _| {
                    micros * 10 + digits.next().map_or(0, |digit| i64::from(digit - b'0'))
                });
                let moment = Timestamp::from_integer_by_magnitude(whole);
                Some(moment.saturating_add_micros(micros))
            }
            _ => {
                let looks_like = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
                let number = text.parse().ok().filter(|_| looks_like)?;
                Timestamp::from_float_by_magnitude(number)
            }
        }
    }

    fn from_float_by_magnitude(number: f64) -> Option<Timestamp> {
        if !number.is_finite() {
            return None;
        }
        let micros = match number.abs() {
            n if n < 1e11 => number * 1e6,
            n if n < 1e14 => number * 1e3,
            n if n < 1e17 => number,
            _ => number / 1e3,
        };
        // A float's `as` saturates, and from_micros clamps.
        Some(Timestamp::from_micros(micros.round() as i64))
    }

    /// From a whole number whose unit its magnitude tells, as [`Timestamp::parse_number`].
    #[must_use]
    pub const fn from_integer_by_magnitude(number: i64) -> Timestamp {
        match number.unsigned_abs() {
            0..100_000_000_000 => Timestamp::from_micros(number.saturating_mul(1_000_000)),
            100_000_000_000..100_000_000_000_000 => Timestamp::from_millis(number),
            100_000_000_000_000..100_000_000_000_000_000 => Timestamp::from_micros(number),
            _ => Timestamp::from_micros(number.div_euclid(1_000)),
        }
    }
}

/// Writes `number`, which has at most as many digits as `text` is long, right-aligned.
fn write_digits(text: &mut [u8], mut number: i64) {
    for digit in text.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Timestamp {
        let micros = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_micros()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |m| -m),
        };
        Timestamp::from_micros(micros)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&String::from_utf8_lossy(&self.to_text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_has_six_decimals_and_z() {
        let moment = Timestamp::from_micros(1_795_212_916_515_486);
        assert_eq!(moment.to_string(), "2026-11-20T22:15:16.515486Z");
        assert_eq!(
            Timestamp::from_millis(0).to_string(),
            "1970-01-01T00:00:00.000000Z"
        );
        assert_eq!(
            Timestamp::from_micros(-1).to_string(),
            "1969-12-31T23:59:59.999999Z"
        );
        assert_eq!(Timestamp::MIN.to_string(), "0000-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59.999999Z");
    }

    #[test]
    fn what_python_java_and_go_write_is_read() {
        let expected = Timestamp::parse("2026-11-20T22:15:16.515Z");
        assert!(expected.is_some());
        for text in [
            "2026-11-20 22:15:16,515",
            "2026-11-20 22:15:16.515",
            "2026-11-20T22:15:16.515",
            "2026-11-20T22:15:16.515+00:00",
            "2026-11-20T23:15:16.515+0100",
            "2026-11-20T22:15:16.515000000Z",
            "2026-11-20T23:15:16.515+01:00[Europe/Paris]",
            "2026-11-20 22:15:16.515 UTC",
            "2026/11/20 22:15:16.515",
            "20 Nov 2026 22:15:16,515",
            "Fri Nov 20 22:15:16.515 2026",
            "Fri, 20 Nov 2026 22:15:16.515 GMT",
            "20/Nov/2026:22:15:16.515 +0000",
            "Nov 20, 2026 10:15:16.515 PM",
            "Nov 20, 2026, 10:15:16.515\u{202f}PM",
            "20261120T221516.515Z",
            "11/20/2026, 10:15:16.515 PM",
            "20/11/2026 22:15:16.515",
            "2026-11-20 23:15:16.515 +0100 CET m=+0.012",
            "Fri Nov 20 2026 23:15:16.515 GMT+0100 (Central European Standard Time)",
        ] {
            assert_eq!(Timestamp::parse(text), expected, "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2026-11-20T22:15:16Z (",
            "2026-11-20T22:15:16Z (a)b)",
            "2026-13-20T22:15:16Z",
            "2026-02-29T22:15:16Z",
            "2026-11-20T24:15:16Z",
            "2026-11-20T22:15:16+1",
            "2026-11-20",
            "2026-11-20T22:15:16ZZ",
            // Of which of the two months?
            "11/10/2026 22:15:16",
            "2026-11-20T22:15:16Z ERROR of the hour",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn magnitude_tells_the_unit() {
        let expected = Timestamp::from_micros(1_763_676_916_000_000);
        assert_eq!(
            Timestamp::from_integer_by_magnitude(1_763_676_916),
            expected
        );
        assert_eq!(
            Timestamp::from_integer_by_magnitude(1_763_676_916_000),
            expected
        );
        assert_eq!(
            Timestamp::from_integer_by_magnitude(1_763_676_916_000_000),
            expected
        );
        assert_eq!(
            Timestamp::from_integer_by_magnitude(1_763_676_916_000_000_000),
            expected
        );
        assert_eq!(
            Timestamp::parse_number("1763676916.2500009"),
            Some(Timestamp::from_micros(1_763_676_916_250_000))
        );
        assert_eq!(
            Timestamp::parse_number("1763676916250.5"),
            Some(Timestamp::from_micros(1_763_676_916_250_500))
        );
        assert_eq!(
            Timestamp::parse_number("1.76367691625e9"),
            Some(Timestamp::from_micros(1_763_676_916_250_000))
        );
        for wrong in ["", "nan", "inf", "1e999", "1.2.3", "0x10"] {
            assert_eq!(Timestamp::parse_number(wrong), None, "{wrong}");
        }
        assert_eq!(
            Timestamp::from_integer_by_magnitude(i64::MAX),
            Timestamp::from_micros(i64::MAX / 1_000)
        );
    }

    proptest! {
        #[test]
        fn every_moment_reads_back(micros in MIN_MICROS..=MAX_MICROS) {
            let moment = Timestamp::from_micros(micros);
            prop_assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment));
        }
    }
}
