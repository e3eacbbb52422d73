//! The grouper: which issue an error belongs to.

use std::collections::HashMap;

use crate::components::{self, Component};
use crate::error::{Error, Rule};
use crate::frames::{self, Deciding};
use crate::key::IssueKey;
use crate::learn::{Assigned, Bucket, Piece, key_of_tokens, pieces};
use crate::learned::{Learned, template_key};
use crate::mask::{Token, scan};

/// How much a grouper learns. Beyond that, errors are still grouped, by what is known and by their masked messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Templates of one service and type. When there are more, the older half of those that are one with no other is
    /// forgotten.
    pub templates_per_bucket: usize,
    /// Pairs of service and type.
    pub buckets: usize,
    /// Templates of all of them. One takes about 1 kB.
    pub templates: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            templates_per_bucket: 1_000,
            buckets: 10_000,
            templates: 50_000,
        }
    }
}

/// Groups errors into issues, and learns from their messages which words are values.
///
/// Everything it knows is in its [`Learned`] templates: keep each one that [`Grouped::changes`] hands out, drop the
/// forgotten ones, and give them to [`Grouper::restore`] after a restart.
#[derive(Debug, Default)]
pub struct Grouper {
    limits: Limits,
    buckets: HashMap<IssueKey, Bucket, foldhash::fast::FixedState>,
    /// Templates in all buckets.
    templates: usize,
    /// The number of the next template.
    next: u64,
    tokens: Vec<Token>,
    text: String,
}

/// The issue of an error, and what was learned from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouped {
    /// The issue.
    pub issue: IssueKey,
    /// What changed, in this order. Mostly nothing.
    pub changes: Vec<Change>,
}

/// What a grouper has learned from an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A template to be kept.
    Learned(Learned),
    /// Two issues turned out to be one. Errors of `from` belong to `into`, which is the older one, from now on.
    Merged {
        /// The issue that is no more.
        from: IssueKey,
        /// The issue it is part of.
        into: IssueKey,
    },
    /// The template with this [`Learned::key`] is no longer needed.
    Forgotten(IssueKey),
}

impl Grouper {
    /// A grouper that knows nothing.
    #[must_use]
    pub fn new(limits: Limits) -> Grouper {
        Grouper {
            limits,
            ..Grouper::default()
        }
    }

    /// A grouper that knows what another one had learned. Takes the templates in any order.
    #[must_use]
    pub fn restore(limits: Limits, learned: impl IntoIterator<Item = Learned>) -> Grouper {
        let mut learned: Vec<Learned> = learned.into_iter().collect();
        learned.sort_unstable_by_key(|template| template.number);
        let mut grouper = Grouper::new(limits);
        for template in learned {
            let bucket = grouper.buckets.entry(template.bucket).or_default();
            let before = bucket.len();
            bucket.assign(template.pieces.into_vec(), Some(template.number));
            grouper.templates += bucket.len() - before;
            grouper.next = template.number + 1;
        }
        grouper
    }

    /// Everything it knows, in the order in which it was learned.
    #[must_use]
    pub fn learned(&self) -> Vec<Learned> {
        let of_bucket = |(bucket, templates): (&IssueKey, &Bucket)| {
            let bucket = *bucket;
            let template = |(number, pieces, _, _): (u64, &[_], u64, u64)| Learned {
                bucket,
                number,
                pieces: pieces.into(),
            };
            templates.learned().map(template).collect::<Vec<_>>()
        };
        let mut learned: Vec<Learned> = self.buckets.iter().flat_map(of_bucket).collect();
        learned.sort_unstable_by_key(|template| template.number);
        learned
    }

    /// Keys of issues that are part of another one now, with its key.
    pub fn redirects(&self) -> impl Iterator<Item = (IssueKey, IssueKey)> {
        self.buckets.iter().flat_map(|(bucket, templates)| {
            let renamed = |(_, _, key, name): (u64, &[_], u64, u64)| {
                (key != name).then(|| (template_key(*bucket, key), template_key(*bucket, name)))
            };
            templates.learned().filter_map(renamed)
        })
    }

    /// Finds the issue of an error.
    pub fn group(&mut self, error: &Error<'_>) -> Grouped {
        let bucket = bucket_key(error);
        if let Some(issue) = without_message(error, bucket) {
            return Grouped {
                issue,
                changes: Vec::new(),
            };
        }
        let text = full_text(error, &mut self.text);
        scan(text.as_bytes(), &mut self.tokens);
        let exact = key_of_tokens(&self.tokens);
        let templates = self.buckets.get(&bucket);
        if let Some(found) = templates.and_then(|templates| templates.find(exact)) {
            return Grouped {
                issue: template_key(bucket, found),
                changes: Vec::new(),
            };
        }
        let pieces = pieces(text.as_bytes(), &self.tokens);
        self.assign(bucket, pieces, exact)
    }

