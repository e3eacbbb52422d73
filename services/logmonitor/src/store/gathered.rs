//! Events of records that are not stored: what is only passed on can be searched and shown in the same way.

use super::View;
use super::arrival::Arrival;
use super::event::Event;
use super::open_chunk::OpenChunk;
use super::rows::NO_TWIN;

/// So many records can be gathered at a time.
pub(crate) const MAX_GATHERED: usize = 8_192;

/// The events of these records, at most [`MAX_GATHERED`] of them, in their order.
pub(crate) fn gathered(arrivals: &[Arrival<'_>]) -> Vec<Event> {
    let mut chunk = OpenChunk::default();
    for arrival in arrivals {
        chunk.push(arrival, None, NO_TWIN);
    }
    let Some(view) = View::of(chunk.to_segment()) else {
        return Vec::new();
    };
    let numbers = 0..view.segment.arrivals_end();
    numbers
        .filter_map(|number| view.segment.row_of(number))
        .map(|row| view.event(row))
        .collect()
}
