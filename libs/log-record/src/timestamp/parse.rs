//! Reading the date forms of loggers: RFC 3339 and its relatives, and those with the names of months.

use super::calendar::days_from_civil;
use super::scanner::Scanner;

/// A date at the beginning of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leading<'a> {
    /// Microseconds since the epoch.
    pub(super) micros: i64,
    /// It was written with its zone.
    pub(super) has_zone: bool,
    /// What stands behind it.
    pub(super) rest: &'a str,
}

/// The date that the text starts with. `offset_seconds` (east of Greenwich) is meant by one without a zone.
pub(super) fn leading(text: &str, offset_seconds: i32) -> Option<Leading<'_>> {
    let mut scanner = Scanner { rest: text };
    let first = *scanner.rest.as_bytes().first()?;
    let moment = if first.is_ascii_digit() {
        scanner.date_of_digits()
    } else {
        scanner.date_of_words()
    }?;
    Some(Leading {
        micros: moment.micros(offset_seconds),
        has_zone: moment.offset_seconds.is_some(),
        rest: scanner.rest,
    })
}

/// The text form that we write ourselves, `2026-11-20T22:15:16.515486Z`, and nothing else.
pub(super) fn canonical(text: &[u8; 27]) -> Option<i64> {
    const FORM: &[u8; 27] = b"0000-00-00T00:00:00.000000Z";
    let is_form = text.iter().zip(FORM).all(|(&byte, &form)| {
        if form == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == form
        }
    });
    if !is_form {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = text[from..to].iter();
        digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    };
    let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
    let moment = moment(
        number(0, 4),
        number(5, 7),
        number(8, 10),
        hour,
        minute,
        second,
        number(20, 26),
    )?;
    Some(moment.micros(0))
}

/// `Nov 20 22:15:16`, as BSD's syslog writes it: a date without a year, which `year` is taken for.
pub(super) fn leading_without_year(
    text: &str,
    year: i64,
    offset_seconds: i32,
) -> Option<(i64, &str)> {
    let mut scanner = Scanner { rest: text };
    let month = scanner.month()?;
    scanner.spaces()?;
    let day = scanner.number(1, 2)?;
    scanner.spaces()?;
    // Cisco devices write the year, and it is right.
    let mut with_year = Scanner { rest: scanner.rest };
    if let Some(written) = with_year.number(4, 4)
        && with_year.spaces().is_some()
    {
        let mut moment = with_year.time(written, month, day)?;
        moment.offset_seconds = with_year.zone();
        return Some((moment.micros(offset_seconds), with_year.rest));
    }
    let moment = scanner.time(year, month, day)?;
    Some((moment.micros(offset_seconds), scanner.rest))
}

/// A date on the calendar, and the zone it was written with.
struct Moment {
    days: i64,
    seconds: i64,
    micros: i64,
    offset_seconds: Option<i32>,
}

impl Moment {
    fn micros(&self, offset_seconds: i32) -> i64 {
        let offset = i64::from(self.offset_seconds.unwrap_or(offset_seconds));
        (self.days * 86_400 + self.seconds - offset) * 1_000_000 + self.micros
    }
}

/// A name behind the offset it stands for: `CET`, `(Central European Standard Time)`, `UTC m=+0.012` of Go.
pub(super) fn is_name_of_zone(text: &str) -> bool {
    if let Some(name) = text.strip_prefix('(') {
        return name.find(')').is_some_and(|end| end + 1 == name.len());
    }
    let (name, clock) = text.split_once(' ').unwrap_or((text, "m="));
    let is_name =
        (1..=5).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_uppercase());
    is_name && clock.starts_with("m=")
}

