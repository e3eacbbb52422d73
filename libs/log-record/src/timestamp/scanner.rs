//! The parts that dates are written with: numbers, names of months and days, fractions, zones. In which order they
//! stand, `parse` knows.

/// What is left of a text whose beginning is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanner<'a> {
    pub(super) rest: &'a str,
}

impl Scanner<'_> {
    /// A fraction of a second after a point or comma, cut to microseconds.
    pub(super) fn fraction(&mut self) -> i64 {
        let Some(digits) = self.rest.strip_prefix(['.', ',']) else {
            return 0;
        };
        let length = digits
            .bytes()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if length == 0 {
            return 0;
        }
        let mut micros = 0;
        for at in 0..6 {
            let digit = digits.as_bytes().get(at).filter(|_| at < length);
            micros = micros * 10 + digit.map_or(0, |digit| i64::from(digit - b'0'));
        }
        self.rest = &digits[length..];
        micros
    }

    /// `Z`, `UTC`, `+01`, `+0100`, `+01:00`, `+01:00[Europe/Paris]`; nothing is taken where none of them stands.
    pub(super) fn zone(&mut self) -> Option<i32> {
        let mut text = self.rest.trim_start_matches(' ');
        if let Some(offset) = text
            .strip_prefix("GMT")
            .filter(|rest| rest.starts_with(['+', '-']))
        {
            text = offset;
        }
        for name in ["Z", "z", "UTC", "GMT"] {
            if let Some(rest) = text.strip_prefix(name)
                && !rest.starts_with(|next: char| next.is_alphanumeric())
            {
                self.rest = rest;
                return Some(0);
            }
        }
        let sign = match text.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let mut scanner = Scanner { rest: &text[1..] };
        let hours = scanner.number(2, 2)?;
        scanner.one_of(b":").unwrap_or_default();
        let minutes = scanner.number(2, 2).unwrap_or(0);
        if scanner
            .rest
            .starts_with(|next: char| next.is_alphanumeric())
            || hours > 23
        {
            return None;
        }
        if let Some(name) = scanner.rest.strip_prefix('[')
            && let Some(end) = name.find(']')
        {
            scanner.rest = &name[end + 1..];
        }
        self.rest = scanner.rest;
        i32::try_from(sign * (hours * 3_600 + minutes * 60)).ok()
    }

    pub(super) fn weekday(&mut self) -> bool {
        const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let is_day = self.rest.get(..3).is_some_and(|day| DAYS.contains(&day));
        if is_day {
            self.rest = self.rest[3..].trim_start_matches(|c: char| c.is_ascii_lowercase());
        }
        is_day
    }

    pub(super) fn month(&mut self) -> Option<i64> {
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        // Most texts that are asked begin with the digits of another form.
        let is_name = self.rest.as_bytes().first()?.is_ascii_alphabetic();
        let name = self.rest.get(..3).filter(|_| is_name)?;
        let at = MONTHS
            .iter()
            .position(|month| month.eq_ignore_ascii_case(name))?;
        self.rest = &self.rest[3..];
        i64::try_from(at + 1).ok()
    }

    /// A number of `least` to `most` digits.
    pub(super) fn number(&mut self, least: usize, most: usize) -> Option<i64> {
        let mut number = 0;
        let mut length = 0;
        for byte in self.rest.bytes().take(most) {
            if !byte.is_ascii_digit() {
                break;
            }
            number = number * 10 + i64::from(byte - b'0');
            length += 1;
        }
        if length < least {
            return None;
        }
        self.rest = &self.rest[length..];
        Some(number)
    }

    pub(super) fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let first = *self.rest.as_bytes().first()?;
        if !wanted.contains(&first) {
            return None;
        }
        self.rest = &self.rest[1..];
        Some(first)
    }

    pub(super) fn spaces(&mut self) -> Option<()> {
        let rest = self.rest.trim_start_matches(' ');
        if rest.len() == self.rest.len() {
            return None;
        }
        self.rest = rest;
        Some(())
    }
}
