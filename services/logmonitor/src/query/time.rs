//! Reads the moments that bound a search: RFC 3339, epoch milliseconds, or relative to now.

use log_record::Timestamp;

/// A moment a search begins or ends at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeBound {
    /// The moment meant.
    pub at: Timestamp,
    /// For a relative moment, its distance from now. All pages of one search must mean the same moment although
    /// now moves on, so a cursor remembers what the first page meant.
    pub(crate) offset_micros: Option<i64>,
}

impl From<Timestamp> for TimeBound {
    fn from(at: Timestamp) -> TimeBound {
        TimeBound {
            at,
            offset_micros: None,
        }
    }
}

/// The text is no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected RFC 3339 (2026-11-20T22:15:16Z), epoch milliseconds, or relative (now, -15m, now-1h, -7d; units s m h d w), got {0:?}"
)]
pub struct InvalidTime(pub String);

/// Reads a moment.
///
/// # Errors
/// The text is none of the three forms.
pub fn parse(text: &str, now: Timestamp) -> Result<TimeBound, InvalidTime> {
    let text = text.trim();
    let absolute = || parse_millis(text).or_else(|| Timestamp::parse(text));
    relative_offset(text)
        .map(|offset| TimeBound {
            at: now.saturating_add_micros(offset),
            offset_micros: Some(offset),
        })
        .or_else(|| absolute().map(TimeBound::from))
        .ok_or_else(|| InvalidTime(text.to_owned()))
}

/// `now`, `-15m`, `now-15m`, `now+15m`, `+15m`: the distance from now in microseconds.
fn relative_offset(text: &str) -> Option<i64> {
    let after_now = text.strip_prefix("now");
    let distance = after_now.unwrap_or(text);
    if distance.is_empty() {
        return after_now.map(|_| 0);
    }
    // In a URL's query, an unescaped `+` arrives as a space; the trim above has then taken it away.
    let (sign, amount) = match distance.strip_prefix('-') {
        Some(amount) => (-1, amount),
        None => (1, distance.strip_prefix('+')?),
    };
    let unit = amount.chars().next_back()?;
    let seconds: i64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let number = &amount[..amount.len() - unit.len_utf8()];
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = is_number.then(|| number.parse().ok())??;
    number
        .checked_mul(seconds * 1_000_000)
        .map(|micros| sign * micros)
}

/// Whole milliseconds since the epoch. A sign alone does not make a number relative: `-5` is 5 ms before the epoch.
fn parse_millis(text: &str) -> Option<Timestamp> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok().map(Timestamp::from_millis))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_forms_are_read() {
        let now = Timestamp::parse("2026-11-20T12:00:00Z").unwrap();
        let cases = [
            ("now", "2026-11-20T12:00:00Z", true),
            ("-15m", "2026-11-20T11:45:00Z", true),
            ("now-1h", "2026-11-20T11:00:00Z", true),
            ("-7d", "2026-11-13T12:00:00Z", true),
            ("-1w", "2026-11-13T12:00:00Z", true),
            ("-90s", "2026-11-20T11:58:30Z", true),
            ("now+1d", "2026-11-21T12:00:00Z", true),
            (" -15m ", "2026-11-20T11:45:00Z", true),
            ("1795176000000", "2026-11-20T12:00:00Z", false),
            ("0", "1970-01-01T00:00:00Z", false),
            ("-5", "1969-12-31T23:59:59.995Z", false),
            ("2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z", false),
            (
                "2026-11-20T13:00:00.5+01:00",
                "2026-11-20T12:00:00.5Z",
                false,
            ),
        ];
        for (text, expected, is_relative) in cases {
            let bound = parse(text, now).unwrap();
            assert_eq!(Some(bound.at), Timestamp::parse(expected), "{text}");
            assert_eq!(bound.offset_micros.is_some(), is_relative, "{text}");
        }
        let far = parse("-9000000d", now).unwrap();
        assert_eq!(far.at, Timestamp::MIN, "clamped, not wrapped");
    }

    #[test]
    fn anything_else_is_refused_with_the_forms_that_are_read() {
        for text in [
            "",
            "yesterday",
            "15m",
            "-m",
            "now-",
            "now15m",
            "-15y",
            "--15m",
            "-1.5h",
            "- 15m",
            "-15mm",
            "-99999999999999999999d",
            "-9223372036854775807w",
            "now - 1h",
            "1e3",
            "2026-11-20",
            "-15µ",
        ] {
            let error = parse(text, Timestamp::default()).unwrap_err();
            assert!(error.to_string().contains("-15m"), "{error}");
        }
    }
}
