//! A queue of librdkafka's, and which partitions are forwarded to it.

#![expect(
    unsafe_code,
    reason = "rust-rdkafka has no queue for several partitions, and hands out one message at a time"
)]

use std::ffi::CString;
use std::ptr::{self, NonNull};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::bindings::{
    rd_kafka_consume_batch_queue, rd_kafka_queue_destroy, rd_kafka_queue_forward,
    rd_kafka_queue_get_partition, rd_kafka_queue_new, rd_kafka_queue_t,
};
use rdkafka::client::Client;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::FetchedMessage;
use crate::kafka::context::Context;

/// See the module. It must not outlive its consumer.
#[derive(Debug)]
pub(in crate::kafka) struct NativeQueue {
    queue: Handle,
    /// The queues of the partitions that are forwarded to it.
    forwarded: Mutex<Vec<Handle>>,
}

impl NativeQueue {
    pub(super) fn new(client: &Client<Context>) -> NativeQueue {
        // SAFETY: the client lives.
        let queue = unsafe { rd_kafka_queue_new(client.native_ptr()) };
        NativeQueue {
            #[expect(
                clippy::expect_used,
                reason = "librdkafka aborts where memory is short"
            )]
            queue: Handle::of(queue).expect("librdkafka makes a queue"),
            forwarded: Mutex::default(),
        }
    }

    /// Lets the messages of these partitions come here instead of to the consumer's own queue, and those of the others
    /// no more. To be called before they are assigned. What of the others is here already is outdated, and not handed
    /// out.
    pub(in crate::kafka) fn forward(
        &self,
        consumer: &BaseConsumer<Context>,
        topic: &str,
        partitions: &[i32],
    ) {
        let mut forwarded = self.release();
        let Ok(topic) = CString::new(topic) else {
            return;
        };
        for &partition in partitions {
            let client = consumer.client().native_ptr();
            // SAFETY: client and name live.
            let queue = unsafe { rd_kafka_queue_get_partition(client, topic.as_ptr(), partition) };
            if let Some(queue) = Handle::of(queue) {
                // SAFETY: both queues live.
                unsafe { rd_kafka_queue_forward(queue.0.as_ptr(), self.queue.0.as_ptr()) };
                forwarded.push(queue);
            }
        }
    }

    fn release(&self) -> MutexGuard<'_, Vec<Handle>> {
        let mut forwarded = self
            .forwarded
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for queue in forwarded.drain(..) {
            // SAFETY: the queue lives; forwarded to nothing it keeps its messages.
            unsafe { rd_kafka_queue_forward(queue.0.as_ptr(), ptr::null_mut()) };
        }
        forwarded
    }

    /// Adds what comes to `portion`, until there are so many or so much time has passed.
    pub(super) fn take<'c>(
        &self,
        _consumer: &'c BaseConsumer<Context>,
        count: usize,
        patience: Duration,
        portion: &mut Vec<FetchedMessage<'c>>,
    ) {
        portion.reserve(count);
        let millis = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
        let start = portion.spare_capacity_mut().as_mut_ptr();
        // SAFETY: there is room for so many, and a message is the pointer that librdkafka writes. It says how many it
        // wrote, or less than none.
        unsafe {
            let taken =
                rd_kafka_consume_batch_queue(self.queue.0.as_ptr(), millis, start.cast(), count);
            portion.set_len(portion.len() + usize::try_from(taken).unwrap_or_default());
        }
    }
}

impl Drop for NativeQueue {
    fn drop(&mut self) {
        drop(self.release());
    }
}

/// Owns one reference to a queue.
#[derive(Debug)]
struct Handle(NonNull<rd_kafka_queue_t>);

// SAFETY: librdkafka's queues may be used from every thread.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Handle {
    fn of(queue: *mut rd_kafka_queue_t) -> Option<Handle> {
        NonNull::new(queue).map(Handle)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: it is ours, and is not used again.
        unsafe { rd_kafka_queue_destroy(self.0.as_ptr()) }
    }
}
