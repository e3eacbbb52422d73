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
