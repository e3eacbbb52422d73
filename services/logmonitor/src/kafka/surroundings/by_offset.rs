//! The lines of one partition around a known offset: forwards and backwards in windows that grow, so that little is read
//! beyond the last line.

use rdkafka::error::KafkaError;

use super::answer::{Around, Missing};
use super::budget::Budget;
use super::lines::Lines;
use super::side::Side;
use super::tape::{Edges, End, Range};
use super::{Search, next_size};

/// The first window before the error, in offsets: about what one fetch brings.
const FIRST_WINDOW: i64 = 2_000;

impl Search<'_> {
    pub(super) fn by_offset(
        &self,
        partition: i32,
        offset: i64,
        mut lines: Lines<'_>,
    ) -> Result<Around, KafkaError> {
        let edges = self.tape.edges(self.topic, &[partition])?;
        let Some(&edges) = edges.get(&partition) else {
            return Ok(lines.into_answer());
        };
        let (mut before, mut after) = (Budget::side(), Budget::side());
        let missing_after = self.forwards(partition, offset, edges, &mut lines, &mut after)?;
        let missing_before = self.backwards(partition, offset, edges, &mut lines, &mut before)?;
        let mut around = lines.into_answer();
        around.missing_after = around.missing_after.or(missing_after);
        around.missing_before = around.missing_before.or(missing_before);
        around.scanned = before.scanned() + after.scanned();
        Ok(around)
    }

    fn forwards(
        &self,
        partition: i32,
        offset: i64,
        edges: Edges,
        lines: &mut Lines<'_>,
        budget: &mut Budget,
    ) -> Result<Option<Missing>, KafkaError> {
        if lines.is_full(Side::After) {
            return Ok(None);
        }
        // The error's own message may hold more records.
        let mut from = offset;
        let mut size = FIRST_WINDOW;
        while from < edges.high {
            let range = Range {
                partition,
                from,
                to: from.saturating_add(size).min(edges.high),
            };
            let before = lines.len(Side::After);
            let end = self.tape.read(self.topic, &[range], budget, |message| {
                lines.offer_after(message)
            })?;
            match end {
                End::Whole => {}
                End::Enough => break,
                End::Bound(reason) => return Ok(Some(reason.into())),
            }
            let new = lines.len(Side::After) - before;
            size = next_size(range.to - from, new, lines.needed(Side::After)).max(FIRST_WINDOW);
            from = range.to;
        }
        Ok(None)
    }

    fn backwards(
        &self,
        partition: i32,
        offset: i64,
        edges: Edges,
        lines: &mut Lines<'_>,
        budget: &mut Budget,
    ) -> Result<Option<Missing>, KafkaError> {
        let mut to = offset + 1;
        let mut size = FIRST_WINDOW;
        while !lines.is_full(Side::Before) {
            // What came before the first record of a process is of another.
            if lines.first_seq() == Some(0) {
                return Ok(None);
            }
            if to <= edges.low {
                return Ok((edges.low > 0).then(|| {
                    let needed = lines.needed(Side::Before) as u64;
                    Missing {
                        lines: lines.first_seq().map(|first| first.min(needed)),
                        ..Missing::deleted(self.topic, partition, edges.low)
                    }
                }));
            }
            // A window that cannot be finished would leave a hole next to the error.
            let affordable = i64::try_from(budget.records_left()).unwrap_or(i64::MAX);
            let from = (to - size.min(affordable)).max(edges.low);
            let range = Range {
                partition,
                from,
                to,
            };
            let mut found = lines.emptied();
            let end = self.tape.read(self.topic, &[range], budget, |message| {
                found.offer(message);
                std::ops::ControlFlow::Continue(())
            })?;
            if let End::Bound(reason) = end {
                return Ok(Some(reason.into()));
            }
            let new = found.len(Side::Before);
            lines.absorb(found);
            if let Some(reason) = budget.spent() {
                return Ok((!lines.is_full(Side::Before)).then(|| reason.into()));
            }
            size = next_size(to - from, new, lines.needed(Side::Before)).max(FIRST_WINDOW);
            to = from;
        }
        Ok(None)
    }
}
