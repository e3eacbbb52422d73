//! Which key of a record means what: the table of aliases, each with its rank.
//!
//! A nested object and a dotted key are the same thing: `{"log":{"level":..}}` is looked up as `log.level`.

mod table;

use Slot::{
    Caller, Chain, Env, Error, ErrorMessage, ErrorStack, ErrorType, Fields, File, Host, Instance,
    Level, Line, Message, Module, Name, Pid, Schema, Seq, Service, Span, SpanId, Spans, Target,
    Thread, Timestamp, TraceId, Truncated, Version,
};

use table::{ALIASES, GROUPS};

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Timestamp,
    Level,
    Message,
    Service,
    Host,
    Instance,
    Seq,
    Schema,
    Version,
    Env,
    Pid,
    Target,
    Module,
    File,
    Line,
    /// File and line in one.
    Caller,
    Thread,
    /// An error of whatever shape.
    Error,
    ErrorType,
    ErrorMessage,
    ErrorStack,
    Chain,
    Fields,
    Span,
    Spans,
    TraceId,
    SpanId,
    Truncated,
    /// The service in the shape of pino and bunyan, the logger in Python's.
    Name,
}

impl Slot {
    /// How many slots there are.
    pub(super) const COUNT: usize = Name as usize + 1;

    /// All of them, in the order of their numbers.
    pub(super) const ALL: [Slot; Slot::COUNT] = [
        Timestamp,
        Level,
        Message,
        Service,
        Host,
        Instance,
        Seq,
        Schema,
        Version,
        Env,
        Pid,
        Target,
        Module,
        File,
        Line,
        Caller,
        Thread,
        Error,
        ErrorType,
        ErrorMessage,
        ErrorStack,
        Chain,
        Fields,
        Span,
        Spans,
        TraceId,
        SpanId,
        Truncated,
        Name,
    ];

    /// The canonical field that the slot gives its value to.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Timestamp => "timestamp",
            Level => "level",
            Message => "message",
            Service => "service",
            Host => "host",
            Instance => "instance",
            Seq => "seq",
            Schema => "schema",
            Version => "version",
            Env => "env",
            Pid => "pid",
            Target => "target",
            Module => "module",
            File => "file",
            Line => "line",
            Caller => "file, line",
            Thread => "thread",
            Error => "error",
            ErrorType => "error.type",
            ErrorMessage => "error.message",
            ErrorStack => "error.stack",
            Chain => "error.chain",
            Fields => "fields",
            Span => "span",
            Spans => "spans",
            TraceId => "trace_id",
            SpanId => "span_id",
            Truncated => "truncated",
            Name => "name",
        }
    }
}

/// How early the alias stands in its row of the table: 0 is our own key, and the lowest rank wins.
pub(super) type Rank = u8;

/// The rank of [`Slot::Message`] that `fields.message` has, which is looked at last.
pub(super) const MESSAGE_IN_FIELDS: Rank = 9;
/// From this rank on a time must look like one: the keys are short, and others use them for what they like.
pub(super) const TIMESTAMP_BY_LOOKS: Rank = 6;
/// The rank of [`Slot::Message`] of a template that has to be filled in.
pub(super) const MESSAGE_TEMPLATE: Rank = 11;

/// Keys of levels whose numbers have a meaning of their own, by rank.
pub(super) mod numeric_level {
    use super::Rank;

    pub(crate) const SEVERITY: Rank = 2;
    pub(crate) const OTEL: Rank = 20;
    pub(crate) const LOGBACK: Rank = 22;
    pub(crate) const PYTHON: Rank = 23;
    pub(crate) const SYSLOG: Rank = 25;
}

/// The longest key of the tables.
const MAX_LENGTH: usize = 48;
const BUCKETS: usize = 1024;

/// Position in [`ALIASES`] plus one by hash, or 0; the next bucket where one is taken.
static ALIAS_INDEX: [u8; BUCKETS] = {
    let mut index = [0_u8; BUCKETS];
    let mut at = 0;
    while at < ALIASES.len() {
        let mut bucket = hash(ALIASES[at].0.as_bytes());
        while index[bucket] != 0 {
            bucket = (bucket + 1) % BUCKETS;
        }
        assert!(at < 255 && ALIASES[at].0.len() <= MAX_LENGTH);
        index[bucket] = at as u8 + 1;
        at += 1;
    }
    index
};

/// Cheap, and spread well enough over keys as loggers have them.
#[inline]
const fn hash(key: &[u8]) -> usize {
    let length = key.len();
    if length == 0 {
        return 0;
    }
    mix(length, key[0], key[length / 2], key[length - 1])
}

/// The hash of a key by its length, its first byte, the one in the middle and the last.
#[inline]
const fn mix(length: usize, first: u8, middle: u8, last: u8) -> usize {
    let mixed =
        length * 0x9E5 + first as usize * 0x1F1 + middle as usize * 0x47 + last as usize * 0xB;
    (mixed ^ (mixed >> 7)) % BUCKETS
}

