//! Builds a dictionary: gives every distinct service, host, origin, callsite, thread, partition and
//! issue an id.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::{FoldHasher, RandomState};

use issue_grouping::IssueKey;
use log_record::{Instance, LogRecord};

use super::dictionary::{Callsite, Dictionary, NO_ID, Origin, Span, StoredCallsite, StoredOrigin};
use super::hash_index::HashIndex;

/// A growing dictionary with the index that finds what is in it. Random hashing: what services log is not
/// trusted.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    hashing: RandomState,
    /// All kinds share one index; a place is the kind above the id.
    index: HashIndex,
    text: String,
    services: Vec<Span>,
    hosts: Vec<Span>,
    origins: Vec<StoredOrigin>,
    callsites: Vec<StoredCallsite>,
    threads: Vec<Span>,
    partitions: Vec<(Span, i32)>,
    issues: Vec<IssueKey>,
    /// What the record before had: neighbours mostly share these, and comparing is cheaper than hashing.
    last_service: u16,
    last_thread: u16,
    last_partition: u16,
    last_issue: u16,
}

#[derive(Clone, Copy)]
#[repr(u32)]
enum Kind {
    Service,
    Host,
    Origin,
    Callsite,
    Thread,
    Partition,
    Issue,
}

impl Kind {
    fn place(self, id: usize) -> u32 {
        ((self as u32) << 16) | id as u32
    }

    /// The id in a place, if the place is of this kind.
    fn id(self, place: u32) -> Option<usize> {
        (place >> 16 == self as u32).then_some((place & 0xFFFF) as usize)
    }
}

impl Interner {
    pub(crate) fn service(&mut self, name: &str) -> u16 {
        let last = self.services.get(usize::from(self.last_service));
        if last.is_none_or(|last| last.read(&self.text) != Some(name)) {
            self.last_service = self.find_service(name);
        }
        self.last_service
    }

    fn find_service(&mut self, name: &str) -> u16 {
        let hash = self.hash(Kind::Service, |hasher| hasher.write(name.as_bytes()));
        let found = find_span(
            &self.index,
            Kind::Service,
            hash,
            &self.services,
            &self.text,
            name,
        );
        found.unwrap_or_else(|| {
            self.services.push(Span::append(&mut self.text, Some(name)));
            self.added(Kind::Service, hash, self.services.len())
        })
    }

    fn host(&mut self, name: Option<&str>) -> u16 {
        let Some(name) = name else { return NO_ID };
        let hash = self.hash(Kind::Host, |hasher| hasher.write(name.as_bytes()));
        let found = find_span(&self.index, Kind::Host, hash, &self.hosts, &self.text, name);
        found.unwrap_or_else(|| {
            self.hosts.push(Span::append(&mut self.text, Some(name)));
            self.added(Kind::Host, hash, self.hosts.len())
        })
    }

    pub(crate) fn thread(&mut self, name: Option<&str>) -> u16 {
        let Some(name) = name else { return NO_ID };
        let last = self.threads.get(usize::from(self.last_thread));
        if last.is_none_or(|last| last.read(&self.text) != Some(name)) {
            self.last_thread = self.find_thread(name);
        }
        self.last_thread
    }

    fn find_thread(&mut self, name: &str) -> u16 {
        let hash = self.hash(Kind::Thread, |hasher| hasher.write(name.as_bytes()));
        let found = find_span(
            &self.index,
            Kind::Thread,
            hash,
            &self.threads,
            &self.text,
            name,
        );
        found.unwrap_or_else(|| {
            self.threads.push(Span::append(&mut self.text, Some(name)));
            self.added(Kind::Thread, hash, self.threads.len())
        })
    }

    pub(crate) fn partition(&mut self, topic: &str, partition: i32) -> u16 {
        let last = self.partitions.get(usize::from(self.last_partition));
        let is_last = last.is_some_and(|(name, number)| {
            *number == partition && name.read(&self.text) == Some(topic)
        });
        if !is_last {
            self.last_partition = self.find_partition(topic, partition);
        }
        self.last_partition
    }

    fn find_partition(&mut self, topic: &str, partition: i32) -> u16 {
        let hash = self.hash(Kind::Partition, |hasher| {
            hasher.write_i32(partition);
            hasher.write(topic.as_bytes());
        });
        let found = self.index.find(hash, |place| {
            Kind::Partition.id(place).is_some_and(|id| {
                let (span, number) = self.partitions[id];
                number == partition && span.read(&self.text) == Some(topic)
            })
        });
        if let Some(place) = found {
            return place as u16;
        }
        let topic = Span::append(&mut self.text, Some(topic));
        self.partitions.push((topic, partition));
        self.added(Kind::Partition, hash, self.partitions.len())
    }

    pub(crate) fn issue(&mut self, issue: Option<IssueKey>) -> u16 {
        let Some(issue) = issue else { return NO_ID };
        if self.issues.get(usize::from(self.last_issue)) != Some(&issue) {
            self.last_issue = self.find_issue(issue);
        }
        self.last_issue
    }

    fn find_issue(&mut self, issue: IssueKey) -> u16 {
        let hash = self.hash(Kind::Issue, |hasher| hasher.write_u128(issue.0));
        let found = self.index.find(hash, |place| {
            Kind::Issue
                .id(place)
                .is_some_and(|id| self.issues[id] == issue)
        });
        if let Some(place) = found {
            return place as u16;
        }
        self.issues.push(issue);
        self.added(Kind::Issue, hash, self.issues.len())
    }

