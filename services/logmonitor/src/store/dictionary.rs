//! The repeated texts of one segment, each stored once. Every segment carries its own, so that a name nobody
//! uses any more leaves with the last segment that has it, and a segment can be read without anything else.

use issue_grouping::IssueKey;
use log_record::{Instance, LogRecord};

use super::interner::Interner;

/// A piece of a dictionary's text; absent where the record did not say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    start: u32,
    length: u32,
}

impl Span {
    const ABSENT: u32 = u32::MAX;

    pub(crate) const NONE: Span = Span {
        start: Span::ABSENT,
        length: 0,
    };

    /// Puts a text at the end of `all`. A chunk is cut long before its names reach 4 GiB.
    pub(crate) fn append(all: &mut String, text: Option<&str>) -> Span {
        let Some(text) = text else { return Span::NONE };
        let start = all.len() as u32;
        all.push_str(text);
        Span {
            start,
            length: text.len() as u32,
        }
    }

    /// Start and length, as they are stored.
    pub(crate) fn raw(self) -> (u32, u32) {
        (self.start, self.length)
    }

    /// The reverse of [`Span::raw`]. A span that lies outside of its text reads as absent.
    pub(crate) fn from_raw(start: u32, length: u32) -> Span {
        Span { start, length }
    }

    pub(crate) fn len(self) -> usize {
        self.length as usize
    }

    pub(crate) fn read(self, all: &str) -> Option<&str> {
        if self.start == Span::ABSENT {
            return None;
        }
        let start = self.start as usize;
        all.get(start..start + self.length as usize)
    }
}

/// The id that stands for "the record did not say".
pub(crate) const NO_ID: u16 = u16::MAX;

/// Where a record came from, as the dictionary keeps it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredOrigin {
    pub(crate) instance: Option<Instance>,
    pub(crate) version: Span,
    pub(crate) env: Span,
    pub(crate) pid: Option<u32>,
    pub(crate) service: u16,
    pub(crate) host: u16,
}

/// Where in the code a record was made, as the dictionary keeps it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredCallsite {
    pub(crate) target: Span,
    pub(crate) module: Span,
    pub(crate) file: Span,
    pub(crate) line: Option<u32>,
}

/// Who logged: everything that is the same for all records of one process start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Origin<'a> {
    pub(crate) service: u16,
    pub(crate) host: Option<&'a str>,
    pub(crate) instance: Option<Instance>,
    pub(crate) version: Option<&'a str>,
    pub(crate) env: Option<&'a str>,
    pub(crate) pid: Option<u32>,
}

impl<'a> Origin<'a> {
    pub(crate) fn of(record: &'a LogRecord<'_>, service: u16) -> Origin<'a> {
        Origin {
            service,
            host: record.host.as_deref(),
            instance: record.instance,
            version: record.version.as_deref(),
            env: record.env.as_deref(),
            pid: record.pid,
        }
    }
}

/// Where in the code a record was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Callsite<'a> {
    pub(crate) target: Option<&'a str>,
    pub(crate) module: Option<&'a str>,
    pub(crate) file: Option<&'a str>,
    pub(crate) line: Option<u32>,
}

impl<'a> Callsite<'a> {
    pub(crate) fn of(record: &'a LogRecord<'_>) -> Callsite<'a> {
        Callsite {
            target: record.target.as_deref(),
            module: record.module.as_deref(),
            file: record.file.as_deref(),
            line: record.line,
        }
    }
}

/// The dictionaries of one segment; ids are positions.
#[derive(Debug)]
pub(crate) struct Dictionary {
    pub(crate) text: Box<str>,
    pub(crate) services: Box<[Span]>,
    pub(crate) hosts: Box<[Span]>,
    pub(crate) origins: Box<[StoredOrigin]>,
    pub(crate) callsites: Box<[StoredCallsite]>,
    pub(crate) threads: Box<[Span]>,
    pub(crate) partitions: Box<[(Span, i32)]>,
    pub(crate) issues: Box<[IssueKey]>,
}

impl Dictionary {
    pub(crate) fn service(&self, id: u16) -> &str {
        self.services[usize::from(id)]
            .read(&self.text)
            .unwrap_or_default()
    }

    pub(crate) fn host(&self, id: u16) -> Option<&str> {
        self.hosts.get(usize::from(id))?.read(&self.text)
    }

    pub(crate) fn origin(&self, id: u16) -> Origin<'_> {
        let origin = &self.origins[usize::from(id)];
        Origin {
            service: origin.service,
            host: self.host(origin.host),
            instance: origin.instance,
            version: origin.version.read(&self.text),
            env: origin.env.read(&self.text),
            pid: origin.pid,
        }
    }

    pub(crate) fn callsite(&self, id: u16) -> Callsite<'_> {
        let callsite = &self.callsites[usize::from(id)];
        Callsite {
            target: callsite.target.read(&self.text),
            module: callsite.module.read(&self.text),
            file: callsite.file.read(&self.text),
            line: callsite.line,
        }
    }

    pub(crate) fn thread(&self, id: u16) -> Option<&str> {
        self.threads.get(usize::from(id))?.read(&self.text)
    }

    pub(crate) fn partition(&self, id: u16) -> (&str, i32) {
        let (topic, partition) = self.partitions[usize::from(id)];
        (topic.read(&self.text).unwrap_or_default(), partition)
    }

    /// Heap bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len()
            + size_of_val(&*self.services)
            + size_of_val(&*self.hosts)
            + size_of_val(&*self.origins)
            + size_of_val(&*self.callsites)
            + size_of_val(&*self.threads)
            + size_of_val(&*self.partitions)
            + size_of_val(&*self.issues)
    }
}

/// The ids of one dictionary's entries in another.
#[derive(Debug)]
pub(crate) struct Remap {
    pub(crate) services: Vec<u16>,
    pub(crate) origins: Vec<u16>,
    pub(crate) callsites: Vec<u16>,
    pub(crate) threads: Vec<u16>,
    pub(crate) partitions: Vec<u16>,
    pub(crate) issues: Vec<u16>,
}

impl Remap {
    /// Takes all entries of `from` over into `into`.
    pub(crate) fn absorb(from: &Dictionary, into: &mut Interner) -> Remap {
        let ids = |count: usize| 0..u16::try_from(count).unwrap_or(NO_ID);
        let services: Vec<u16> = ids(from.services.len())
            .map(|id| into.service(from.service(id)))
            .collect();
        let origins = ids(from.origins.len())
            .map(|id| {
                let origin = from.origin(id);
                into.origin(&Origin {
                    service: services[usize::from(origin.service)],
                    ..origin
                })
            })
            .collect();
        Remap {
            services,
            origins,
            callsites: ids(from.callsites.len())
                .map(|id| into.callsite(&from.callsite(id)))
                .collect(),
            threads: ids(from.threads.len())
                .map(|id| into.thread(from.thread(id)))
                .collect(),
            partitions: ids(from.partitions.len())
                .map(|id| {
                    let (topic, partition) = from.partition(id);
                    into.partition(topic, partition)
                })
                .collect(),
            issues: from
                .issues
                .iter()
                .map(|&issue| into.issue(Some(issue)))
                .collect(),
        }
    }
}
