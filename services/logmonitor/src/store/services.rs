//! The list of all services and what is known of each.

use std::collections::{BTreeMap, BTreeSet};

use log_record::{Severity, Timestamp};

use super::rollup::{OTHER_SERVICES, Rollup};
use super::snapshot::View;

/// One service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceSummary {
    /// Its name.
    pub name: String,
    /// Its stored errors, the critical ones included.
    pub errors: u64,
    /// Those that are CRITICAL.
    pub criticals: u64,
    /// All its records that were seen, of every level.
    pub logs: u64,
    /// The share of errors among these, 0 to 1; 0 when none were seen.
    pub error_ratio: f64,
    /// Timestamp of its newest error.
    pub last_error_at: Option<Timestamp>,
    /// Timestamp of its newest record of any level.
    pub last_seen_at: Option<Timestamp>,
    /// The hosts its errors came from, sorted.
    pub hosts: Vec<String>,
}

#[derive(Default)]
struct Gathered<'a> {
    summary: ServiceSummary,
    hosts: BTreeSet<&'a str>,
}

pub(crate) fn services<'a>(
    views: impl Iterator<Item = &'a View>,
    rollup: &Rollup,
    floor: i64,
) -> Vec<ServiceSummary> {
    let counts = rollup.read(None, None);
    let mut gathered: BTreeMap<&str, Gathered<'_>> = BTreeMap::new();
    for view in views.filter(|view| view.newest >= floor) {
        gather(view, floor, &mut gathered);
    }
    for service in counts
        .iter()
        .filter(|service| &*service.name != OTHER_SERVICES)
    {
        let summary = &mut gathered.entry(&service.name).or_default().summary;
        let logs: u64 = service.by_level.iter().sum();
        let errors: u64 = Severity::ALL
            .into_iter()
            .filter(|level| level.is_error())
            .map(|level| service.by_level[level.index()])
            .sum();
        summary.logs = logs;
        summary.error_ratio = if logs == 0 {
            0.0
        } else {
            errors as f64 / logs as f64
        };
        summary.last_seen_at = summary.last_seen_at.max(service.last_seen);
    }
    gathered
        .into_iter()
        .map(|(name, gathered)| ServiceSummary {
            name: name.to_owned(),
            hosts: gathered.hosts.into_iter().map(str::to_owned).collect(),
            ..gathered.summary
        })
        .collect()
}

fn gather<'a>(view: &'a View, floor: i64, gathered: &mut BTreeMap<&'a str, Gathered<'a>>) {
    let segment = &*view.segment;
    let dictionary = &segment.dictionary;
    let first = segment.times.partition_point(|&time| time < floor);
    let mut entries: Vec<_> = segment.service_entries.to_vec();
    let mut origin_counts = segment.origin_counts.clone();
    for row in 0..first {
        let level = segment.level(row).index();
        entries[usize::from(segment.services[row])].by_level[level] -= 1;
        origin_counts[usize::from(segment.origins[row])] -= 1;
    }
    for (id, entry) in (0..).zip(&entries) {
        let errors: u64 = entry.by_level.iter().map(|&count| u64::from(count)).sum();
        if errors == 0 {
            continue;
        }
        let summary = &mut gathered.entry(dictionary.service(id)).or_default().summary;
        summary.errors += errors;
        summary.criticals += u64::from(entry.by_level[Severity::Critical.index()]);
        let newest = segment.times.get(usize::from(entry.newest)).copied();
        let newest = newest.map(Timestamp::from_micros);
        summary.last_error_at = summary.last_error_at.max(newest);
        summary.last_seen_at = summary.last_seen_at.max(newest);
    }
    for (origin, &count) in dictionary.origins.iter().zip(&*origin_counts) {
        if let Some(host) = dictionary.host(origin.host)
            && count > 0
        {
            let service = dictionary.service(origin.service);
            gathered.entry(service).or_default().hosts.insert(host);
        }
    }
}
