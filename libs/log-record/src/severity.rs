//! The six severities of a record, their names on the wire, and the words other loggers use for them.

use std::fmt;
use std::str::FromStr;

/// How bad a record is, from least to most severe; the order of the variants is the order of severity.
///
/// The names on the wire are upper case (`"ERROR"`). The numbers are those of the OpenTelemetry log
/// data model, first of each band: TRACE 1, DEBUG 5, INFO 9, WARN 13, ERROR 17, CRITICAL (FATAL) 21.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Finest detail.
    Trace,
    /// For the developer.
    Debug,
    /// The normal course of things.
    Info,
    /// Unexpected, and handled.
    Warn,
    /// An operation failed.
    Error,
    /// The service, or a person's money, is at risk.
    Critical,
}

impl Severity {
    /// All severities, least severe first; `ALL[s.index()] == s`.
    pub const ALL: [Severity; 6] = [
        Severity::Trace,
        Severity::Debug,
        Severity::Info,
        Severity::Warn,
        Severity::Error,
        Severity::Critical,
    ];

    /// The number of severities: the length of an array indexed by [`Severity::index`].
    pub const COUNT: usize = Self::ALL.len();

    /// Position in [`Severity::ALL`], for arrays of counters.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name on the wire, upper case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Trace => "TRACE",
            Severity::Debug => "DEBUG",
            Severity::Info => "INFO",
            Severity::Warn => "WARN",
            Severity::Error => "ERROR",
            Severity::Critical => "CRITICAL",
        }
    }

    /// `SeverityNumber` of the OpenTelemetry log data model, first of the band.
    #[must_use]
    pub const fn otel_number(self) -> u8 {
        4 * self as u8 + 1
    }

    /// Whether the record belongs into the errors topic and the store: ERROR or CRITICAL.
    #[must_use]
    pub const fn is_error(self) -> bool {
        matches!(self, Severity::Error | Severity::Critical)
    }

    /// The severity a logger's word stands for, in any case; `None` for a word no logger we know uses.
    ///
    /// The words are those of tracing, python, logback, log4j, pino, slog, zap, Serilog and syslog.
    #[must_use]
    pub fn from_text(word: &str) -> Option<Severity> {
        let first = *word.as_bytes().first()?;
        let mut candidates = BY_FIRST_LETTER[letter(first)];
        // All other forms begin as one of the words does.
        if candidates == 0 {
            return None;
        }
        while candidates != 0 {
            let (alias, severity) = ALIASES[candidates.trailing_zeros() as usize];
            if alias.eq_ignore_ascii_case(word) {
                return Some(severity);
            }
            candidates &= candidates - 1;
        }
        from_slog_text(word).or_else(|| from_otel_text(word))
    }

    /// The severity of a number of Go's slog (-4, 0, 4, 8; what lies between belongs to the one below).
    #[must_use]
    pub const fn from_slog_level(level: i64) -> Severity {
        match level {
            ..-4 => Severity::Trace,
            -4..0 => Severity::Debug,
            0..4 => Severity::Info,
            4..8 => Severity::Warn,
            8..12 => Severity::Error,
            _ => Severity::Critical,
        }
    }

    /// The severity of an OpenTelemetry `SeverityNumber` (1..=24).
    #[must_use]
    pub const fn from_otel_number(number: i64) -> Option<Severity> {
        match number {
            1..=4 => Some(Severity::Trace),
            5..=8 => Some(Severity::Debug),
            9..=12 => Some(Severity::Info),
            13..=16 => Some(Severity::Warn),
            17..=20 => Some(Severity::Error),
            21..=24 => Some(Severity::Critical),
            _ => None,
        }
    }

    /// The severity of a pino or bunyan `level` (10, 20, .. 60; custom levels fall to the band below).
    #[must_use]
    pub const fn from_pino_level(level: i64) -> Option<Severity> {
        match level {
            10..=19 => Some(Severity::Trace),
            20..=29 => Some(Severity::Debug),
            30..=39 => Some(Severity::Info),
            40..=49 => Some(Severity::Warn),
            50..=59 => Some(Severity::Error),
            60..=99 => Some(Severity::Critical),
            _ => None,
        }
    }

    /// The severity of a Python `levelno` (5, 10, .. 50; custom levels fall to the band below).
    #[must_use]
    pub const fn from_python_levelno(levelno: i64) -> Option<Severity> {
        match levelno {
            1..=9 => Some(Severity::Trace),
            10..=19 => Some(Severity::Debug),
            20..=29 => Some(Severity::Info),
            30..=39 => Some(Severity::Warn),
            40..=49 => Some(Severity::Error),
            50..=99 => Some(Severity::Critical),
            _ => None,
        }
    }

    /// The severity of a logback `level_value` (5000, 10000, .. 40000).
    #[must_use]
    pub const fn from_logback_value(value: i64) -> Option<Severity> {
        match value {
            5_000..=9_999 => Some(Severity::Trace),
            10_000..=19_999 => Some(Severity::Debug),
            20_000..=29_999 => Some(Severity::Info),
            30_000..=39_999 => Some(Severity::Warn),
            40_000..=49_999 => Some(Severity::Error),
            _ => None,
        }
    }

    /// The severity of a syslog severity code (RFC 5424: 0 emergency .. 7 debug).
    #[must_use]
    pub const fn from_syslog_code(code: i64) -> Option<Severity> {
        match code {
            0..=2 => Some(Severity::Critical),
            3 => Some(Severity::Error),
            4 => Some(Severity::Warn),
            5 | 6 => Some(Severity::Info),
            7 => Some(Severity::Debug),
            _ => None,
        }
    }
}

