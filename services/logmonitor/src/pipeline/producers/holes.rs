//! Numbers between the first and the last received that have not come.

/// Holes remembered of one process start.
pub const MAX_HOLES: usize = 256;

/// Where the numbers that have not come are: ranges, the first and the last of each, in order and apart from each other.
///
/// Where there are more than [`MAX_HOLES`], some hold numbers that have come: all that have not are always in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holes(Vec<(u64, u64)>);

impl Holes {
    /// These ranges, which are in order and apart from each other.
    #[must_use]
    pub fn of(ranges: Vec<(u64, u64)>) -> Holes {
        Holes(ranges)
    }

    /// The ranges, in order.
    #[must_use]
    pub fn ranges(&self) -> &[(u64, u64)] {
        &self.0
    }

    /// One more, above all others.
    pub(super) fn open(&mut self, first: u64, last: u64) {
        let is_full = self.0.len() == MAX_HOLES;
        match self.0.last_mut() {
            Some(highest) if is_full => highest.1 = last,
            _ => self.0.push((first, last)),
        }
    }

    /// These numbers have come; returns how many of them had not come before.
    pub(super) fn fill(&mut self, first: u64, last: u64) -> u64 {
        let mut filled: u64 = 0;
        let mut at = self.0.partition_point(|hole| hole.1 < first);
        while let Some(&hole) = self.0.get(at).filter(|hole| hole.0 <= last) {
            let (low, high) = (hole.0.max(first), hole.1.min(last));
            filled = filled.saturating_add((high - low).saturating_add(1));
            let below = (hole.0 < low).then(|| (hole.0, low - 1));
            let above = (high < hole.1).then(|| (high + 1, hole.1));
            match (below, above) {
                (None, None) => {
                    self.0.remove(at);
                    continue;
                }
                (Some(rest), None) | (None, Some(rest)) => self.0[at] = rest,
                (Some(below), Some(above)) if self.0.len() < MAX_HOLES => {
                    self.0[at] = below;
                    self.0.insert(at + 1, above);
                }
                (Some(_), Some(_)) => {}
            }
            at += 1;
        }
        filled
    }
}
