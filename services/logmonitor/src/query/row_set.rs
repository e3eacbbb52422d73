//! A set of rows of one segment, one bit each.

/// Rows of a segment; at most 8,192.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowSet {
    words: Vec<u64>,
}

impl RowSet {
    /// No rows of a segment with `rows` rows.
    pub(crate) fn empty(rows: usize) -> RowSet {
        RowSet {
            words: vec![0; rows.div_ceil(64)],
        }
    }

    /// The rows from `from` to before `to`.
    pub(crate) fn range(rows: usize, from: usize, to: usize) -> RowSet {
        let mut set = RowSet::empty(rows);
        for (number, word) in set.words.iter_mut().enumerate() {
            let start = number * 64;
            let below = |end: usize| match end.saturating_sub(start) {
                0 => 0,
                bits @ 1..64 => (1 << bits) - 1,
                _ => u64::MAX,
            };
            *word = below(to) & !below(from);
        }
        set
    }

    pub(crate) fn insert(&mut self, row: usize) {
        self.words[row / 64] |= 1 << (row % 64);
    }

    pub(crate) fn contains(&self, row: usize) -> bool {
        self.words[row / 64] >> (row % 64) & 1 == 1
    }

    pub(crate) fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// Keeps the rows for which the value in a column is accepted.
    pub(crate) fn retain_by<T: Copy>(&mut self, column: &[T], accept: impl Fn(T) -> bool) {
        for (word, values) in self.words.iter_mut().zip(column.chunks(64)) {
            if *word == 0 {
                continue;
            }
            let mut accepted = 0;
            for (bit, &value) in values.iter().enumerate() {
                accepted |= u64::from(accept(value)) << bit;
            }
            *word &= accepted;
        }
    }

    /// Keeps the rows that `accept` accepts.
    pub(crate) fn retain(&mut self, mut accept: impl FnMut(usize) -> bool) {
        for (number, word) in self.words.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                if !accept(number * 64 + bit as usize) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// Keeps what is in both.
    pub(crate) fn intersect(&mut self, other: &RowSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds what is in the other.
    pub(crate) fn unite(&mut self, other: &RowSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Keeps what is not in the other.
    pub(crate) fn subtract(&mut self, other: &RowSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// The first row at or after this one.
    pub(crate) fn at_or_after(&self, row: usize) -> Option<usize> {
        let mut number = row / 64;
        let mut word = self.words.get(number)? & (u64::MAX << (row % 64));
        while word == 0 {
            number += 1;
            word = *self.words.get(number)?;
        }
        Some(number * 64 + word.trailing_zeros() as usize)
    }

    /// The last row before this one.
    pub(crate) fn before(&self, row: usize) -> Option<usize> {
        let mut number = row / 64;
        let below = (1 << (row % 64)) - 1;
        let mut word = self.words.get(number).map_or(0, |word| word & below);
        while word == 0 {
            number = number.checked_sub(1)?;
            word = self.words[number];
        }
        Some(number * 64 + 63 - word.leading_zeros() as usize)
    }

    /// The rows, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        let first = self.at_or_after(0);
        std::iter::successors(first, |&row| self.at_or_after(row + 1))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_set_it_says(rows in 1..300_usize, from in 0..300_usize, to in 0..300_usize, step in 1..9_usize) {
            let (from, to) = (from.min(rows), to.min(rows));
            let mut set = RowSet::range(rows, from, to);
            let mut expected: BTreeSet<usize> = (from..to).collect();
            prop_assert_eq!(set.len(), expected.len());
            set.retain(|row| row % step == 0);
            expected.retain(|row| row % step == 0);
            let column: Vec<u16> = (0..rows as u16).collect();
            set.retain_by(&column, |value| value % 7 != 1);
            expected.retain(|row| row % 7 != 1);
            prop_assert_eq!(set.iter().collect::<BTreeSet<_>>(), expected.clone());
            prop_assert_eq!(set.is_empty(), expected.is_empty());
            for row in 0..=rows {
                prop_assert_eq!(set.at_or_after(row), expected.range(row..).next().copied());
                prop_assert_eq!(set.before(row), expected.range(..row).next_back().copied());
            }
        }
    }
}
