//! A filter made ready to be applied: names parsed, needles prepared, cheap conditions first.

use issue_grouping::IssueKey;
use log_record::Severity;

use super::candidates::evaluate;
use super::filter::Filter;
use super::needle::Needle;
use super::term::{Key, Term, Wanted};
use crate::archive::SummaryLine;
use crate::store::{Event, FIELDS, SPAN_ID, SPANS, Segment, TRACE_ID, View, service_hash};

/// A filter that can be applied to events one by one, as a live tail does.
#[derive(Debug)]
pub struct Matcher {
    pub(crate) services: Vec<Service>,
    pub(crate) hosts: Vec<String>,
    /// One bit per level; `None` means all.
    pub(crate) levels: Option<u8>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// A service asked for, with the hash by which segments know it.
#[derive(Debug)]
pub(crate) struct Service {
    name: String,
    hash: u64,
}

impl Service {
    fn new(name: &str) -> Service {
        Service {
            name: name.to_owned(),
            hash: service_hash(name),
        }
    }

    /// Its id in a segment.
    pub(crate) fn id_in(&self, segment: &Segment) -> Option<u16> {
        segment.service_id(&self.name, self.hash)
    }

    /// Whether a view may hold it; never a false no.
    pub(crate) fn may_be_in(&self, view: &View) -> bool {
        view.may_have_service(self.hash)
    }
}

#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) test: Test,
    pub(crate) negated: bool,
}

/// What can be asked of a row, in the order of cost.
#[derive(Debug)]
pub(crate) enum Test {
    /// One bit per level.
    Levels(u8),
    /// A text of the dictionaries.
    Named(Key, Wanted),
    /// The row has one of these issues; `None` is any.
    Issue(Option<Vec<IssueKey>>),
    /// The row has an error.
    HasError,
    /// The needles of one text. The first counts anywhere; the others are its spellings in JSON and count in the
    /// sections with JSON only.
    Text(Vec<Needle>),
    /// One of the error's texts has it.
    Error(Needle),
    /// The section with this tag is there (`None`) or is this text in any case.
    Section(u8, Option<(Needle, String)>),
    /// The fields have the path, with the value where one is wanted; every row that does holds the needle.
    Field {
        path: String,
        wanted: Option<String>,
        needle: Option<Needle>,
    },
}

/// The sections whose text is JSON.
pub(crate) const JSON_SECTIONS: [u8; 2] = [FIELDS, SPANS];

impl Matcher {
    /// Prepares a filter.
    #[must_use]
    pub fn new(filter: &Filter) -> Matcher {
        let mut conditions: Vec<Condition> = filter.terms.iter().filter_map(condition).collect();
        if let Some(trace_id) = &filter.trace_id {
            conditions.push(Condition {
                test: section(TRACE_ID, &Wanted::Value(trace_id.clone())),
                negated: false,
            });
        }
        // What costs least and leaves least comes first.
        conditions.sort_by_key(|condition| (condition.test.cost(), condition.negated));
        let levels = filter
            .levels
            .iter()
            .fold(0, |bits, level| bits | bit(*level));
        Matcher {
            services: filter
                .services
                .iter()
                .map(|name| Service::new(name))
                .collect(),
            hosts: filter.hosts.clone(),
            levels: (levels != 0).then_some(levels),
            conditions,
            from: filter.from.map_or(i64::MIN, |from| from.at.as_micros()),
            to: filter.to.map_or(i64::MAX, |to| to.at.as_micros()),
        }
    }

    /// Whether an event fits.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        let (segment, row) = event.place();
        let time = segment.times[row];
        let in_range = self.from <= time && time < self.to;
        in_range && !evaluate(self, segment, row, row + 1, &mut 0).is_empty()
    }

    /// Whether the service is among those asked for.
    pub(crate) fn has_service(&self, name: &str) -> bool {
        self.services.is_empty() || self.services.iter().any(|service| service.name == name)
    }

    /// How many records of a block match by its summary; `None` where that needs more than service, host and level.
    pub(crate) fn count_lines(&self, lines: &[SummaryLine]) -> Option<u64> {
        if !self.conditions.is_empty() {
            return None;
        }
        let has_level = |level| self.levels.is_none_or(|levels| levels & bit(level) != 0);
        let (errors, criticals) = (has_level(Severity::Error), has_level(Severity::Critical));
        let is_asked = |line: &&SummaryLine| {
            let host = line.host.as_ref();
            let has_host =
                self.hosts.is_empty() || host.is_some_and(|host| self.hosts.contains(host));
            has_host && self.has_service(&line.service)
        };
        let counts = lines
            .iter()
            .filter(is_asked)
            .map(|line| u64::from(errors) * line.errors + u64::from(criticals) * line.criticals);
        Some(counts.sum())
    }

    /// The one service asked for, when nothing else but time is.
    pub(crate) fn only_service(&self) -> Option<&Service> {
        let [service] = self.services.as_slice() else {
            return None;
        };
        self.is_only_services().then_some(service)
    }

    /// Whether nothing but time is asked.
    pub(crate) fn takes_all(&self) -> bool {
        self.services.is_empty() && self.is_only_services()
    }

    fn is_only_services(&self) -> bool {
        self.hosts.is_empty() && self.levels.is_none() && self.conditions.is_empty()
    }
}

