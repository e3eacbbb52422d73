//! Which rows of one segment a filter takes: columns and dictionaries first, then the text.

use issue_grouping::IssueKey;

use super::fields::{self, same_text};
use super::matcher::{Condition, JSON_SECTIONS, Matcher, Service, Test};
use super::needle::Needle;
use super::row_set::RowSet;
use super::term::{Key, Wanted};
use crate::store::{
    ERROR_CHAIN, ERROR_KIND, ERROR_MESSAGE, FIELDS, HAS_ERROR, LEVEL_MASK, Segment, sections,
    tag_at,
};

/// Below this share of the rows, each is searched by itself instead of the whole arena.
const SPARSE: usize = 4;

/// The rows from `from` to before `to` that the matcher takes, its time range aside. Adds the bytes of text it
/// searched to `scanned`.
pub(crate) fn evaluate(
    matcher: &Matcher,
    segment: &Segment,
    from: usize,
    to: usize,
    scanned: &mut u64,
) -> RowSet {
    let mut rows = RowSet::range(segment.len(), from, to);
    if !matcher.services.is_empty() {
        keep_services(segment, &matcher.services, &mut rows);
    }
    if !matcher.hosts.is_empty() {
        let dictionary = &segment.dictionary;
        let accepted: Vec<bool> = dictionary
            .origins
            .iter()
            .map(|origin| {
                let host = dictionary.host(origin.host);
                host.is_some_and(|host| matcher.hosts.iter().any(|wanted| wanted == host))
            })
            .collect();
        rows.retain_by(&segment.origins, |id| accepted[usize::from(id)]);
    }
    if let Some(levels) = matcher.levels {
        keep_levels(segment, levels, &mut rows);
    }
    let mut scan = Scan { segment, scanned };
    for condition in &matcher.conditions {
        if rows.is_empty() {
            break;
        }
        scan.apply(condition, &mut rows);
    }
    rows
}

fn keep_services(segment: &Segment, services: &[Service], rows: &mut RowSet) {
    let mut accepted = vec![false; segment.service_entries.len()];
    for id in services.iter().filter_map(|service| service.id_in(segment)) {
        accepted[usize::from(id)] = true;
    }
    rows.retain_by(&segment.services, |id| accepted[usize::from(id)]);
}

fn keep_issues(segment: &Segment, wanted: Option<&[IssueKey]>, rows: &mut RowSet) {
    if segment.issues.is_empty() {
        *rows = RowSet::empty(segment.len());
        return;
    }
    let is_wanted = |issue: &IssueKey| wanted.is_none_or(|wanted| wanted.contains(issue));
    let accepted: Vec<bool> = segment.dictionary.issues.iter().map(is_wanted).collect();
    rows.retain_by(&segment.issues, |id| {
        accepted.get(usize::from(id)).copied().unwrap_or_default()
    });
}

fn keep_levels(segment: &Segment, levels: u8, rows: &mut RowSet) {
    rows.retain_by(&segment.flags, |flags| {
        levels >> (flags & LEVEL_MASK) & 1 == 1
    });
}

struct Scan<'a> {
    segment: &'a Segment,
    scanned: &'a mut u64,
}