    /// Looks for a template that fits a message which was not seen before, or learns it.
    fn assign(&mut self, bucket: IssueKey, pieces: Vec<Piece>, exact: u64) -> Grouped {
        let mut changes = Vec::new();
        let known = self.buckets.contains_key(&bucket);
        let may_learn = (known || self.buckets.len() < self.limits.buckets)
            && self.templates < self.limits.templates;
        if !known && !may_learn {
            return Grouped {
                issue: template_key(bucket, exact),
                changes,
            };
        }
        let templates = self.buckets.entry(bucket).or_default();
        let before = templates.len();
        let has_room = before < self.limits.templates_per_bucket;
        let number = (may_learn && has_room).then_some(self.next);
        let mut assigned = templates.assign(pieces.clone(), number);
        if assigned.key.is_none() && may_learn {
            let forgotten = templates.forget();
            changes.extend(
                forgotten
                    .into_iter()
                    .map(|key| Change::Forgotten(template_key(bucket, key))),
            );
            if templates.len() < self.limits.templates_per_bucket {
                assigned = templates.assign(pieces, Some(self.next));
            }
        }
        self.templates = self.templates + templates.len() - before;
        let Assigned {
            key: found,
            learned,
            merged,
        } = assigned;
        if let Some(pieces) = learned {
            changes.push(Change::Learned(Learned {
                bucket,
                number: self.next,
                pieces,
            }));
            self.next += 1;
        }
        let issue = |key| template_key(bucket, key);
        changes.extend(merged.into_iter().map(|(from, into)| Change::Merged {
            from: issue(from),
            into: issue(into),
        }));
        Grouped {
            issue: issue(found.unwrap_or(exact)),
            changes,
        }
    }

    /// Why an error belongs to its issue, for people to read.
    #[must_use]
    pub fn explain(&self, error: &Error<'_>) -> Vec<Component> {
        let mut components = components::of_bucket(error);
        if let Rule::Replace(_) = error.rule {
            return components;
        }
        let frames = deciding_frames(error);
        if !frames.is_empty() {
            components.extend(components::of_frames(&frames));
            return components;
        }
        let mut tokens = Vec::new();
        let mut text = String::new();
        let text = full_text(error, &mut text);
        scan(text.as_bytes(), &mut tokens);
        let pieces = pieces(text.as_bytes(), &tokens);
        let widest = match self.buckets.get(&bucket_key(error)) {
            Some(templates) => templates.widest(pieces),
            None => pieces,
        };
        components.push(components::of_message(text, &tokens, &widest));
        components
    }
}

/// The key of what has to be equal in all errors of an issue.
fn bucket_key(error: &Error<'_>) -> IssueKey {
    let (name, value) = match (error.kind, error.target) {
        (Some(kind), _) => ("type", kind),
        (None, Some(target)) => ("target", target),
        (None, None) => ("", ""),
    };
    let (rule, text) = match error.rule {
        Rule::None => ("", ""),
        Rule::Extend(text) => ("extend", text),
        Rule::Replace(text) => {
            return IssueKey::of([
                "replace".as_bytes(),
                error.service.as_bytes(),
                text.as_bytes(),
            ]);
        }
    };
    IssueKey::of([error.service, name, value, rule, text].map(str::as_bytes))
}

/// The issue of an error whose message does not count.
fn without_message(error: &Error<'_>, bucket: IssueKey) -> Option<IssueKey> {
    if let Rule::Replace(_) = error.rule {
        return Some(bucket);
    }
    if error.kind.is_none() || error.frames.is_empty() {
        return None;
    }
    let frames = deciding_frames(error);
    if frames.is_empty() {
        return None;
    }
    let bucket = bucket.0.to_le_bytes();
    let parts = frames
        .iter()
        .flat_map(|frame| [frame.function.as_bytes(), frame.file.as_bytes()]);
    Some(IssueKey::of(std::iter::once(&bucket[..]).chain(parts)))
}

/// The frames that decide, normalised: the innermost in-app frames of an error with a type.
fn deciding_frames<'a>(error: &Error<'a>) -> Vec<Deciding<'a>> {
    if error.kind.is_none() {
        return Vec::new();
    }
    frames::deciding(error.frames)
}

/// The message with its causes, each unless the text before it says it already.
fn full_text<'a>(error: &'a Error<'_>, scratch: &'a mut String) -> &'a str {
    if error.causes.is_empty() {
        return error.message;
    }
    scratch.clear();
    scratch.push_str(error.message);
    for cause in error.causes {
        if !scratch.contains(cause) {
            scratch.push_str(": ");
            scratch.push_str(cause);
        }
    }
    scratch
}
