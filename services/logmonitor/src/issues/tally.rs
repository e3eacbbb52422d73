//! What is counted of an issue: how many errors, when, where, of which versions.

use log_record::Severity;
use serde::{Deserialize, Serialize};

const MICROS_PER_HOUR: i64 = 3_600_000_000;
/// Hosts and versions that are counted by name; those beyond are counted together, under [`OTHERS`].
const MAX_NAMES: usize = 100;
/// Stands for the hosts and versions beyond the first hundred.
pub const OTHERS: &str = "(other)";

/// Counts of one issue. Adding two gives the counts of both, in whatever order, except which names are among
/// [`OTHERS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Errors, the critical ones included.
    pub count: u64,
    /// Those that are CRITICAL.
    pub criticals: u64,
    /// The oldest and the newest timestamp, in microseconds; 0 where nothing is counted.
    pub first_seen: i64,
    /// See `first_seen`.
    pub last_seen: i64,
    /// Errors by host.
    pub hosts: Vec<(Box<str>, u64)>,
    /// Errors by version of the service.
    pub versions: Vec<(Box<str>, u64)>,
    /// Errors by hour since the epoch, ascending.
    pub hours: Vec<(i32, u32)>,
}

impl Tally {
    /// Counts one error.
    pub fn add(&mut self, level: Severity, micros: i64, host: Option<&str>, version: Option<&str>) {
        self.add_many(&Line {
            hour: hour_of(micros),
            host,
            version,
            count: 1,
            criticals: u32::from(level == Severity::Critical),
            first_seen: micros,
            last_seen: micros,
        });
    }

    /// Counts errors that have an hour, a host and a version in common.
    pub(crate) fn add_many(&mut self, line: &Line<'_>) {
        let count = u64::from(line.count);
        self.span(line.first_seen, line.last_seen);
        self.count += count;
        self.criticals += u64::from(line.criticals);
        if let Some(host) = line.host {
            count_name(&mut self.hosts, host, count);
        }
        if let Some(version) = line.version {
            count_name(&mut self.versions, version, count);
        }
        self.count_hour(line.hour, line.count);
    }

    /// Adds the counts of another.
    pub fn absorb(&mut self, other: &Tally) {
        if other.count == 0 {
            return;
        }
        self.span(other.first_seen, other.last_seen);
        self.count += other.count;
        self.criticals += other.criticals;
        for (name, count) in &other.hosts {
            count_name(&mut self.hosts, name, *count);
        }
        for (name, count) in &other.versions {
            count_name(&mut self.versions, name, *count);
        }
        for &(hour, count) in &other.hours {
            self.count_hour(hour, count);
        }
    }

    /// Forgets the hours before this moment; everything else is of all time.
    pub fn forget_hours_before(&mut self, micros: i64) {
        let first = hour_of(micros);
        let keep = self.hours.partition_point(|&(hour, _)| hour < first);
        self.hours.drain(..keep);
    }

    /// Errors in each of the `number` hours up to and with that of `now`, oldest first.
    #[must_use]
    pub fn last_hours(&self, number: usize, now: i64) -> Vec<u64> {
        let mut counts = vec![0; number];
        let first = hour_of(now) - i32::try_from(number).unwrap_or_default() + 1;
        for &(hour, count) in self.hours.iter().rev() {
            match usize::try_from(hour - first) {
                Ok(at) if at < number => counts[at] += u64::from(count),
                // Clocks of producers may be ahead.
                Ok(_) => {}
                Err(_) => break,
            }
        }
        counts
    }

    /// The worst level there was.
    #[must_use]
    pub fn level(&self) -> Severity {
        if self.criticals > 0 {
            Severity::Critical
        } else {
            Severity::Error
        }
    }

    fn span(&mut self, first: i64, last: i64) {
        if self.count == 0 {
            (self.first_seen, self.last_seen) = (first, last);
        } else {
            self.first_seen = self.first_seen.min(first);
            self.last_seen = self.last_seen.max(last);
        }
    }

    fn count_hour(&mut self, hour: i32, count: u32) {
        match self.hours.last_mut() {
            Some((last, sum)) if *last == hour => *sum = sum.saturating_add(count),
            _ => match self.hours.binary_search_by_key(&hour, |&(hour, _)| hour) {
                Ok(at) => self.hours[at].1 = self.hours[at].1.saturating_add(count),
                Err(at) => self.hours.insert(at, (hour, count)),
            },
        }
    }
}

/// Errors of one issue that have an hour, a host and a version in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) hour: i32,
    pub(crate) host: Option<&'a str>,
    pub(crate) version: Option<&'a str>,
    pub(crate) count: u32,
    pub(crate) criticals: u32,
    pub(crate) first_seen: i64,
    pub(crate) last_seen: i64,
}

/// The hour of a moment, since the epoch.
pub(crate) fn hour_of(micros: i64) -> i32 {
    let hour = micros.div_euclid(MICROS_PER_HOUR);
    // Timestamps span 585,000 years, 32 bits of hours 490,000.
    i32::try_from(hour).unwrap_or(if hour < 0 { i32::MIN } else { i32::MAX })
}

/// Few names, so that a list is found through faster than a map.
fn count_name(names: &mut Vec<(Box<str>, u64)>, name: &str, count: u64) {
    if let Some((_, sum)) = names.iter_mut().find(|(known, _)| **known == *name) {
        *sum += count;
    } else if names.len() < MAX_NAMES {
        names.push((name.into(), count));
    } else if let Some((_, sum)) = names.iter_mut().find(|(known, _)| **known == *OTHERS) {
        *sum += count;
    } else {
        names.push((OTHERS.into(), count));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tally_of(errors: &[(i64, u8, u8)]) -> Tally {
        let mut tally = Tally::default();
        for &(hour, host, version) in errors {
            tally.add(
                if host == 0 {
                    Severity::Critical
                } else {
                    Severity::Error
                },
                hour * MICROS_PER_HOUR + i64::from(version),
                Some(&format!("host-{host}")),
                (version > 0).then(|| format!("1.{version}")).as_deref(),
            );
        }
        tally
    }

    fn sorted(mut tally: Tally) -> Tally {
        tally.hosts.sort();
        tally.versions.sort();
        tally
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(
            errors in prop::collection::vec((-3_i64..40, 0_u8..5, 0_u8..4), 0..60),
            cut in 0_usize..60,
        ) {
            let (first, second) = errors.split_at(cut.min(errors.len()));
            let mut sum = tally_of(second);
            sum.absorb(&tally_of(first));
            prop_assert_eq!(sorted(sum), sorted(tally_of(&errors)));
        }
    }

    #[test]
    fn the_hours_shown_end_with_the_current_one() {
        let tally = tally_of(&[(10, 1, 1), (10, 1, 1), (12, 1, 1), (13, 1, 1)]);
        let now = 12 * MICROS_PER_HOUR + 5;
        assert_eq!(tally.last_hours(4, now), [0, 2, 0, 1]);
        let mut later = tally;
        later.forget_hours_before(11 * MICROS_PER_HOUR);
        assert_eq!(later.last_hours(4, now), [0, 0, 0, 1]);
        assert_eq!(later.count, 4);
    }

    #[test]
    fn names_beyond_the_limit_are_counted_together() {
        let mut tally = Tally::default();
        for number in 0..MAX_NAMES + 2 {
            tally.add(Severity::Error, 1, Some(&format!("host-{number}")), None);
        }
        assert_eq!(tally.hosts.len(), MAX_NAMES + 1);
        assert_eq!(tally.hosts.last(), Some(&(OTHERS.into(), 2)));
    }
}
