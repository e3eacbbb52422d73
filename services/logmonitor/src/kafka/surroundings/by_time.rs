//! The lines of all partitions around a moment, merged in the order of their times: windows of time on both sides that
//! grow, each read in all partitions at once.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use rdkafka::error::KafkaError;

use super::answer::{Around, Missing, Reason};
use super::budget::Budget;
use super::lines::Lines;
use super::side::Side;
use super::tape::{Edges, End, Range};
use super::{Search, next_size};

/// The first window, in microseconds.
const FIRST_WINDOW: i64 = 250_000;

/// The topic as it was when the request began, and where the error's moment is in each partition.
struct Map {
    edges: BTreeMap<i32, Edges>,
    start: BTreeMap<i32, i64>,
}

impl Search<'_> {
    pub(super) fn by_time(&self, mut lines: Lines<'_>) -> Result<Around, KafkaError> {
        let partitions = self.tape.partitions(self.topic)?;
        let edges = self.tape.edges(self.topic, &partitions)?;
        let (mut before, mut after) = (Budget::side(), Budget::side());
        let (missing_before, missing_after) = if self.tape.looks_up_by_time() {
            let start = self.offsets_at(&edges, 0)?;
            let map = Map { edges, start };
            (
                self.walk(Side::Before, &map, &mut lines, &mut before)?,
                self.walk(Side::After, &map, &mut lines, &mut after)?,
            )
        } else {
            let everything = |(&partition, edges): (&i32, &Edges)| Range {
                partition,
                from: edges.low,
                to: edges.high,
            };
            let ranges: Vec<Range> = edges.iter().map(everything).collect();
            let bound = self.window(&ranges, &mut lines, &mut before)?;
            let start = edges
                .iter()
                .map(|(&partition, edges)| (partition, edges.low));
            let deleted = self.deleted(&start.collect(), &edges);
            (
                bound.map(Missing::from).or(deleted),
                bound.map(Missing::from),
            )
        };
        let is_short = |side| !lines.is_full(side);
        let missing_before = missing_before.filter(|_| is_short(Side::Before));
        let missing_after = missing_after.filter(|_| is_short(Side::After));
        let mut around = lines.into_answer();
        around.missing_before = around.missing_before.or(missing_before);
        around.missing_after = around.missing_after.or(missing_after);
        around.scanned = before.scanned() + after.scanned();
        Ok(around)
    }

    /// Reads away from the error, one window behind the other, until there are enough lines or no more. Says what is
    /// missing.
    fn walk(
        &self,
        side: Side,
        map: &Map,
        lines: &mut Lines<'_>,
        budget: &mut Budget,
    ) -> Result<Option<Missing>, KafkaError> {
        let span = i64::try_from(self.wanted.span().as_micros()).unwrap_or(i64::MAX);
        let mut reached = map.start.clone();
        let (mut distance, mut size) = (0, FIRST_WINDOW);
        while !lines.is_full(side) {
            let is_at_the_edge = map.edges.iter().all(|(partition, edges)| {
                reached.get(partition)
                    == Some(&match side {
                        Side::Before => edges.low,
                        Side::After => edges.high,
                    })
            });
            if is_at_the_edge {
                break;
            }
            if distance >= span {
                return Ok(Some(Reason::Span.into()));
            }
            let farther = distance.saturating_add(size).min(span);
            let next = self.offsets_at(
                &map.edges,
                match side {
                    Side::Before => -farther,
                    Side::After => farther,
                },
            )?;
            let ranges: Vec<Range> = reached
                .iter()
                .filter_map(|(&partition, &reached)| {
                    let next = *next.get(&partition)?;
                    let (from, to) = match side {
                        Side::Before => (next, reached),
                        Side::After => (reached, next),
                    };
                    Some(Range {
                        partition,
                        from,
                        to,
                    })
                })
                .collect();
            let before = lines.len(side);
            if let Some(reason) = self.window(&ranges, lines, budget)? {
                return Ok(Some(reason.into()));
            }
            let found = lines.len(side) - before;
            size = next_size(farther - distance, found, lines.needed(side));
            (distance, reached) = (farther, next);
        }
        let outermost = match side {
            Side::Before => &reached,
            Side::After => &map.start,
        };
        Ok(self.deleted(outermost, &map.edges))
    }

    /// Reads one window as a whole, or not at all: half of one would leave holes between its lines.
    fn window(
        &self,
        ranges: &[Range],
        lines: &mut Lines<'_>,
        budget: &mut Budget,
    ) -> Result<Option<Reason>, KafkaError> {
        let mut found = lines.emptied();
        let end = self.tape.read(self.topic, ranges, budget, |message| {
            found.offer(message);
            ControlFlow::Continue(())
        })?;
        if let End::Bound(reason) = end {
            return Ok(Some(reason));
        }
        lines.absorb(found);
        Ok(budget.spent())
    }

    /// Where each partition has the moment so many microseconds from the error; its end where all is older.
    fn offsets_at(
        &self,
        edges: &BTreeMap<i32, Edges>,
        distance: i64,
    ) -> Result<BTreeMap<i32, i64>, KafkaError> {
        let partitions: Vec<i32> = edges.keys().copied().collect();
        let moment = self.located.timestamp.saturating_add_micros(distance);
        let found = self.tape.offsets_at(self.topic, &partitions, moment)?;
        let offset_in = |(&partition, edges): (&i32, &Edges)| {
            let offset = found.get(&partition).copied().unwrap_or(edges.high);
            (partition, offset.clamp(edges.low, edges.high))
        };
        Ok(edges.iter().map(offset_in).collect())
    }

    /// Whether records before these offsets are gone that may have been lines. Of a partition that is empty nothing is
    /// known, unless all are.
    fn deleted(
        &self,
        offsets: &BTreeMap<i32, i64>,
        edges: &BTreeMap<i32, Edges>,
    ) -> Option<Missing> {
        let are_all_empty = edges.values().all(|edges| edges.low == edges.high);
        let mut gone = edges.iter().filter(|(partition, edges)| {
            let begins_here = offsets.get(partition) == Some(&edges.low) && edges.low > 0;
            begins_here && (are_all_empty || edges.low < edges.high)
        });
        gone.next()
            .map(|(&partition, edges)| Missing::deleted(self.topic, partition, edges.low))
    }
}
