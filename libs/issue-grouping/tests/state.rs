//! What is learned: kept, restored, bounded, and the same whatever the order.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::{HashMap, HashSet};

use common::error;
use issue_grouping::{Change, Error, Grouper, IssueKey, Learned, Limits};
use proptest::prelude::*;

/// Messages of a service that has a few ways to fail, with values of all kinds in them.
fn message() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "ash", "birch", "cedar", "elm", "fir", "hazel", "17", "0x1f",
    ]);
    let class = prop::sample::select(vec![
        "com.a.B",
        "com.c.D",
        "com.e.F",
        "runTask",
        "saveOrder",
    ]);
    let verb = prop::sample::select(vec!["opened", "closed", "refused", "reset"]);
    prop_oneof![
        name.clone()
            .prop_map(|name| format!("login failed for user {name} today")),
        (name.clone(), verb.clone())
            .prop_map(|(name, verb)| format!("session of user {name} was {verb}")),
        (class, name.clone())
            .prop_map(|(class, name)| format!("call of {class} by {name} took 3 ms")),
        (verb, 0..9u32).prop_map(|(verb, number)| format!("connection {number} {verb}")),
        name.prop_map(|name| format!("owner={name} lost /data/{name}/x")),
    ]
}

/// What a caller does with changes: one row a template.
#[derive(Default)]
struct Archive {
    rows: HashMap<IssueKey, Vec<u8>>,
    redirects: HashMap<IssueKey, IssueKey>,
}

impl Archive {
    fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Learned(template) => {
                    assert!(
                        self.rows
                            .insert(template.key(), template.to_bytes())
                            .is_none()
                    );
                }
                Change::Merged { from, into } => {
                    assert!(self.redirects.insert(*from, *into).is_none())
                }
                Change::Forgotten(key) => assert!(self.rows.remove(key).is_some()),
            }
        }
    }

    fn restore(&self, limits: Limits) -> Grouper {
        Grouper::restore(
            limits,
            self.rows
                .values()
                .map(|row| Learned::from_bytes(row).unwrap()),
        )
    }

    fn resolve(&self, mut issue: IssueKey) -> IssueKey {
        while let Some(into) = self.redirects.get(&issue) {
            issue = *into;
        }
        issue
    }
}

/// The partition that keys make: for each the place of its first one.
fn partition(keys: &[IssueKey]) -> Vec<usize> {
    let mut first = HashMap::new();
    keys.iter()
        .enumerate()
        .map(|(at, key)| *first.entry(*key).or_insert(at))
        .collect()
}