/// Position in [`GROUPS`] plus one by hash, or 0, as in [`ALIAS_INDEX`].
static GROUP_INDEX: [u8; BUCKETS] = {
    let mut index = [0_u8; BUCKETS];
    let mut at = 0;
    while at < GROUPS.len() {
        let mut bucket = hash(GROUPS[at].as_bytes());
        while index[bucket] != 0 {
            bucket = (bucket + 1) % BUCKETS;
        }
        assert!(GROUPS[at].len() <= MAX_LENGTH);
        index[bucket] = at as u8 + 1;
        at += 1;
    }
    index
};

/// Looks a key up. `None`: it is one of the user's, and goes to `fields`.
#[inline]
pub(super) fn slot(key: impl AsRef<[u8]>) -> Option<(Slot, Rank)> {
    let key = key.as_ref();
    let mut bucket = hash(key);
    loop {
        let at = usize::from(ALIAS_INDEX[bucket]).checked_sub(1)?;
        let &(alias, slot, rank) = ALIASES.get(at)?;
        if alias.as_bytes() == key {
            return Some((slot, rank));
        }
        bucket = (bucket + 1) % BUCKETS;
    }
}

/// Looks up the key of a member of a group.
#[inline]
pub(super) fn slot_in(group: &str, key: impl AsRef<[u8]>) -> Option<(Slot, Rank)> {
    if group.is_empty() {
        return slot(key);
    }
    let dotted = Dotted::new(group, key.as_ref())?;
    let mut bucket = dotted.hash;
    loop {
        let at = usize::from(ALIAS_INDEX[bucket]).checked_sub(1)?;
        let &(alias, slot, rank) = ALIASES.get(at)?;
        if dotted.is(alias) {
            return Some((slot, rank));
        }
        bucket = (bucket + 1) % BUCKETS;
    }
}

/// The group that a member's object is, if it is one.
pub(super) fn group_in(group: &str, key: impl AsRef<[u8]>) -> Option<&'static str> {
    let dotted = Dotted::new(group, key.as_ref())?;
    let mut bucket = dotted.hash;
    loop {
        let at = usize::from(GROUP_INDEX[bucket]).checked_sub(1)?;
        let known = *GROUPS.get(at)?;
        if dotted.is(known) {
            return Some(known);
        }
        bucket = (bucket + 1) % BUCKETS;
    }
}

/// A key behind its group, with a dot between them; nothing is put together for it.
struct Dotted<'k> {
    group: &'k [u8],
    key: &'k [u8],
    hash: usize,
}

impl<'k> Dotted<'k> {
    /// `None` where it is longer than any that is known.
    #[inline]
    fn new(group: &'k str, key: &'k [u8]) -> Option<Dotted<'k>> {
        let group = group.as_bytes();
        let Some(&first) = group.first() else {
            let hash = hash(key);
            return Some(Dotted { group, key, hash });
        };
        let length = group.len() + 1 + key.len();
        let middle = match (length / 2).checked_sub(group.len()) {
            None => *group.get(length / 2)?,
            Some(0) => b'.',
            Some(at) => *key.get(at - 1)?,
        };
        let last = key.last().copied().unwrap_or(b'.');
        let hash = mix(length, first, middle, last);
        (length <= MAX_LENGTH).then_some(Dotted { group, key, hash })
    }

    #[inline]
    fn is(&self, known: &str) -> bool {
        let known = known.as_bytes();
        if self.group.is_empty() {
            return known == self.key;
        }
        let behind = known.strip_prefix(self.group);
        behind.and_then(|behind| behind.strip_prefix(b".")) == Some(self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alias_is_found_under_its_own_name_only() {
        for &(alias, slot_of, rank) in ALIASES {
            assert_eq!(slot(alias), Some((slot_of, rank)), "{alias}");
        }
        for foreign in ["", "x", "LeVeL", "levels", "log.", "kubernetes"] {
            assert_eq!(slot(foreign), None, "{foreign}");
        }
        assert_eq!(slot_in("log", "level"), Some((Level, 1)));
        assert_eq!(slot_in("log", "x".repeat(100)), None);
    }

    #[test]
    fn a_group_inside_a_group_is_found() {
        assert_eq!(group_in("", "log"), Some("log"));
        assert_eq!(group_in("log", "origin"), Some("log.origin"));
        assert_eq!(group_in("log", "level"), None);
        assert_eq!(group_in("", "origin"), None);
        assert_eq!(group_in("log", "x".repeat(100)), None);
        for known in GROUPS {
            assert_eq!(group_in("", known), Some(*known));
        }
    }

    #[test]
    fn a_key_is_found_wherever_it_is_cut_into_group_and_name() {
        for &(alias, slot_of, rank) in ALIASES {
            for (at, _) in alias.match_indices('.').filter(|(at, _)| *at > 0) {
                let (group, name) = (&alias[..at], &alias[at + 1..]);
                assert_eq!(slot_in(group, name), Some((slot_of, rank)), "{alias}");
                assert_eq!(slot_in(&alias[..at - 1], name), None, "{alias}");
            }
        }
        for known in GROUPS {
            for (at, _) in known.match_indices('.') {
                assert_eq!(group_in(&known[..at], &known[at + 1..]), Some(*known));
            }
        }
    }
}
