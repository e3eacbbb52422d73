//! The sequence numbers that one batch brought, by process start.

use foldhash::HashMap;
use log_record::{DropReport, Instance, LogRecord, Peek, Severity};

/// Sequence numbers of one batch. Adding one is cheap enough for every record.
#[derive(Clone, Debug, Default)]
pub struct Sequences {
    runs: Vec<Run>,
    by_instance: HashMap<Instance, usize>,
    /// The run of the last record, and how its instance is written: a partition brings many of one instance.
    last: usize,
    last_text: String,
}

/// What a batch has of one instance.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) instance: Instance,
    pub(super) service: Box<str>,
    /// Where its last record was read.
    pub(super) partition: i32,
    /// Its numbers, the first and the last of those that came one after the other.
    stretches: Vec<(u64, u64)>,
    /// What it says to have dropped.
    pub(super) report: Option<DropReport>,
}

impl Sequences {
    /// Takes a record of which no more is known than a glance at `payload` tells.
    pub fn add(&mut self, peeked: &Peek<'_>, payload: &[u8], partition: i32) {
        let (Some(identity), Some(service)) = (peeked.identity, peeked.service) else {
            return;
        };
        if self.last_text != identity.instance || self.runs.is_empty() {
            let Some(instance) = Instance::parse(identity.instance) else {
                return;
            };
            self.last = self.run(instance, service, partition);
            identity.instance.clone_into(&mut self.last_text);
        }
        let run = &mut self.runs[self.last];
        run.add(partition, identity.seq);
        run.take_report(report_of(peeked.level, payload));
    }

    /// Takes a decoded record, which was read from `payload`; one without identity says nothing.
    pub fn add_record(&mut self, record: &LogRecord<'_>, payload: &[u8], partition: i32) {
        if let (Some(instance), Some(seq)) = (record.instance, record.seq) {
            let at = self.run(instance, &record.service, partition);
            self.runs[at].add(partition, seq);
            self.runs[at].take_report(report_of(record.level, payload));
        }
    }

    /// Adds those of another part of the batch.
    pub(crate) fn absorb(&mut self, other: &Sequences) {
        for run in &other.runs {
            let at = self.run(run.instance, &run.service, run.partition);
            let own = &mut self.runs[at];
            own.stretches.extend_from_slice(&run.stretches);
            own.take_report(run.report);
        }
    }

    /// Starts over, keeping the allocations.
    pub fn clear(&mut self) {
        self.runs.clear();
        self.by_instance.clear();
        self.last = 0;
        self.last_text.clear();
    }

    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The run of an instance, which is empty when it is new.
    fn run(&mut self, instance: Instance, service: &str, partition: i32) -> usize {
        let next = self.runs.len();
        let at = *self.by_instance.entry(instance).or_insert(next);
        if at == next {
            self.runs.push(Run {
                instance,
                service: service.into(),
                partition,
                stretches: Vec::new(),
                report: None,
            });
        }
        at
    }
}

impl Run {
    fn add(&mut self, partition: i32, seq: u64) {
        self.partition = partition;
        match self.stretches.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(seq) => *last = seq,
            _ => self.stretches.push((seq, seq)),
        }
    }

    /// Its numbers as ranges, the first and the last of each, in order and apart from each other.
    pub(super) fn numbers(&self) -> Vec<(u64, u64)> {
        let mut ranges = self.stretches.clone();
        // Stable, because that is faster where much is in order.
        ranges.sort();
        ranges.dedup_by(|next, range| {
            let is_joined = next.0 <= range.1.saturating_add(1);
            if is_joined {
                range.1 = range.1.max(next.1);
            }
            is_joined
        });
        ranges
    }

    fn take_report(&mut self, report: Option<DropReport>) {
        let Some(report) = report else {
            return;
        };
        let own = self.report.get_or_insert_default();
        own.with_seq = own.with_seq.max(report.with_seq);
        own.without_seq = own.without_seq.max(report.without_seq);
    }
}

fn report_of(level: Severity, payload: &[u8]) -> Option<DropReport> {
    (level == Severity::Warn)
        .then(|| DropReport::find(payload))
        .flatten()
}
