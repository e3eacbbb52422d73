//! What a record's keys tell about the logger that wrote it, where the same key means different things to different
//! loggers.

/// The telling keys that a record has.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    keys: u32,
    /// The time is text, as slog and bunyan write it.
    pub(super) has_text_time: bool,
    /// The level is a number.
    pub(super) has_numeric_level: bool,
    has_gelf_version: bool,
}

/// The telling keys: whoever has one is, or is not, a certain logger.
const KEYS: [&str; 28] = [
    "short_message",
    "full_message",
    "PRIORITY",
    "facility",
    "@t",
    "@mt",
    "pid",
    "hostname",
    "msg",
    "v",
    "levelname",
    "levelno",
    "asctime",
    "lineno",
    "funcName",
    "pathname",
    "threadName",
    "processName",
    "taskName",
    "created",
    "stream",
    "kubernetes",
    "source_type",
    "docker",
    "container_id",
    "_p",
    "syslog_pri",
    "syslogtag",
];

const GELF: u32 = bit("short_message") | bit("full_message");
const SYSLOG: u32 = bit("PRIORITY") | bit("syslog_pri") | bit("syslogtag");
const CLEF: u32 = bit("@t") | bit("@mt");
const PYTHON: u32 = bit("levelname")
    | bit("levelno")
    | bit("asctime")
    | bit("lineno")
    | bit("funcName")
    | bit("pathname")
    | bit("threadName")
    | bit("processName")
    | bit("taskName")
    | bit("created");
const COLLECTED: u32 = bit("stream")
    | bit("kubernetes")
    | bit("source_type")
    | bit("docker")
    | bit("container_id")
    | bit("_p");

const fn bit(key: &str) -> u32 {
    let mut at = 0;
    while at < KEYS.len() {
        if equal(KEYS[at].as_bytes(), key.as_bytes()) {
            return 1 << at;
        }
        at += 1;
    }
    panic!("a key that tells nothing")
}

const fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The keys that share a bucket, a bit each: nearly all other keys fall into buckets that are empty.
static INDEX: [u32; BUCKETS] = {
    let mut index = [0; BUCKETS];
    let mut at = 0;
    while at < KEYS.len() {
        index[bucket(KEYS[at].as_bytes())] |= 1 << at;
        at += 1;
    }
    index
};
const BUCKETS: usize = 256;

#[inline]
const fn bucket(key: &[u8]) -> usize {
    match key {
        [] => 0,
        [first, ..] => {
            (key.len() * 0x1F + *first as usize * 0x7 + key[key.len() - 1] as usize) % BUCKETS
        }
    }
}

/// The bit of a telling key; 0 for others.
#[inline]
fn bit_of(key: &[u8]) -> u32 {
    let mut candidates = INDEX[bucket(key)];
    while candidates != 0 {
        let at = candidates.trailing_zeros() as usize;
        if KEYS[at].as_bytes() == key {
            return 1 << at;
        }
        candidates &= candidates - 1;
    }
    0
}

impl Shape {
    /// Notes a key of the record's outermost object.
    #[inline]
    pub(super) fn note(&mut self, key: impl AsRef<[u8]>) {
        self.keys |= bit_of(key.as_ref());
    }

    /// Whether the key tells anything.
    pub(super) fn is_telling(key: impl AsRef<[u8]>) -> bool {
        bit_of(key.as_ref()) != 0
    }

    /// The record says that it is of version 1.1 of something: GELF, unless it is a service's own version.
    pub(super) fn note_gelf_version(&mut self) {
        self.has_gelf_version = true;
    }

    fn has(&self, keys: u32) -> bool {
        self.keys & keys != 0
    }

    pub(super) fn is_gelf(&self) -> bool {
        self.has(GELF)
    }

    /// A bare number as `level` is a syslog code.
    pub(super) fn is_syslog(&self) -> bool {
        self.has(GELF | SYSLOG) || self.has_gelf_version
    }

    /// Only syslog has facilities.
    pub(super) fn has_facility(&self) -> bool {
        self.has(bit("facility"))
    }

    pub(super) fn is_clef(&self) -> bool {
        self.has(CLEF)
    }

    /// Python's logging: `name` is the logger.
    pub(super) fn is_python(&self) -> bool {
        self.has(PYTHON)
    }

    /// pino or bunyan: `name` is the service.
    pub(super) fn is_pino(&self) -> bool {
        let has_process = self.has(bit("pid")) && self.has(bit("hostname"));
        let has_level = self.has_numeric_level;
        let is_pino = match self.has(bit("msg")) {
            true => has_level || has_process,
            // Its key for the message is another one.
            false => has_level && has_process,
        };
        is_pino && !self.is_python()
    }

    pub(super) fn is_slog(&self) -> bool {
        self.has_text_time
            && self.has(bit("msg"))
            && !self.has(bit("pid") | bit("hostname") | bit("v"))
    }

    /// A collector of logs wrote the record around a line that something else wrote.
    pub(super) fn is_collected(&self) -> bool {
        self.has(COLLECTED)
    }

    /// Which logger it looks like, for people.
    pub(super) fn name(&self) -> Option<&'static str> {
        let shapes = [
            (self.is_gelf(), "gelf"),
            (self.has(SYSLOG), "journald"),
            (self.is_clef(), "clef"),
            (self.is_collected(), "collector"),
            (self.is_python(), "python"),
            (self.is_pino(), "pino"),
            (self.is_slog(), "slog"),
        ];
        shapes.into_iter().find(|(is, _)| *is).map(|(_, name)| name)
    }
}
