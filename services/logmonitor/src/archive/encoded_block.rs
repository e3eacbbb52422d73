//! A segment of the store as the block it becomes: compressed, and with what is known of it without opening it.

use std::collections::{BTreeMap, HashMap};

use log_record::{Instance, Severity};

use super::blocks::SummaryLine;
use super::compressed::compress;
use super::{ArchiveError, issue_lines};
use crate::store::{self, PayloadHashes, Segment};

/// A block ready to be written.
#[derive(Debug)]
pub(super) struct EncodedBlock {
    pub(super) arrival: u64,
    pub(super) records: usize,
    pub(super) oldest: i64,
    pub(super) newest: i64,
    pub(super) summary: Vec<u8>,
    pub(super) issues: Vec<u8>,
    pub(super) data: Vec<u8>,
    /// Sequence numbers by instance: the lowest and the highest.
    pub(super) instances: HashMap<Instance, (u64, u64)>,
    /// Offsets of the records without identity, by topic and partition.
    pub(super) partitions: BTreeMap<(String, i32), (i64, i64)>,
}

impl EncodedBlock {
    /// `None` for a segment without rows.
    pub(super) fn of(
        segment: &Segment,
        payloads: &[PayloadHashes],
    ) -> Result<Option<EncodedBlock>, ArchiveError> {
        let Some((&oldest, &newest)) = segment.times.first().zip(segment.times.last()) else {
            return Ok(None);
        };
        let damaged = |_| ArchiveError::Damaged {
            arrival: segment.base_arrival(),
            reason: "it cannot be encoded",
        };
        let encoded = store::encode(segment, payloads);
        let data = compress(&encoded.parts()).map_err(damaged)?;
        let mut block = EncodedBlock {
            arrival: segment.base_arrival(),
            records: segment.len(),
            oldest,
            newest,
            summary: serde_json::to_vec(&summary_of(segment)).unwrap_or_default(),
            issues: issue_lines::encode(segment),
            data,
            instances: HashMap::new(),
            partitions: BTreeMap::new(),
        };
        block.note_identities(segment);
        Ok(Some(block))
    }

    /// Rows are counted by the numbers of the dictionary, so that none of them is hashed.
    fn note_identities(&mut self, segment: &Segment) {
        let dictionary = &segment.dictionary;
        let mut seqs = vec![None; dictionary.origins.len()];
        let mut offsets = vec![None; dictionary.partitions.len()];
        for row in 0..segment.len() {
            let origin = usize::from(segment.origins[row]);
            match (dictionary.origins[origin].instance, segment.seq(row)) {
                (Some(_), Some(seq)) => widen(&mut seqs[origin], seq),
                _ => {
                    let offset = segment.offset(row);
                    let partition = usize::from(segment.partitions[row]);
                    widen(&mut offsets[partition], offset);
                }
            }
        }
        for (origin, range) in dictionary.origins.iter().zip(seqs) {
            if let Some((instance, (low, high))) = origin.instance.zip(range) {
                let known = self.instances.entry(instance).or_insert((low, high));
                *known = (known.0.min(low), known.1.max(high));
            }
        }
        self.partitions = (0..)
            .zip(offsets)
            .filter_map(|(id, range)| {
                let (topic, partition) = dictionary.partition(id);
                Some(((topic.to_owned(), partition), range?))
            })
            .collect();
    }
}

fn widen<T: Ord + Copy>(range: &mut Option<(T, T)>, value: T) {
    let (lowest, highest) = range.unwrap_or((value, value));
    *range = Some((lowest.min(value), highest.max(value)));
}

fn summary_of(segment: &Segment) -> Vec<SummaryLine> {
    let mut counts = vec![(0, 0); segment.dictionary.origins.len()];
    for row in 0..segment.len() {
        let (errors, criticals) = &mut counts[usize::from(segment.origins[row])];
        match segment.level(row) {
            Severity::Critical => *criticals += 1,
            _ => *errors += 1,
        }
    }
    let mut lines: BTreeMap<(&str, Option<&str>), (u64, u64)> = BTreeMap::new();
    for (origin, (errors, criticals)) in (0..).zip(counts) {
        // The dictionary may be of more rows than these.
        if (errors, criticals) == (0, 0) {
            continue;
        }
        let origin = segment.dictionary.origin(origin);
        let service = segment.dictionary.service(origin.service);
        let line = lines.entry((service, origin.host)).or_default();
        *line = (line.0 + errors, line.1 + criticals);
    }
    let lines = lines.into_iter();
    lines
        .map(|((service, host), (errors, criticals))| SummaryLine {
            service: service.to_owned(),
            host: host.map(str::to_owned),
            errors,
            criticals,
        })
        .collect()
}
