//! The file with the rules for grouping: read at start, and again whenever it changes. A file that cannot be used
//! leaves the rules as they are, and says so.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use log_record::Timestamp;
use tracing::{error, info};

use crate::issues::{MAX_RULES_BYTES, Rules, RulesError};

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesFileError {
    /// It cannot be read.
    #[error("LOG_MONITOR_GROUPING_RULES names the file {path:?}, which cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What it says cannot be used.
    #[error("LOG_MONITOR_GROUPING_RULES names the file {path:?}: {source}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: RulesError,
    },
}

/// A handle on the file; clones share it.
#[derive(Clone, Debug)]
pub struct RulesFile {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rules: Arc<Rules>,
    loaded_at: Timestamp,
    /// As it was when it was last looked at; `None` where it was not there.
    stamp: Option<Stamp>,
    /// What is wrong with the file as it is now.
    problem: Option<String>,
    /// How often it could not be used.
    refused: u64,
}

/// What changes when a file is written.
type Stamp = (SystemTime, u64);

/// How the file is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesFileStatus {
    /// Where it is.
    pub path: PathBuf,
    /// How many rules are applied.
    pub rules: usize,
    /// Follows from their text.
    pub version: String,
    /// Since when they are applied.
    pub loaded_at: Timestamp,
    /// Why the file as it is now is not what is applied.
    pub problem: Option<String>,
    /// How often the file was changed to one that cannot be used, since the start of the process.
    pub refused: u64,
}

impl RulesFile {
    /// Reads the file for the first time.
    ///
    /// # Errors
    /// It cannot be read, or says what cannot be used.
    pub fn open(path: &Path, now: Timestamp) -> Result<RulesFile, RulesFileError> {
        let stamp = stamp(path).ok();
        let rules = read(path)?;
        Ok(RulesFile {
            inner: Arc::new(Inner {
                path: path.to_owned(),
                state: Mutex::new(State {
                    rules: Arc::new(rules),
                    loaded_at: now,
                    stamp,
                    problem: None,
                    refused: 0,
                }),
            }),
        })
    }

    /// The rules that are applied.
    #[must_use]
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.state().rules)
    }

    /// How it is doing.
    #[must_use]
    pub fn status(&self) -> RulesFileStatus {
        let state = self.state();
        RulesFileStatus {
            path: self.inner.path.clone(),
            rules: state.rules.len(),
            version: state.rules.version().to_owned(),
            loaded_at: state.loaded_at,
            problem: state.problem.clone(),
            refused: state.refused,
        }
    }

    /// Looks whether the file has changed. Returns the rules when there are others now. Reads the disk.
    #[must_use]
    pub fn reload(&self, now: Timestamp) -> Option<Arc<Rules>> {
        let path = &self.inner.path;
        let stamp = stamp(path).ok();
        // Held while the rules are compiled: who asks for the status then waits for some milliseconds.
        let mut state = self.state();
        if stamp == state.stamp {
            return None;
        }
        state.stamp = stamp;
        let rules = match read(path) {
            Ok(rules) => rules,
            Err(refusal) => {
                error!("{refusal}; the rules stay as they are");
                state.problem = Some(refusal.to_string());
                state.refused += 1;
                return None;
            }
        };
        state.problem = None;
        if rules.version() == state.rules.version() {
            return None;
        }
        let (count, version) = (rules.len(), rules.version());
        info!(count, version, "{count} rules for grouping from now on");
        state.rules = Arc::new(rules);
        state.loaded_at = now;
        Some(Arc::clone(&state.rules))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whatever a panic left is a state that was right.
        self.inner
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn stamp(path: &Path) -> io::Result<Stamp> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.modified()?, metadata.len()))
}

fn read(path: &Path) -> Result<Rules, RulesFileError> {
    let mut text = Vec::new();
    // One byte more tells a file that is too large from one that is not.
    let limit = MAX_RULES_BYTES as u64 + 1;
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut text));
    if let Err(source) = read {
        let path = path.to_owned();
        return Err(RulesFileError::Unreadable { path, source });
    }
    Rules::parse(&text).map_err(|source| RulesFileError::Invalid {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tempfile::TempDir;

    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_795_000_000_000);
    const ONE: &str = r#"{"rules": [{"fingerprint": ["a"]}]}"#;
    const TWO: &str = r#"{"rules": [{"fingerprint": ["a"]}, {"fingerprint": ["b"]}]}"#;

    struct Written {
        directory: TempDir,
        writes: u64,
    }

    impl Written {
        fn path(&self) -> PathBuf {
            self.directory.path().join("rules.json")
        }

        /// Each time with a later time of change, however coarse the file system's clock is.
        fn write(&mut self, text: &str) {
            self.writes += 1;
            fs::write(self.path(), text).unwrap();
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + self.writes);
            let file = File::options().write(true).open(self.path()).unwrap();
            file.set_modified(time).unwrap();
        }
    }

    fn written(text: &str) -> Written {
        let mut written = Written {
            directory: TempDir::new().unwrap(),
            writes: 0,
        };
        written.write(text);
        written
    }

    #[test]
    fn a_change_of_the_file_is_noticed_once() {
        let mut written = written(ONE);
        let file = RulesFile::open(&written.path(), NOON).unwrap();
        assert_eq!(
            (file.rules().len(), file.reload(NOON).is_some()),
            (1, false)
        );
        written.write(TWO);
        let later = NOON.saturating_add_micros(5);
        assert_eq!(file.reload(later).unwrap().len(), 2);
        assert!(file.reload(later).is_none());
        let status = file.status();
        assert_eq!((status.rules, status.loaded_at), (2, later));
        assert_eq!(status.version, file.rules().version());
    }

    #[test]
    fn a_file_that_cannot_be_used_leaves_the_rules_as_they_are_until_it_can() {
        let mut written = written(ONE);
        let file = RulesFile::open(&written.path(), NOON).unwrap();
        written.write(r#"{"rules": [{"match": {"message": "("}, "fingerprint": ["a"]}]}"#);
        assert!(file.reload(NOON).is_none() && file.reload(NOON).is_none());
        let status = file.status();
        assert_eq!((status.rules, status.refused), (1, 1));
        let problem = status.problem.unwrap();
        for part in [
            "LOG_MONITOR_GROUPING_RULES",
            "rules.json",
            "rules[0].match.message",
            "unclosed",
        ] {
            assert!(problem.contains(part), "{problem}");
        }
        fs::remove_file(written.path()).unwrap();
        assert!(file.reload(NOON).is_none());
        let status = file.status();
        assert!(status.problem.unwrap().contains("cannot be read"));
        assert_eq!((status.rules, status.refused), (1, 2));
        // The same rules again: nothing changes, and all is well.
        written.write(ONE);
        assert!(file.reload(NOON).is_none());
        assert_eq!(file.status().problem, None);
        written.write(TWO);
        assert!(file.reload(NOON).is_some());
    }

    #[test]
    fn a_file_that_cannot_be_used_is_refused_at_first() {
        let mut written = written("{}");
        let refusal = RulesFile::open(&written.path(), NOON).unwrap_err();
        assert!(
            refusal.to_string().contains("a list is wanted"),
            "{refusal}"
        );
        written.write(&" ".repeat(MAX_RULES_BYTES + 1));
        let refusal = RulesFile::open(&written.path(), NOON).unwrap_err();
        assert!(refusal.to_string().contains("at most"), "{refusal}");
        let missing = written.path().with_extension("none");
        let refusal = RulesFile::open(&missing, NOON).unwrap_err();
        assert!(refusal.to_string().contains("cannot be read"), "{refusal}");
    }
}
