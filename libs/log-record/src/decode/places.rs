//! Members that mean something only once all of a record is known: the same key is one thing to one logger and another
//! to the next.

use std::borrow::Cow;

use super::candidates::{Candidate, Candidates, Key, split_caller};
use super::keys::{self, Slot};
use super::value::Value;
use crate::Timestamp;

impl Candidates<'_> {
    /// Finds the slots of members that had to wait.
    pub(super) fn place_late(&mut self) {
        if self.shape.is_gelf() {
            self.place_gelf_extras();
        }
        self.place_split_timestamp();
        self.place_name();
        self.place_short_keys();
        self.tidy_service();
        self.place_caller();
        self.split_file();
    }

    /// Google's `timestampSeconds` and `timestampNanos`.
    fn place_split_timestamp(&mut self) {
        if self.has(Slot::Timestamp) {
            return;
        }
        let number = |name: &str| {
            let mut extra = self.extra.iter();
            let (_, value) = extra.find(|(key, _)| key.dotted() == name)?;
            value.integer()
        };
        let Some(seconds) = number("timestampSeconds") else {
            return;
        };
        let micros = number("timestampNanos").unwrap_or(0) / 1_000;
        let at = seconds.saturating_mul(1_000_000).saturating_add(micros);
        self.extra.retain(|(key, _)| {
            !matches!(key.dotted().as_ref(), "timestampSeconds" | "timestampNanos")
        });
        let key = Key::new("", "timestampSeconds");
        self.set_timestamp(20, key, Value::Integer(seconds), Timestamp::from_micros(at));
    }

    /// `name` is the service to some loggers and the logger to others.
    fn place_name(&mut self) {
        let Some(name) = self.best[Slot::Name as usize].take() else {
            return;
        };
        let slot = match &self.shape {
            shape if shape.is_python() => Slot::Target,
            shape if shape.is_pino() => Slot::Service,
            _ => return self.extra.push((name.key, name.value)),
        };
        let rank = 50;
        self.hold(slot, Candidate { rank, ..name });
    }

    /// The one-letter keys of zap's development encoder.
    fn place_short_keys(&mut self) {
        if self.knows_level() || self.has(Slot::Message) {
            return;
        }
        let has = |name: &str| self.extra.iter().any(|(key, _)| key.dotted() == name);
        if !(has("L") && has("M")) {
            return;
        }
        for (key, value) in std::mem::take(&mut self.extra) {
            let known = match key.dotted().as_ref() {
                "L" => keys::slot("level"),
                "M" => keys::slot("message"),
                "T" => keys::slot("ts"),
                "N" => keys::slot("logger"),
                "C" => keys::slot("caller"),
                "S" => keys::slot("stacktrace"),
                _ => None,
            };
            match known {
                Some((slot, rank)) => self.offer(slot, rank, key, value),
                None => self.extra.push((key, value)),
            }
        }
    }

    /// The bare name, where more than it stands under the key.
    fn tidy_service(&mut self) {
        let Some(held) = &mut self.best[Slot::Service as usize] else {
            return;
        };
        let text = held.value.text().unwrap_or_default();
        let name = match held.key.name.as_ref() {
            "_SYSTEMD_UNIT" => text.strip_suffix(".service"),
            // `app[123]:`
            "syslogtag" => text.split(['[', ':']).next(),
            _ => None,
        };
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            held.value = Value::Text(Cow::Owned(name.to_owned()));
        }
    }

    /// GELF writes every member of its own with an underscore in front, which is looked up without it.
    fn place_gelf_extras(&mut self) {
        // Of GELF, not of the service.
        if let Some(version) = self.best[Slot::Version as usize].take_if(|held| held.rank == 0) {
            self.extra.push((version.key, version.value));
        }
        for (key, value) in std::mem::take(&mut self.extra) {
            let Some(name) = key.name.strip_prefix('_').filter(|name| !name.is_empty()) else {
                self.extra.push((key, value));
                continue;
            };
            match keys::slot(name).or_else(|| keys::slot(dotted_twin(name)?)) {
                Some((Slot::Fields | Slot::Spans | Slot::Span | Slot::Timestamp, _)) | None => {
                    self.extra.push((key, value));
                }
                Some((slot, rank)) => self.offer(slot, rank.saturating_add(60), key, value),
            }
        }
    }

    /// `file.go:42` in one.
    fn place_caller(&mut self) {
        let Some(caller) = self.best[Slot::Caller as usize].take() else {
            return;
        };
        let text = caller.value.text().unwrap_or_default();
        let Some((file, line)) = split_caller(&text) else {
            return self.extra.push((caller.key, caller.value));
        };
        let place = |part: &str| Value::Text(Cow::Owned(part.to_owned()));
        if self.has(Slot::File) || self.has(Slot::Line) {
            return self.extra.push((caller.key, caller.value));
        }
        let (file, line) = (place(file), place(line));
        self.hold(
            Slot::File,
            Candidate {
                rank: 50,
                key: caller.key.clone(),
                value: file,
            },
        );
        self.hold(
            Slot::Line,
            Candidate {
                rank: 50,
                key: caller.key,
                value: line,
            },
        );
    }

    /// `file` with the line behind it, as logrus writes it.
    fn split_file(&mut self) {
        if self.has(Slot::Line) {
            return;
        }
        let Some(held) = &mut self.best[Slot::File as usize] else {
            return;
        };
        let text = held.value.text().unwrap_or_default();
        if let Some((file, line)) = split_caller(&text) {
            let key = held.key.clone();
            let line = Value::Text(Cow::Owned(line.to_owned()));
            held.value = Value::Text(Cow::Owned(file.to_owned()));
            self.hold(
                Slot::Line,
                Candidate {
                    rank: 50,
                    key,
                    value: line,
                },
            );
        }
    }
}

/// Keys that GELF appenders write with underscores for the dots of the table.
fn dotted_twin(name: &str) -> Option<&'static str> {
    Some(match name {
        "error_type" | "exception_class" => "error.type",
        "error_message" | "exception_message" => "error.message",
        "error_stack_trace" | "exception_stacktrace" => "error.stack_trace",
        "log_logger" => "log.logger",
        "process_pid" => "process.pid",
        "process_thread_name" => "process.thread.name",
        "service_version" => "service.version",
        "service_environment" => "service.environment",
        _ => return None,
    })
}