impl Scanner<'_> {
    /// `2026-11-20T22:15:16.515Z` and what differs from it by separators; `20 Nov 2026 22:15:16`.
    fn date_of_digits(&mut self) -> Option<Moment> {
        let digits = self
            .rest
            .bytes()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let mut moment = match digits {
            4 => {
                let year = self.number(4, 4)?;
                let separator = self.one_of(b"-/.")?;
                let month = self.number(2, 2)?;
                self.one_of(&[separator])?;
                let day = self.number(2, 2)?;
                self.between_date_and_time()?;
                self.time(year, month, day)?
            }
            // ISO 8601 without separators: `20261120T221516Z`.
            8 => {
                let (year, month, day) =
                    (self.number(4, 4)?, self.number(2, 2)?, self.number(2, 2)?);
                self.one_of(b"Tt")?;
                let (hour, minute, second) =
                    (self.number(2, 2)?, self.number(2, 2)?, self.number(2, 2)?);
                let micros = self.fraction();
                moment(year, month, day, hour, minute, second, micros)?
            }
            // `20/Nov/2026:22:15:16 +0000` of web servers, `20 Nov 2026 22:15:16`.
            1 | 2 => {
                let day = self.number(1, 2)?;
                let separator = self.one_of(b"/ -")?;
                if self.rest.starts_with(|next: char| next.is_ascii_digit()) {
                    let second = self.number(1, 2)?;
                    self.one_of(&[separator])?;
                    return self.date_of_numbers(day, second);
                }
                let month = self.month()?;
                self.one_of(b"/ -")?;
                let year = self.number(4, 4)?;
                self.one_of(b": ")?;
                self.time(year, month, day)?
            }
            _ => return None,
        };
        moment.offset_seconds = self.zone();
        Some(moment)
    }

    /// The rest of `11/20/2026, 10:15:16 PM`, or of `20/11/2026 22:15:16`: which is which only the numbers tell, or the
    /// half of the day, which those name who write the month first.
    fn date_of_numbers(&mut self, first: i64, second: i64) -> Option<Moment> {
        let year = self.number(4, 4)?;
        self.one_of(b",").unwrap_or_default();
        self.spaces()?;
        let has_half = |rest: &str| {
            let clock =
                rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':' || c == '.');
            let half = clock.trim_start_matches([' ', '\u{202f}']).get(..2);
            half.is_some_and(|half| {
                half.eq_ignore_ascii_case("am") || half.eq_ignore_ascii_case("pm")
            })
        };
        let (month, day) = match (first, second) {
            (1..=12, 13..=31) => (first, second),
            (13..=31, 1..=12) => (second, first),
            _ if has_half(self.rest) => (first, second),
            _ => return None,
        };
        let mut moment = self.time(year, month, day)?;
        moment.offset_seconds = self.zone();
        Some(moment)
    }

    /// `Fri, 20 Nov 2026 22:15:16 GMT`, `Fri Nov 20 22:15:16 2026`, `Nov 20, 2026 10:15:16 PM`.
    fn date_of_words(&mut self) -> Option<Moment> {
        if self.weekday() {
            self.one_of(b",").unwrap_or_default();
            self.spaces()?;
        }
        if self.rest.as_bytes().first()?.is_ascii_digit() {
            return self.date_of_digits();
        }
        let month = self.month()?;
        self.spaces()?;
        let day = self.number(1, 2)?;
        if self.one_of(b",").is_some() {
            self.spaces()?;
            let year = self.number(4, 4)?;
            self.one_of(b",").unwrap_or_default();
            self.spaces()?;
            let mut moment = self.time(year, month, day)?;
            moment.offset_seconds = self.zone();
            return Some(moment);
        }
        self.spaces()?;
        // JavaScript's year stands before the time.
        let mut with_year = Scanner { rest: self.rest };
        if let Some(year) = with_year.number(4, 4)
            && with_year.spaces().is_some()
        {
            let mut moment = with_year.time(year, month, day)?;
            moment.offset_seconds = with_year.zone();
            self.rest = with_year.rest;
            return Some(moment);
        }
        // The year stands behind the time, which is read first.
        let time = self.time(1970, 1, 1)?;
        let zone = self.zone();
        self.spaces()?;
        let year = self.number(4, 4)?;
        Some(Moment {
            days: days_from_civil(year, month, day)?,
            offset_seconds: zone,
            ..time
        })
    }

    /// `22:15`, `22:15:16`, `22:15:16.515486789`, `10:15:16 PM`.
    fn time(&mut self, year: i64, month: i64, day: i64) -> Option<Moment> {
        let mut hour = self.number(1, 2)?;
        self.one_of(b":")?;
        let minute = self.number(2, 2)?;
        let mut second = 0;
        let mut micros = 0;
        if self.one_of(b":").is_some() {
            second = self.number(2, 2)?;
            micros = self.fraction();
        }
        // The space before it is a narrow one in newer versions of Java.
        let behind = self.rest.trim_start_matches([' ', '\u{202f}']);
        let half = behind.get(..2).unwrap_or_default();
        let is_afternoon = half.eq_ignore_ascii_case("pm");
        if (is_afternoon || half.eq_ignore_ascii_case("am"))
            && !behind[2..].starts_with(|next: char| next.is_alphanumeric())
        {
            self.rest = &behind[2..];
            hour = hour % 12 + if is_afternoon { 12 } else { 0 };
        }
        moment(year, month, day, hour, minute, second, micros)
    }

    fn between_date_and_time(&mut self) -> Option<()> {
        if self.one_of(b"Tt_").is_some() {
            return Some(());
        }
        self.spaces()
    }
}

fn moment(
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
) -> Option<Moment> {
    // A leap second is the one after it.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(Moment {
        days: days_from_civil(year, month, day)?,
        seconds: hour * 3_600 + minute * 60 + second,
        micros,
        offset_seconds: None,
    })
}