    pub(crate) fn origin(&mut self, origin: &Origin<'_>) -> u16 {
        // An instance names a process start, so it alone tells nearly all origins apart.
        let hash = match origin.instance {
            Some(instance) => self.hash(Kind::Origin, |hasher| hasher.write_u128(instance.0)),
            None => self.hash(Kind::Origin, |hasher| {
                hasher.write_u16(origin.service);
                hasher.write_u32(origin.pid.unwrap_or_default());
                hasher.write(origin.host.unwrap_or_default().as_bytes());
            }),
        };
        let found = self.index.find(hash, |place| {
            Kind::Origin
                .id(place)
                .is_some_and(|id| self.is_origin(&self.origins[id], origin))
        });
        if let Some(place) = found {
            return place as u16;
        }
        let host = self.host(origin.host);
        self.origins.push(StoredOrigin {
            instance: origin.instance,
            version: Span::append(&mut self.text, origin.version),
            env: Span::append(&mut self.text, origin.env),
            pid: origin.pid,
            service: origin.service,
            host,
        });
        self.added(Kind::Origin, hash, self.origins.len())
    }

    /// The service and the origin of a record of an instance that is known: one lookup instead of two.
    pub(crate) fn known_origin(&self, record: &LogRecord<'_>) -> Option<(u16, u16)> {
        let instance = record.instance?;
        let hash = self.hash(Kind::Origin, |hasher| hasher.write_u128(instance.0));
        let place = self.index.find(hash, |place| {
            Kind::Origin.id(place).is_some_and(|id| {
                let stored = &self.origins[id];
                let service = self.services[usize::from(stored.service)];
                service.read(&self.text) == Some(&*record.service)
                    && self.is_origin(stored, &Origin::of(record, stored.service))
            })
        })?;
        let origin = place as u16;
        Some((self.origins[usize::from(origin)].service, origin))
    }

    fn is_origin(&self, stored: &StoredOrigin, origin: &Origin<'_>) -> bool {
        let host = self.hosts.get(usize::from(stored.host));
        stored.instance == origin.instance
            && stored.service == origin.service
            && stored.pid == origin.pid
            && host.and_then(|host| host.read(&self.text)) == origin.host
            && stored.version.read(&self.text) == origin.version
            && stored.env.read(&self.text) == origin.env
    }

    pub(crate) fn callsite(&mut self, callsite: &Callsite<'_>) -> u16 {
        let hash = self.hash(Kind::Callsite, |hasher| {
            hasher.write_u32(callsite.line.unwrap_or_default());
            hasher.write(
                callsite
                    .target
                    .or(callsite.file)
                    .unwrap_or_default()
                    .as_bytes(),
            );
        });
        let text = self.text.as_str();
        let found = self.index.find(hash, |place| {
            Kind::Callsite.id(place).is_some_and(|id| {
                let stored = &self.callsites[id];
                stored.line == callsite.line
                    && stored.target.read(text) == callsite.target
                    && stored.file.read(text) == callsite.file
                    && stored.module.read(text) == callsite.module
            })
        });
        if let Some(place) = found {
            return place as u16;
        }
        self.callsites.push(StoredCallsite {
            target: Span::append(&mut self.text, callsite.target),
            module: Span::append(&mut self.text, callsite.module),
            file: Span::append(&mut self.text, callsite.file),
            line: callsite.line,
        });
        self.added(Kind::Callsite, hash, self.callsites.len())
    }

    /// The name of a service.
    pub(crate) fn service_name(&self, id: u16) -> &str {
        let span = self.services.get(usize::from(id));
        span.and_then(|span| span.read(&self.text))
            .unwrap_or_default()
    }

    /// The instance of an origin.
    pub(crate) fn instance(&self, origin: u16) -> Option<Instance> {
        self.origins[usize::from(origin)].instance
    }

    /// Bytes of all texts so far.
    pub(crate) fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Heap bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.index.bytes()
            + self.text.capacity()
            + self.origins.capacity() * size_of::<StoredOrigin>()
            + self.callsites.capacity() * size_of::<StoredCallsite>()
    }

    /// What has been gathered so far, in exactly as many bytes as it needs.
    pub(crate) fn dictionary(&self) -> Dictionary {
        Dictionary {
            text: self.text.as_str().into(),
            services: self.services.as_slice().into(),
            hosts: self.hosts.as_slice().into(),
            origins: self.origins.as_slice().into(),
            callsites: self.callsites.as_slice().into(),
            threads: self.threads.as_slice().into(),
            partitions: self.partitions.as_slice().into(),
            issues: self.issues.as_slice().into(),
        }
    }

    /// Starts over, keeping the allocations.
    pub(crate) fn clear(&mut self) {
        self.index.clear();
        self.text.clear();
        self.services.clear();
        self.hosts.clear();
        self.origins.clear();
        self.callsites.clear();
        self.threads.clear();
        self.partitions.clear();
        self.issues.clear();
    }

    /// Hashes what tells entries of a kind apart well enough; finding one compares all of it.
    fn hash(&self, kind: Kind, write: impl FnOnce(&mut FoldHasher<'_>)) -> u64 {
        let mut hasher = self.hashing.build_hasher();
        hasher.write_u32(kind as u32);
        write(&mut hasher);
        hasher.finish()
    }

    /// Indexes the last of the now `count` entries of a kind. A segment has at most 8,192 records, so ids fit.
    fn added(&mut self, kind: Kind, hash: u64, count: usize) -> u16 {
        let id = count - 1;
        self.index.insert(hash, kind.place(id));
        id as u16
    }
}

fn find_span(
    index: &HashIndex,
    kind: Kind,
    hash: u64,
    spans: &[Span],
    text: &str,
    name: &str,
) -> Option<u16> {
    let place = index.find(hash, |place| {
        kind.id(place)
            .is_some_and(|id| spans[id].read(text) == Some(name))
    });
    place.map(|place| place as u16)
}
