//! The bookings, in memory, behind a store that sometimes does not take them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// Bookings kept; the oldest make room.
const CAPACITY: u64 = 100_000;

/// Something a user has paid for.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Booking {
    pub(crate) id: u64,
    pub(crate) user_id: u64,
    pub(crate) item: String,
    pub(crate) amount_cents: u64,
    pub(crate) currency: String,
}

/// A booking could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("cannot write booking {id}")]
    Write { id: u64, source: std::io::Error },
}

/// A handle to the bookings; clones see the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Bookings {
    /// Which share of writes fails.
    failure_rate: f64,
    /// Held for single map operations only, never across an await.
    table: Arc<Mutex<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    bookings: HashMap<u64, Booking>,
    last_id: u64,
}

impl Bookings {
    /// No bookings. A write is more reliable than a payment: every fourth of the share `failure_rate` fails.
    pub(crate) fn new(failure_rate: f64) -> Bookings {
        Bookings {
            failure_rate: failure_rate / 4.0,
            table: Arc::default(),
        }
    }

    /// The id of a booking to come.
    pub(crate) fn next_id(&self) -> u64 {
        let mut table = self.table();
        table.last_id += 1;
        table.last_id
    }

    pub(crate) fn store(&self, booking: Booking) -> Result<(), StoreError> {
        if fastrand::f64() < self.failure_rate {
            let source =
                std::io::Error::new(std::io::ErrorKind::StorageFull, "no space left on device");
            return Err(StoreError::Write {
                id: booking.id,
                source,
            });
        }
        let mut table = self.table();
        if let Some(oldest) = booking.id.checked_sub(CAPACITY) {
            table.bookings.remove(&oldest);
        }
        table.bookings.insert(booking.id, booking);
        Ok(())
    }

    pub(crate) fn find(&self, id: u64) -> Option<Booking> {
        self.table().bookings.get(&id).cloned()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing can panic while it is held and leave the table half changed.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
