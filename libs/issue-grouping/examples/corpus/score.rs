//! How like two ways to group the same lines are.

use std::collections::HashMap;
use std::hash::Hash;

pub(crate) struct Score {
    pub(crate) f1: f64,
    pub(crate) ga: f64,
    pub(crate) groups: usize,
    pub(crate) templates: usize,
}

pub(crate) fn score<T: Copy + Eq + Hash, G: Copy + Eq + Hash>(truth: &[T], groups: &[G]) -> Score {
    let by_template = counts(truth.iter().copied());
    let by_group = counts(groups.iter().copied());
    let by_both = counts(truth.iter().copied().zip(groups.iter().copied()));
    let exact = by_both.iter().filter(|((template, group), count)| {
        by_template[template] == **count && by_group[group] == **count
    });
    let expected = pairs(by_template.values()) + pairs(by_group.values());
    Score {
        // 2PR / (P + R), where P and R have the same numerator.
        f1: if expected == 0.0 {
            1.0
        } else {
            2.0 * pairs(by_both.values()) / expected
        },
        ga: exact.map(|(_, count)| *count).sum::<usize>() as f64 / truth.len() as f64,
        groups: by_group.len(),
        templates: by_template.len(),
    }
}

fn counts<K: Eq + Hash>(keys: impl Iterator<Item = K>) -> HashMap<K, usize> {
    let mut counts = HashMap::new();
    for key in keys {
        *counts.entry(key).or_insert(0) += 1;
    }
    counts
}

fn pairs<'a>(counts: impl Iterator<Item = &'a usize>) -> f64 {
    counts.map(|count| (*count * (*count - 1) / 2) as f64).sum()
}