proptest! {
    #[test]
    fn a_restored_grouper_goes_on_as_the_one_that_learned(
        messages in prop::collection::vec(message(), 1..120),
        at in 0..120usize,
        templates_per_bucket in prop::sample::select(vec![6, 10, 1_000]),
    ) {
        let limits = Limits { templates_per_bucket, ..Limits::default() };
        let (before, after) = messages.split_at(at.min(messages.len()));
        let (mut grouper, mut archive) = (Grouper::new(limits), Archive::default());
        for message in before {
            archive.apply(&grouper.group(&error(message)).changes);
        }
        let mut restored = archive.restore(limits);
        prop_assert_eq!(restored.learned(), grouper.learned());
        for message in after {
            prop_assert_eq!(restored.group(&error(message)), grouper.group(&error(message)));
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_decide_what_is_one_issue(
        messages in prop::collection::vec(message(), 1..80),
        seed in any::<prop::sample::Index>(),
    ) {
        let in_order = partition(&common::issues_at_end(&messages));
        // Another order that any pair of messages may swap in.
        let len = messages.len();
        let step = (1..=len).filter(|step| gcd(*step, len) == 1).nth(seed.index(len) % 7).unwrap_or(1);
        let order: Vec<usize> = (0..len).map(|at| (len - 1 - at) * step % len).collect();
        let shuffled: Vec<&str> = order.iter().map(|at| messages[*at].as_str()).collect();
        let mut back = vec![IssueKey(0); len];
        for (at, issue) in order.iter().zip(common::issues_at_end(&shuffled)) {
            back[*at] = issue;
        }
        prop_assert_eq!(partition(&back), in_order);
    }

    #[test]
    fn the_redirects_that_were_handed_out_are_those_that_hold(messages in prop::collection::vec(message(), 1..120)) {
        let (mut grouper, mut archive) = (Grouper::default(), Archive::default());
        let mut issues = Vec::new();
        for message in &messages {
            let grouped = grouper.group(&error(message));
            archive.apply(&grouped.changes);
            issues.push(grouped.issue);
        }
        for (message, issue) in messages.iter().zip(issues) {
            prop_assert_eq!(archive.resolve(issue), grouper.group(&error(message)).issue);
        }
        for (from, into) in grouper.redirects() {
            prop_assert_eq!(archive.resolve(into), into);
            if archive.redirects.contains_key(&from) {
                prop_assert_eq!(archive.resolve(from), into);
            }
        }
    }

    #[test]
    fn bytes_that_are_no_template_are_refused_and_others_survive(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Some(template) = Learned::from_bytes(&bytes) {
            prop_assert_eq!(template.to_bytes(), bytes);
        }
    }
}

fn gcd(left: usize, right: usize) -> usize {
    if right == 0 {
        left
    } else {
        gcd(right, left % right)
    }
}

/// Words that differ in every message.
fn random_message(number: u64) -> String {
    let mut state = number.wrapping_add(1);
    let mut word = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let letter = |shift: u64| char::from(b'g' + ((state >> shift) % 20) as u8);
        [33, 38, 43, 48, 53].map(letter).iter().collect::<String>()
    };
    format!("{} {} {} {}", word(), word(), word(), word())
}

#[test]
fn what_is_learned_is_bounded_and_keys_outlive_what_is_forgotten() {
    let limits = Limits {
        templates_per_bucket: 20,
        buckets: 3,
        templates: 50,
    };
    let (mut grouper, mut archive) = (Grouper::new(limits), Archive::default());
    let services = ["a", "b", "c", "d"];
    let mut keys = Vec::new();
    for number in 0..400 {
        let message = random_message(number);
        let error = Error {
            service: services[number as usize % 4],
            message: &message,
            ..Error::default()
        };
        let grouped = grouper.group(&error);
        archive.apply(&grouped.changes);
        keys.push(grouped.issue);
        assert!(archive.rows.len() <= 50);
    }
    assert_eq!(grouper.learned().len(), archive.rows.len());
    assert!(archive.rows.len() > 30);
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 400);
    for number in 0..400 {
        let message = random_message(number);
        let error = Error {
            service: services[number as usize % 4],
            message: &message,
            ..Error::default()
        };
        assert_eq!(grouper.group(&error).issue, keys[number as usize]);
    }
}

#[test]
fn what_turned_out_to_be_one_issue_is_not_forgotten() {
    let limits = Limits {
        templates_per_bucket: 20,
        ..Limits::default()
    };
    let mut grouper = Grouper::new(limits);
    let login = |user: &str| format!("login failed for user {user} today");
    let issue = grouper.group(&error(&login("alice"))).issue;
    grouper.group(&error(&login("bob")));
    grouper.group(&error(&login("carol")));
    for number in 0..200 {
        grouper.group(&error(&random_message(number)));
    }
    assert_eq!(grouper.group(&error(&login("dave"))).issue, issue);
}

#[test]
fn what_was_learned_serves_where_nothing_more_may_be() {
    let limits = Limits {
        templates_per_bucket: 3,
        ..Limits::default()
    };
    let mut grouper = Grouper::new(limits);
    for user in ["alice", "bob", "carol"] {
        grouper.group(&error(&format!("login failed for user {user} today")));
    }
    let mut issue = |message: &str| grouper.group(&error(message)).issue;
    assert_eq!(
        issue("login failed for user dave today"),
        issue("login failed for user erin today")
    );
    assert_eq!(issue("disk 1 is full"), issue("disk 2 is full"));
    assert_ne!(issue("disk 1 is full"), issue("disk 1 is gone"));
    assert_eq!(grouper.learned().len(), 3);
}

#[test]
fn values_that_never_repeat_are_not_learned_one_by_one() {
    let mut grouper = Grouper::default();
    for number in 0..500 {
        let name = random_message(number).replace(' ', "");
        grouper.group(&error(&format!("login failed for user {name} today")));
    }
    assert_eq!(grouper.learned().len(), 3);
}

#[test]
fn keys_are_the_same_for_ever() {
    let mut grouper = Grouper::default();
    let mut key = |error: Error<'_>| grouper.group(&error).issue.to_string();
    let by_message = key(error("order 17 of bob@example.com lost in /var/spool/17"));
    let frames = log_record::frames("0: shop::save\n at ./src/orders.rs:1:2");
    let by_frames = key(Error {
        kind: Some("io::Error"),
        frames: &frames,
        ..error("disk full")
    });
    assert_eq!(
        [by_message.as_str(), by_frames.as_str()],
        [
            "46c9c3f0efba8fa535a5f369428508da",
            "155a75abf8e60a3fc07a9b178e07fdef"
        ]
    );
}
