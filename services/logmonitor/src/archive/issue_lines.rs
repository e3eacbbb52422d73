//! What a block says of issues without being opened: errors by issue, hour, host and version. The counts of issues are
//! the sums of these, so they are as exact as the blocks.
//!
//! All numbers are little endian: version (1), names (a count of 4 bytes, then each with its length in 2), lines (a
//! count of 4, then 52 bytes each).

use std::collections::{BTreeMap, HashMap};

use log_record::Severity;

use crate::issues::{IssueKey, Line, hour_of};
use crate::store::Segment;

const VERSION: u8 = 1;

/// Issue, hour, and the numbers of host and version; 0 is none.
type Place = (IssueKey, i32, u32, u32);

#[derive(Clone, Copy)]
struct Counts {
    count: u32,
    criticals: u32,
    first_seen: i64,
    last_seen: i64,
}

/// The names of hosts and versions, numbered from 1.
#[derive(Default)]
struct Names<'a> {
    names: Vec<&'a str>,
    numbers: HashMap<&'a str, u32>,
}

impl<'a> Names<'a> {
    fn number(&mut self, name: Option<&'a str>) -> u32 {
        let Some(name) = name else { return 0 };
        *self.numbers.entry(name).or_insert_with(|| {
            self.names.push(name);
            self.names.len() as u32
        })
    }
}

/// The lines of a segment.
pub(super) fn encode(segment: &Segment) -> Vec<u8> {
    let mut names = Names::default();
    let places: Vec<(u32, u32)> = (0..segment.dictionary.origins.len() as u16)
        .map(|id| {
            let origin = segment.dictionary.origin(id);
            (names.number(origin.host), names.number(origin.version))
        })
        .collect();
    let mut lines: BTreeMap<Place, Counts> = BTreeMap::new();
    for row in 0..segment.len() {
        let Some(issue) = segment.issue(row) else {
            continue;
        };
        let micros = segment.times[row];
        let (host, version) = places[usize::from(segment.origins[row])];
        let counts = lines
            .entry((issue, hour_of(micros), host, version))
            .or_insert(Counts {
                count: 0,
                criticals: 0,
                first_seen: micros,
                last_seen: micros,
            });
        counts.count += 1;
        counts.criticals += u32::from(segment.level(row) == Severity::Critical);
        // Rows are in the order of time.
        counts.last_seen = micros;
    }
    if lines.is_empty() {
        return Vec::new();
    }
    let mut out = vec![VERSION];
    out.extend((names.names.len() as u32).to_le_bytes());
    for name in names.names {
        // Names are cut to 64 KiB when they are stored.
        let name = &name.as_bytes()[..name.len().min(usize::from(u16::MAX))];
        out.extend((name.len() as u16).to_le_bytes());
        out.extend(name);
    }
    out.extend((lines.len() as u32).to_le_bytes());
    for ((issue, hour, host, version), counts) in lines {
        out.extend(issue.0.to_le_bytes());
        out.extend(hour.to_le_bytes());
        out.extend(host.to_le_bytes());
        out.extend(version.to_le_bytes());
        out.extend(counts.count.to_le_bytes());
        out.extend(counts.criticals.to_le_bytes());
        out.extend(counts.first_seen.to_le_bytes());
        out.extend(counts.last_seen.to_le_bytes());
    }
    out
}

/// Reads lines one after the other. `None` when they are damaged; what was read before is right.
pub(super) fn read(bytes: &[u8], mut each: impl FnMut(IssueKey, &Line<'_>)) -> Option<()> {
    let mut reader = Reader(bytes);
    if bytes.is_empty() {
        return Some(());
    }
    if reader.take::<1>()? != [VERSION] {
        return None;
    }
    let mut names = Vec::new();
    for _ in 0..reader.u32()? {
        let length = usize::from(u16::from_le_bytes(reader.take()?));
        let (name, rest) = reader.0.split_at_checked(length)?;
        reader.0 = rest;
        // One that was cut within a letter.
        names.push(String::from_utf8_lossy(name));
    }
    let name = |number: u32| {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        names.get(at).map(|name| &**name)
    };
    for _ in 0..reader.u32()? {
        let issue = IssueKey(u128::from_le_bytes(reader.take()?));
        let hour = i32::from_le_bytes(reader.take()?);
        let (host, version) = (name(reader.u32()?), name(reader.u32()?));
        let line = Line {
            hour,
            host,
            version,
            count: reader.u32()?,
            criticals: reader.u32()?,
            first_seen: i64::from_le_bytes(reader.take()?),
            last_seen: i64::from_le_bytes(reader.take()?),
        };
        each(issue, &line);
    }
    reader.0.is_empty().then_some(())
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }
}