impl Test {
    /// Smaller is cheaper. Among texts the longest is first: it is likely the rarest.
    fn cost(&self) -> usize {
        const TEXTS: usize = 1 << 40;
        let by_length = |needle: &Needle| TEXTS - needle.len();
        match self {
            Test::Levels(_) | Test::Named(..) | Test::Issue(_) | Test::HasError => 0,
            Test::Text(needles) => needles.iter().map(by_length).max().unwrap_or_default(),
            Test::Error(needle) | Test::Section(_, Some((needle, _))) => by_length(needle),
            Test::Field {
                needle: Some(needle),
                ..
            } => TEXTS + by_length(needle),
            Test::Section(_, None) | Test::Field { needle: None, .. } => 2 * TEXTS,
        }
    }
}

/// The bit of a level.
pub(crate) fn bit(level: Severity) -> u8 {
    1 << level.index()
}

/// `None` for a condition that always holds.
fn condition(term: &Term) -> Option<Condition> {
    let (test, negated) = match term {
        Term::Text { text, negated } => (Test::Text(spellings(text)), *negated),
        Term::Key {
            key,
            wanted,
            negated,
        } => (key_test(key, wanted), *negated),
    };
    // An empty text is everywhere.
    let always = matches!(&test, Test::Text(needles) if needles.is_empty()) && !negated;
    (!always).then_some(Condition { test, negated })
}

fn key_test(key: &Key, wanted: &Wanted) -> Test {
    match (key, wanted) {
        (Key::Level, Wanted::Value(level)) => {
            Test::Levels(Severity::from_text(level).map_or(0, bit))
        }
        (Key::Level, Wanted::Present) => Test::Levels(u8::MAX),
        (Key::Error, Wanted::Value(text)) => Needle::new(text).map_or(Test::HasError, Test::Error),
        (Key::Error, Wanted::Present) => Test::HasError,
        (Key::Issue, Wanted::Present) => Test::Issue(None),
        (Key::Issue, Wanted::Value(ids)) => {
            Test::Issue(Some(ids.split(',').filter_map(IssueKey::parse).collect()))
        }
        (Key::TraceId, _) => section(TRACE_ID, wanted),
        (Key::SpanId, _) => section(SPAN_ID, wanted),
        (Key::Field(path), _) => field(path, wanted),
        (Key::Service | Key::Host | Key::Target | Key::Version | Key::Env | Key::File, _) => {
            Test::Named(key.clone(), wanted.clone())
        }
    }
}

fn section(tag: u8, wanted: &Wanted) -> Test {
    let value = match wanted {
        Wanted::Present => None,
        Wanted::Value(value) => Needle::new(value).map(|needle| (needle, value.clone())),
    };
    Test::Section(tag, value)
}

fn field(path: &str, wanted: &Wanted) -> Test {
    let (text, value) = match wanted {
        // The last name may be the tail of a longer key with dots.
        Wanted::Present => (path.rsplit('.').next().unwrap_or(path), None),
        Wanted::Value(value) => (value.as_str(), Some(value.clone())),
    };
    // JSON may spell other characters in more than one way; a run of these stands there as it is.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | ':');
    let runs = text.split(|c: char| !is_plain(c));
    let longest = runs.max_by_key(|run| run.len()).unwrap_or_default();
    // A number may be written in several ways (1e3, 1000.0): its fields are all read.
    let is_number = value.as_deref().is_some_and(|value| {
        value.parse::<f64>().is_ok() && !value.bytes().all(|b| b.is_ascii_digit())
    });
    Test::Field {
        path: path.to_owned(),
        needle: Needle::new(longest).filter(|_| !is_number),
        wanted: value,
    }
}

/// The needles of a text: as it is, then as JSON strings may spell it.
fn spellings(text: &str) -> Vec<Needle> {
    let mut spellings = vec![text.to_owned()];
    let escaped = escape(text, false);
    let all_ascii = escape(text, true);
    for spelling in [escaped.replace('/', "\\/"), escaped, all_ascii] {
        if !spellings.contains(&spelling) {
            spellings.push(spelling);
        }
    }
    spellings.iter().filter_map(|s| Needle::new(s)).collect()
}

/// The inside of a JSON string; with `ascii`, as writers do that escape everything else (Python's default).
fn escape(text: &str, ascii: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\u{8}' => escaped.push_str("\\b"),
            '\u{c}' => escaped.push_str("\\f"),
            c if c.is_control() && c.is_ascii() || ascii && !c.is_ascii() => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    escaped.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => escaped.push(c),
        }
    }
    escaped
}
