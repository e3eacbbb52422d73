//! The queue through which the messages of all assigned partitions come, many with one call.
//!
//! `BaseConsumer::poll` makes an event of each message, with an allocation, two locks and several looks at the clock:
//! that costs more than our glance at the message. librdkafka hands out many at a time, too
//! (`rd_kafka_consume_batch_queue`), but not from the consumer's own queue, where rebalances come as well. So the
//! partitions are forwarded to a queue of their own, and the consumer is polled for everything else.

mod message;
mod native;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;
use std::vec::Drain;

use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::context::Context;
pub(super) use message::FetchedMessage;
pub(super) use native::NativeQueue;

/// So many messages are taken with one call at most.
const PORTION: usize = 256;
/// How long a consumer that is about to close looks for what it has still to answer.
const LAST_LOOK: Duration = Duration::from_millis(10);

/// See the module.
pub(super) struct FetchQueue<'c> {
    consumer: &'c BaseConsumer<Context>,
    queue: Arc<NativeQueue>,
    portion: Vec<FetchedMessage<'c>>,
}

impl<'c> FetchQueue<'c> {
    /// One that the partitions of every assignment from now on are forwarded to.
    pub(super) fn new(consumer: &'c BaseConsumer<Context>) -> FetchQueue<'c> {
        let queue = Arc::new(NativeQueue::new(consumer.client()));
        consumer.context().forward_to(Some(Arc::clone(&queue)));
        FetchQueue {
            consumer,
            queue,
            portion: Vec::with_capacity(PORTION),
        }
    }

    /// The messages that are there, 256 of them at most. If there are none, the first is waited for.
    pub(super) fn read(&mut self, patience: Duration) -> Drain<'_, FetchedMessage<'c>> {
        self.take(PORTION, Duration::ZERO);
        // librdkafka would wait until it has as many as it was asked for.
        if self.portion.is_empty() && !patience.is_zero() {
            self.take(1, patience);
            if !self.portion.is_empty() {
                self.take(PORTION - 1, Duration::ZERO);
            }
        }
        self.portion.drain(..)
    }

    fn take(&mut self, count: usize, patience: Duration) {
        self.queue
            .take(self.consumer, count, patience, &mut self.portion);
    }
}

impl Drop for FetchQueue<'_> {
    fn drop(&mut self) {
        self.consumer.context().forward_to(None);
        // A rebalance that waits for us is answered before the consumer closes: closing settles it without us, and
        // librdkafka does not reply to an answer that comes later. Whatever else comes is read again.
        drop(self.consumer.poll(LAST_LOOK));
    }
}
