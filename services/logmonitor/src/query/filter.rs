//! What is asked for.

use issue_grouping::IssueKey;
use log_record::Severity;

use super::cursor::Cursor;
use super::term::{Key, Term, Wanted};
use super::time::TimeBound;

/// A page of events to be found.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Which events.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// How many at most; 1 to [`Query::MAX_LIMIT`].
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<Cursor>,
}

impl Query {
    /// The longest page.
    pub const MAX_LIMIT: usize = 1_000;
    /// The length of a page when none is asked for.
    pub const DEFAULT_LIMIT: usize = 100;

    /// The newest error of these issues.
    pub(crate) fn newest_of(issues: &[IssueKey]) -> Query {
        let ids: Vec<String> = issues.iter().map(IssueKey::to_string).collect();
        Query {
            filter: Filter {
                terms: vec![Term::Key {
                    key: Key::Issue,
                    wanted: Wanted::Value(ids.join(",")),
                    negated: false,
                }],
                ..Filter::default()
            },
            limit: 1,
            ..Query::default()
        }
    }

    /// The time range, in microseconds: that of the first page where this is a further one.
    pub(crate) fn range(&self) -> (i64, i64) {
        if let Some(cursor) = &self.cursor {
            return (cursor.from, cursor.to);
        }
        let micros = |bound: Option<TimeBound>| bound.map(|bound| bound.at.as_micros());
        (
            micros(self.filter.from).unwrap_or(i64::MIN),
            micros(self.filter.to).unwrap_or(i64::MAX),
        )
    }
}

impl Default for Query {
    /// The newest of everything.
    fn default() -> Self {
        Query {
            filter: Filter::default(),
            order: Order::Descending,
            limit: Query::DEFAULT_LIMIT,
            cursor: None,
        }
    }
}

/// Order of a page by timestamp; equal timestamps by arrival.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

/// Conditions that must all hold; the default holds for everything. An empty list is no condition, a list with
/// several values holds for any of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Names of services, exactly.
    pub services: Vec<String>,
    /// Names of hosts, exactly.
    pub hosts: Vec<String>,
    /// Levels.
    pub levels: Vec<Severity>,
    /// The terms of `q`.
    pub terms: Vec<Term>,
    /// From this moment on.
    pub from: Option<TimeBound>,
    /// Up to but without this moment.
    pub to: Option<TimeBound>,
    /// The trace, in any case.
    pub trace_id: Option<String>,
}

impl Filter {
    /// A number that is the same for the same question on every replica and in every run: FNV-1a over the parts
    /// in order, each with its length. Relative times count by their distance, not by the moment they mean.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hash = Fingerprint::new();
        let mut services: Vec<&str> = self.services.iter().map(String::as_str).collect();
        services.sort_unstable();
        hash.texts(&services);
        let mut hosts: Vec<&str> = self.hosts.iter().map(String::as_str).collect();
        hosts.sort_unstable();
        hash.texts(&hosts);
        let mut levels = self.levels.clone();
        levels.sort_unstable();
        hash.texts(
            &levels
                .iter()
                .map(|level| level.as_str())
                .collect::<Vec<_>>(),
        );
        hash.number(self.terms.len() as u64);
        for term in &self.terms {
            hash.term(term);
        }
        hash.bound(self.from);
        hash.bound(self.to);
        let trace_id = self.trace_id.as_deref().map(str::to_ascii_lowercase);
        hash.texts(trace_id.as_deref().as_slice());
        hash.state
    }
}

/// FNV-1a, so that a cursor survives a restart and a change of the compiler.
pub(crate) struct Fingerprint {
    pub(crate) state: u64,
}

impl Fingerprint {
    pub(crate) fn new() -> Fingerprint {
        Fingerprint {
            state: 0xCBF2_9CE4_8422_2325,
        }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.state = (self.state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    fn texts(&mut self, texts: &[&str]) {
        self.number(texts.len() as u64);
        for text in texts {
            self.text(text);
        }
    }

    fn bound(&mut self, bound: Option<TimeBound>) {
        match bound {
            None => self.number(0),
            Some(bound) => match bound.offset_micros {
                None => {
                    self.number(1);
                    self.number(bound.at.as_micros() as u64);
                }
                Some(offset) => {
                    self.number(2);
                    self.number(offset as u64);
                }
            },
        }
    }

    fn term(&mut self, term: &Term) {
        match term {
            Term::Text { text, negated } => {
                self.number(u64::from(*negated));
                self.text(text);
            }
            Term::Key {
                key,
                wanted,
                negated,
            } => {
                self.number(2 + u64::from(*negated));
                self.text(key.name());
                self.number(u64::from(matches!(key, Key::Field(_))));
                match wanted {
                    Wanted::Present => self.number(0),
                    Wanted::Value(value) => {
                        self.number(1);
                        self.text(value);
                    }
                }
            }
        }
    }
}
