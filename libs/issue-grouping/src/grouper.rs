//! The grouper: which issue an error belongs to.

use std::collections::HashMap;

use crate::change::{Change, Grouped, Limits};
use crate::components::{self, Component};
use crate::error::{Error, Rule};
use crate::identity::{bucket_key, deciding_frames, full_text, without_message};
use crate::key::IssueKey;
use crate::learn::{Assigned, Bucket, Piece, key_of_tokens, pieces};
use crate::learned::{Learned, template_key};
use crate::mask::{Token, scan};

/// Groups errors into issues, and learns from their messages which words are values.
///
/// Everything it knows is in its [`Learned`] templates: keep each one that [`Grouped::changes`] hands out, drop the
/// forgotten ones, and give them to [`Grouper::restore`] after a restart.
#[derive(Clone, Debug, Default)]
pub struct Grouper {
    limits: Limits,
    buckets: HashMap<IssueKey, Bucket, foldhash::fast::FixedState>,
    /// Templates in all buckets.
    templates: usize,
    /// The number of the next template.
    next: u64,
    scratch: Scratch,
}

/// What finding an issue works with, kept from one error to the next so that nothing is allocated.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    tokens: Vec<Token>,
    text: String,
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
            bucket.assign(&template.pieces, Some(template.number));
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
        let mut scratch = std::mem::take(&mut self.scratch);
        let grouped = match self.find(error, &mut scratch) {
            Some(issue) => Grouped {
                issue,
                changes: Vec::new(),
            },
            None => {
                // What it has found out about the message still stands there.
                let exact = key_of_tokens(&scratch.tokens);
                let text = full_text(error, &mut scratch.text);
                let pieces = pieces(text.as_bytes(), &scratch.tokens);
                self.assign(bucket_key(error), &pieces, exact)
            }
        };
        self.scratch = scratch;
        grouped
    }

    /// The issue of an error whose like was seen before: what [`Grouper::group`] would say, which may learn from it
    /// where this is `None`.
    #[must_use]
    pub fn find(&self, error: &Error<'_>, scratch: &mut Scratch) -> Option<IssueKey> {
        let bucket = bucket_key(error);
        if let Some(issue) = without_message(error, bucket) {
            return Some(issue);
        }
        let text = full_text(error, &mut scratch.text);
        scan(text.as_bytes(), &mut scratch.tokens);
        let found = self
            .buckets
            .get(&bucket)?
            .find(key_of_tokens(&scratch.tokens))?;
        Some(template_key(bucket, found))
    }

    /// Looks for a template that fits a message which was not seen before, or learns it.
    fn assign(&mut self, bucket: IssueKey, pieces: &[Piece], exact: u64) -> Grouped {
        let mut changes = Vec::new();
        if !self.buckets.contains_key(&bucket) && self.buckets.len() >= self.limits.buckets {
            let issue = template_key(bucket, exact);
            return Grouped { issue, changes };
        }
        let templates = self.buckets.entry(bucket).or_default();
        let others = self.templates - templates.len();
        let limit = self
            .limits
            .templates_per_bucket
            .min(self.limits.templates.saturating_sub(others));
        let number = |templates: &Bucket| (templates.len() < limit).then_some(self.next);
        let mut assigned = templates.assign(pieces, number(templates));
        if !assigned.is_known {
            let forgotten = templates.forget();
            changes.extend(
                forgotten
                    .into_iter()
                    .map(|key| Change::Forgotten(template_key(bucket, key))),
            );
            assigned = templates.assign(pieces, number(templates));
        }
        self.templates = others + templates.len();
        let Assigned {
            key,
            learned,
            merged,
            ..
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
            issue: issue(key),
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