impl Scan<'_> {
    fn apply(&mut self, condition: &Condition, rows: &mut RowSet) {
        let matching = self.matching(&condition.test, rows);
        if condition.negated {
            rows.subtract(&matching);
        } else {
            rows.intersect(&matching);
        }
    }

    /// Those of `rows` that pass a test.
    fn matching(&mut self, test: &Test, rows: &RowSet) -> RowSet {
        let segment = self.segment;
        let mut found = rows.clone();
        match test {
            Test::Levels(levels) => keep_levels(segment, *levels, &mut found),
            Test::Named(key, wanted) => keep_named(segment, key, wanted, &mut found),
            Test::Issue(wanted) => keep_issues(segment, wanted.as_deref(), &mut found),
            Test::HasError => found.retain_by(&segment.flags, |flags| flags & HAS_ERROR != 0),
            Test::Text(needles) => return self.text(needles, rows),
            Test::Error(needle) => {
                return self.holding(needle, rows, |row, _| {
                    let texts = [ERROR_KIND, ERROR_MESSAGE, ERROR_CHAIN];
                    let mut sections = sections(segment.row_text(row));
                    sections.any(|(tag, text)| texts.contains(&tag) && needle.find(text).is_some())
                });
            }
            Test::Section(tag, Some((needle, value))) => {
                return self.holding(needle, rows, |row, _| {
                    section(segment, row, *tag).is_some_and(|text| same_text(text, value))
                });
            }
            Test::Section(tag, None) => {
                *self.scanned += self.bytes_of(rows);
                found.retain(|row| section(segment, row, *tag).is_some());
            }
            Test::Field {
                path,
                wanted,
                needle,
            } => {
                let has_field = |row| {
                    section(segment, row, FIELDS)
                        .is_some_and(|json| fields::has(json, path, wanted.as_deref()))
                };
                if let Some(needle) = needle {
                    return self.holding(needle, rows, |row, _| has_field(row));
                }
                *self.scanned += self.bytes_of(rows);
                found.retain(has_field);
            }
        }
        found
    }

    /// Those of `rows` in which the text occurs in any of its spellings.
    fn text(&mut self, needles: &[Needle], rows: &RowSet) -> RowSet {
        let segment = self.segment;
        let mut found = RowSet::empty(segment.len());
        for (number, needle) in needles.iter().enumerate() {
            let is_spelling = number > 0;
            let part = self.holding(needle, rows, |row, position| {
                !is_spelling || JSON_SECTIONS.contains(&tag_at(segment.row_text(row), position))
            });
            found.unite(&part);
        }
        found
    }

    /// Those of `rows` that hold the needle at a position, within the row's text, that `accept` accepts.
    fn holding(
        &mut self,
        needle: &Needle,
        rows: &RowSet,
        accept: impl Fn(usize, usize) -> bool,
    ) -> RowSet {
        let segment = self.segment;
        let mut found = RowSet::empty(segment.len());
        if rows.len() * SPARSE < segment.len() {
            *self.scanned += self.bytes_of(rows);
            for row in rows.iter() {
                let text = segment.row_text(row);
                if positions(needle, text).any(|position| accept(row, position)) {
                    found.insert(row);
                }
            }
            return found;
        }
        for part in segment.texts().parts() {
            *self.scanned += part.bytes().len() as u64;
            let mut start = 0;
            let mut number = part.first();
            while let Some(within) = needle.find(&part.bytes()[start..]) {
                let position = start + within;
                number = part.number_at(position, number);
                let row = segment.row_of_text(number);
                let is_wanted = rows.contains(row);
                if is_wanted && !accept(row, position - part.start(number)) {
                    start = position + 1;
                    continue;
                }
                if is_wanted {
                    found.insert(row);
                }
                start = part.start(number + 1);
            }
        }
        found
    }

    fn bytes_of(&self, rows: &RowSet) -> u64 {
        let texts = rows
            .iter()
            .map(|row| self.segment.row_text(row).len() as u64);
        texts.sum()
    }
}

/// All places where a needle occurs, overlapping ones included.
fn positions<'a>(needle: &'a Needle, text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let mut start = 0;
    std::iter::from_fn(move || {
        let position = start + needle.find(text.get(start..)?)?;
        start = position + 1;
        Some(position)
    })
}

/// The text of a row's section.
fn section(segment: &Segment, row: usize, tag: u8) -> Option<&str> {
    let mut sections = sections(segment.row_text(row));
    let (_, text) = sections.find(|&(found, _)| found == tag)?;
    std::str::from_utf8(text).ok()
}

/// Evaluates a test on a text of the dictionaries: once per entry, then per row by id.
fn keep_named(segment: &Segment, key: &Key, wanted: &Wanted, rows: &mut RowSet) {
    let dictionary = &segment.dictionary;
    let accepts = |text: Option<&str>| match (text, wanted) {
        (None, _) => false,
        (Some(_), Wanted::Present) => true,
        (Some(text), Wanted::Value(value)) => named_matches(key, text, value),
    };
    let by_id = |count: usize, accept: &dyn Fn(u16) -> bool| -> Vec<bool> {
        (0..count as u16).map(accept).collect()
    };
    match key {
        Key::Service => {
            let ids = by_id(dictionary.services.len(), &|id| {
                accepts(Some(dictionary.service(id)))
            });
            rows.retain_by(&segment.services, |id| ids[usize::from(id)]);
        }
        Key::Host | Key::Version | Key::Env => {
            let ids = by_id(dictionary.origins.len(), &|id| {
                let origin = dictionary.origin(id);
                accepts(match key {
                    Key::Host => origin.host,
                    Key::Version => origin.version,
                    _ => origin.env,
                })
            });
            rows.retain_by(&segment.origins, |id| ids[usize::from(id)]);
        }
        _ => {
            let ids = by_id(dictionary.callsites.len(), &|id| {
                let callsite = dictionary.callsite(id);
                accepts(if *key == Key::File {
                    callsite.file
                } else {
                    callsite.target
                })
            });
            rows.retain_by(&segment.callsites, |id| ids[usize::from(id)]);
        }
    }
}

fn named_matches(key: &Key, text: &str, value: &str) -> bool {
    if same_text(text, value) {
        return true;
    }
    let length = value.len();
    match key {
        Key::Target => text.split_at_checked(length).is_some_and(|(start, rest)| {
            same_text(start, value) && (rest.starts_with("::") || rest.starts_with('.'))
        }),
        Key::File => {
            let start = text.len().checked_sub(length);
            let parts = start.and_then(|start| text.split_at_checked(start));
            parts.is_some_and(|(rest, end)| same_text(end, value) && rest.ends_with(['/', '\\']))
        }
        _ => false,
    }
}