/// Every accepted word, lower case. The canonical names stand first: they are by far the most frequent.
pub(crate) const ALIASES: [(&str, Severity); 38] = [
    ("info", Severity::Info),
    ("error", Severity::Error),
    ("warn", Severity::Warn),
    ("debug", Severity::Debug),
    ("trace", Severity::Trace),
    ("critical", Severity::Critical),
    ("warning", Severity::Warn),
    ("information", Severity::Info),
    ("informational", Severity::Info),
    ("notice", Severity::Info),
    ("default", Severity::Info),
    ("err", Severity::Error),
    ("severe", Severity::Error),
    ("failure", Severity::Error),
    ("crit", Severity::Critical),
    ("fatal", Severity::Critical),
    ("ftl", Severity::Critical),
    ("dpanic", Severity::Critical),
    ("panic", Severity::Critical),
    ("alert", Severity::Critical),
    ("emerg", Severity::Critical),
    ("emergency", Severity::Critical),
    ("wrn", Severity::Warn),
    ("dbg", Severity::Debug),
    ("fine", Severity::Debug),
    ("finer", Severity::Debug),
    ("config", Severity::Debug),
    ("trc", Severity::Trace),
    ("verbose", Severity::Trace),
    ("finest", Severity::Trace),
    ("inf", Severity::Info),
    // Cut to four letters by logrus, log15, slog of Rust and the console of .NET.
    ("erro", Severity::Error),
    ("eror", Severity::Error),
    ("fail", Severity::Error),
    ("fata", Severity::Critical),
    ("pani", Severity::Critical),
    ("debu", Severity::Debug),
    ("dbug", Severity::Debug),
];

/// The words by their first letter, a bit each.
static BY_FIRST_LETTER: [u64; 32] = {
    let mut index = [0; 32];
    let mut at = 0;
    while at < ALIASES.len() {
        index[letter(ALIASES[at].0.as_bytes()[0])] |= 1 << at;
        at += 1;
    }
    index
};

/// The number of a letter, in either case; what is none has that of one too.
const fn letter(byte: u8) -> usize {
    byte as usize % 32
}

/// The names of OpenTelemetry's numbers: `ERROR2`, `SEVERITY_NUMBER_ERROR2`.
fn from_otel_text(word: &str) -> Option<Severity> {
    let name = word.strip_prefix("SEVERITY_NUMBER_").unwrap_or(word);
    let name = name.strip_suffix(['2', '3', '4']).unwrap_or(name);
    let mut canonical = ALIASES
        .iter()
        .take(6)
        .chain(&[("fatal", Severity::Critical)]);
    canonical
        .find(|(alias, _)| alias.eq_ignore_ascii_case(name))
        .map(|&(_, severity)| severity)
}

/// slog prints a level between its names as an offset: `ERROR+4`, `DEBUG-2`.
fn from_slog_text(word: &str) -> Option<Severity> {
    let sign_at = word.find(['+', '-'])?;
    let (name, offset) = word.split_at(sign_at);
    let names = [("DEBUG", -4_i64), ("INFO", 0), ("WARN", 4), ("ERROR", 8)];
    let mut known = names.into_iter();
    let (_, base) = known.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let offset: i32 = offset.parse().ok()?;
    Some(Severity::from_slog_level(base + i64::from(offset)))
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is none of the words a logger uses for a level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown level {0:?}; expected one of TRACE, DEBUG, INFO, WARN, ERROR, CRITICAL")]
pub struct UnknownSeverity(pub String);

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Severity::from_text(word).ok_or_else(|| UnknownSeverity(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_severity() {
        assert!(Severity::ALL.is_sorted());
        for severity in Severity::ALL {
            assert_eq!(Severity::ALL[severity.index()], severity);
        }
    }

    #[test]
    fn every_name_reads_back_in_any_case() {
        for severity in Severity::ALL {
            assert_eq!(severity.as_str().parse(), Ok(severity));
            assert_eq!(severity.as_str().to_lowercase().parse(), Ok(severity));
            assert_eq!(
                Severity::from_otel_number(i64::from(severity.otel_number())),
                Some(severity)
            );
        }
    }

    #[test]
    fn ten_twenty_and_fifty_mean_different_things_in_pino_and_python() {
        assert_eq!(Severity::from_pino_level(50), Some(Severity::Error));
        assert_eq!(Severity::from_python_levelno(50), Some(Severity::Critical));
        assert_eq!(Severity::from_pino_level(20), Some(Severity::Debug));
        assert_eq!(Severity::from_python_levelno(20), Some(Severity::Info));
        assert_eq!(Severity::from_pino_level(10), Some(Severity::Trace));
        assert_eq!(Severity::from_python_levelno(10), Some(Severity::Debug));
    }

    #[test]
    fn slog_prints_offsets() {
        for (word, severity) in [
            ("ERROR+4", Severity::Critical),
            ("ERROR+2", Severity::Error),
            ("DEBUG-4", Severity::Trace),
            ("INFO+1", Severity::Info),
            ("WARN-1", Severity::Info),
        ] {
            assert_eq!(Severity::from_text(word), Some(severity), "{word}");
        }
        assert_eq!(Severity::from_text("ERROR+"), None);
        assert_eq!(Severity::from_text("x-1"), None);
    }

    #[test]
    fn an_unknown_word_is_named_in_the_error() {
        let error = "loud".parse::<Severity>().unwrap_err();
        assert!(error.to_string().contains("\"loud\""), "{error}");
    }
}
