//! Reading one variable: present or not, right or wrong.

use std::time::Duration;

/// A variable that is missing or has a value we cannot use.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable without a default is unset or empty.
    #[error("{variable} is not set; expected {expected}")]
    Missing {
        /// Its name.
        variable: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
    /// A variable's value is none we can use.
    #[error("{variable} is {value:?}; expected {expected}")]
    Invalid {
        /// Its name.
        variable: &'static str,
        /// What it holds.
        value: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// A file that a variable names cannot be read.
    #[error(
        "{variable} names the file {path:?}, which cannot be read; expected a readable file: {source}"
    )]
    UnreadableFile {
        /// The variable's name.
        variable: &'static str,
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Phrases for what a variable should hold.
pub(super) mod expect {
    pub(crate) const PORT: &str = "a port between 0 and 65535";
    pub(crate) const DURATION: &str =
        "a duration such as 90s, 15m, 12h or 7d, of at least one second";
    pub(crate) const READERS: &str = "a number from 0 to 100000";
    pub(crate) const BYTES: &str = "a size such as 512MiB or 10GiB, of at least 16MiB";
}

/// The variables, through whatever looks them up.
pub(super) struct Variables<'l> {
    lookup: &'l dyn Fn(&str) -> Option<String>,
}

impl<'l> Variables<'l> {
    pub(super) fn new(lookup: &'l dyn Fn(&str) -> Option<String>) -> Self {
        Variables { lookup }
    }

    /// The value, trimmed; `None` when unset or empty.
    pub(super) fn text(&self, variable: &'static str) -> Option<String> {
        let value = (self.lookup)(variable)?;
        let trimmed = value.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    /// The value through `parse`, which says `None` to a wrong one.
    pub(super) fn parse<T>(
        &self,
        variable: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.text(variable) else {
            return Ok(None);
        };
        match parse(&value) {
            Some(parsed) => Ok(Some(parsed)),
            None => Err(ConfigError::Invalid {
                variable,
                value,
                expected,
            }),
        }
    }
}

/// `90s`, `15m`, `12h`, `7d`, `2w`: at least one second.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    let total = number.parse::<u64>().ok()?.checked_mul(seconds)?;
    // A thousand years is beyond every calendar the rest of the program uses.
    (1..=31_536_000_000)
        .contains(&total)
        .then(|| Duration::from_secs(total))
}

/// `512MiB`, `10GiB`, `1000000` (bytes), `64KB`: IEC units count in 1,024, SI units in 1,000.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let unit_at = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_are_not_zero() {
        assert_eq!(duration("90s"), Some(Duration::from_secs(90)));
        assert_eq!(duration("2w"), Some(Duration::from_secs(1_209_600)));
        for wrong in [
            "",
            "7",
            "0s",
            "d",
            "-1d",
            "1.5h",
            "99999999999999999999d",
            "7days",
        ] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_know_both_families_of_units() {
        assert_eq!(bytes("1024"), Some(1_024));
        assert_eq!(bytes("1KiB"), Some(1_024));
        assert_eq!(bytes("1 kb"), Some(1_000));
        assert_eq!(bytes("10GiB"), Some(10_737_418_240));
        for wrong in ["", "MiB", "-1", "1.5GiB", "1 parsec", "99999999999TiB"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
