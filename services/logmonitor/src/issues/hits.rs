//! The errors of a batch as issues count them: kept aside, without their texts, until the batch is kept.

use foldhash::{HashMap, HashMapExt as _};
use issue_grouping::IssueKey;
use log_record::{LogRecord, Severity};

use super::ledger::Ledger;

/// See the module.
#[derive(Debug)]
pub(super) struct Hits {
    hits: Vec<Hit>,
    /// Hosts and versions, of which there are few.
    names: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
}

#[derive(Debug)]
struct Hit {
    key: IssueKey,
    level: Severity,
    micros: i64,
    host: Option<u32>,
    version: Option<u32>,
}

impl Hits {
    pub(super) fn new() -> Hits {
        Hits {
            hits: Vec::new(),
            names: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    /// Notes an error of an issue.
    pub(super) fn add(&mut self, key: IssueKey, record: &LogRecord<'_>) {
        let hit = Hit {
            key,
            level: record.level,
            micros: record.timestamp.as_micros(),
            host: record.host.as_deref().map(|name| self.number(name)),
            version: record.version.as_deref().map(|name| self.number(name)),
        };
        self.hits.push(hit);
    }

    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.into());
        self.numbers.insert(name.into(), number);
        number
    }

    /// Counts them.
    pub(super) fn count(&self, ledger: &mut Ledger) {
        let name = |number: Option<u32>| number.map(|number| &*self.names[number as usize]);
        for hit in &self.hits {
            if let Some(issue) = ledger.get_mut(hit.key) {
                let (host, version) = (name(hit.host), name(hit.version));
                issue.tally.add(hit.level, hit.micros, host, version);
            }
        }
    }
}
