//! One column of whole numbers, stored as narrow as its spread allows.

/// Values as distances from the smallest, in the narrowest of 0, 2, 4 and 8 bytes that holds them all.
#[derive(Debug)]
pub(crate) struct Column {
    base: u64,
    distances: Distances,
}

#[derive(Debug)]
enum Distances {
    Zero,
    Narrow(Box<[u16]>),
    Middle(Box<[u32]>),
    Wide(Box<[u64]>),
}

impl Column {
    /// Packs the values.
    pub(crate) fn of(values: impl Iterator<Item = u64> + Clone) -> Column {
        let (low, high) = values
            .clone()
            .fold((u64::MAX, 0), |(low, high), v| (low.min(v), high.max(v)));
        let base = low.min(high);
        let spread = high.saturating_sub(low);
        // The casts cannot cut: every distance is at most `spread`.
        let distances = if spread == 0 {
            Distances::Zero
        } else if spread <= u64::from(u16::MAX) {
            Distances::Narrow(values.map(|value| (value - base) as u16).collect())
        } else if spread <= u64::from(u32::MAX) {
            Distances::Middle(values.map(|value| (value - base) as u32).collect())
        } else {
            Distances::Wide(values.map(|value| value - base).collect())
        };
        Column { base, distances }
    }

    /// The value of a row.
    pub(crate) fn at(&self, row: usize) -> u64 {
        self.base
            + match &self.distances {
                Distances::Zero => 0,
                Distances::Narrow(values) => u64::from(values[row]),
                Distances::Middle(values) => u64::from(values[row]),
                Distances::Wide(values) => values[row],
            }
    }

    /// Appends all values of a column with `rows` rows.
    pub(crate) fn unpack(&self, rows: usize, to: &mut Vec<u64>) {
        let base = self.base;
        match &self.distances {
            Distances::Zero => to.resize(to.len() + rows, base),
            Distances::Narrow(values) => to.extend(values.iter().map(|&v| base + u64::from(v))),
            Distances::Middle(values) => to.extend(values.iter().map(|&v| base + u64::from(v))),
            Distances::Wide(values) => to.extend(values.iter().map(|&v| base + v)),
        }
    }

    /// The first row at or after `from` and before `to` that holds `value`.
    pub(crate) fn find(&self, value: u64, from: usize, to: usize) -> Option<usize> {
        let distance = value.checked_sub(self.base)?;
        let within = match &self.distances {
            Distances::Zero => (distance == 0 && from < to).then_some(0),
            Distances::Narrow(values) => {
                let wanted = u16::try_from(distance).ok()?;
                values[from..to].iter().position(|&v| v == wanted)
            }
            Distances::Middle(values) => {
                let wanted = u32::try_from(distance).ok()?;
                values[from..to].iter().position(|&v| v == wanted)
            }
            Distances::Wide(values) => values[from..to].iter().position(|&v| v == distance),
        };
        within.map(|within| from + within)
    }

    /// Heap bytes.
    pub(crate) fn bytes(&self) -> usize {
        match &self.distances {
            Distances::Zero => 0,
            Distances::Narrow(values) => size_of_val(&**values),
            Distances::Middle(values) => size_of_val(&**values),
            Distances::Wide(values) => size_of_val(&**values),
        }
    }
}

/// Maps a signed number to an unsigned one of the same order.
pub(crate) const fn ordered(value: i64) -> u64 {
    (value as u64) ^ (1 << 63)
}

/// The reverse of [`ordered`].
pub(crate) const fn signed(value: u64) -> i64 {
    (value ^ (1 << 63)) as i64
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_value_comes_back_and_is_found(
            base in any::<u64>(),
            spread in prop::sample::select(vec![0, 0xFFFF, 0x1_0000, 0xFFFF_FFFF, 0x1_0000_0000, u64::MAX]),
            parts in vec(any::<u64>(), 1..50),
        ) {
            let top = |part: u64| if spread == u64::MAX { part } else { part % (spread + 1) };
            let values: Vec<u64> = parts.into_iter().map(|part| base.saturating_add(top(part))).collect();
            let column = Column::of(values.iter().copied());
            let mut unpacked = Vec::new();
            column.unpack(values.len(), &mut unpacked);
            prop_assert_eq!(&unpacked, &values);
            for (row, &value) in values.iter().enumerate() {
                prop_assert_eq!(column.at(row), value);
                let first = values.iter().position(|&other| other == value);
                prop_assert_eq!(column.find(value, 0, values.len()), first);
                prop_assert_eq!(column.find(value, row, values.len()), Some(row));
                prop_assert_eq!(column.find(value, 0, 0), None);
            }
        }

        #[test]
        fn the_unsigned_form_keeps_the_order(a in any::<i64>(), b in any::<i64>()) {
            prop_assert_eq!(a.cmp(&b), ordered(a).cmp(&ordered(b)));
            prop_assert_eq!(signed(ordered(a)), a);
        }
    }
}
