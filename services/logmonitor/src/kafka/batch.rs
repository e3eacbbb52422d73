//! The batch of a consumer: what it takes, when it closes, and what becomes of it when it cannot be kept.

use std::time::{Duration, Instant};

use log_record::Timestamp;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use tracing::{debug, info, warn};

use super::context::Context;
use super::fetch_queue::FetchedMessage;
use super::scan::Scan;
use crate::archive::{ArchiveError, PartitionPosition};
use crate::ingest::Ingest;

/// How long an idle consumer waits for a message; also how soon it hears of anything else.
const IDLE_POLL: Duration = Duration::from_millis(50);
/// A batch is applied at the latest after this.
const MAX_AGE: Duration = Duration::from_millis(50);
/// How often a batch that cannot be kept is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Another cluster has taken the place of the one that was read.
#[derive(Debug, thiserror::Error)]
#[error("Kafka is another cluster than it was")]
pub(super) struct ClusterReplaced;

/// See the module.
pub(super) struct Batch<'c> {
    consumer: &'c BaseConsumer<Context>,
    ingest: &'c Ingest,
    scan: Scan<'c>,
    /// When the batch got its first message, and under which assignment.
    begun: Option<(Instant, u64)>,
    /// When it is tried again, after the archive has refused it. Until then nothing is read.
    retry_at: Option<Instant>,
}

impl<'c> Batch<'c> {
    pub(super) fn new(
        consumer: &'c BaseConsumer<Context>,
        ingest: &'c Ingest,
        scan: Scan<'c>,
    ) -> Batch<'c> {
        Batch {
            consumer,
            ingest,
            scan,
            begun: None,
            retry_at: None,
        }
    }

    /// How long to wait for the next message: not at all while something could be applied instead.
    pub(super) fn patience(&self) -> Duration {
        if self.begun.is_none() || self.retry_at.is_some() {
            IDLE_POLL
        } else {
            Duration::ZERO
        }
    }

    pub(super) fn take(&mut self, message: FetchedMessage<'c>) -> Result<(), ClusterReplaced> {
        let epoch = self.consumer.context().epoch();
        match self.begun {
            None => self.begun = Some((Instant::now(), epoch)),
            // The partitions may be another's by now: who reads them next begins where this batch began.
            Some((_, begun)) if begun != epoch => {
                self.drop_messages();
                self.begun = Some((Instant::now(), epoch));
                // It has to be paused anew if it must.
                self.retry_at = None;
            }
            Some(_) => {}
        }
        self.scan.take(message);
        if self.scan.is_full() {
            self.apply()?;
        }
        Ok(())
    }

    /// Applies what has waited long enough.
    pub(super) fn apply_if_old(&mut self) -> Result<(), ClusterReplaced> {
        match self.begun {
            Some((begun, _)) if begun.elapsed() >= MAX_AGE => self.apply(),
            _ => Ok(()),
        }
    }

    /// Keeps and shows what was taken. While the archive refuses, nothing more is read and the batch is tried again
    /// every second; the consumer is polled all the while, so that it stays in the group. What came from another
    /// cluster is not kept: there, these offsets mean other records, and what lies before them was not read.
    pub(super) fn apply(&mut self) -> Result<(), ClusterReplaced> {
        if self.consumer.context().is_cluster_replaced() {
            return Err(ClusterReplaced);
        }
        if self.retry_at.is_some_and(|at| Instant::now() < at) {
            return Ok(());
        }
        match self.try_apply() {
            Ok(()) => {
                if self.retry_at.take().is_some() {
                    let context = self.consumer.context();
                    info!(topic = context.topic(), "reading goes on");
                    context.pipeline.set_refusal(context.topic(), None);
                    self.set_paused(false);
                }
            }
            Err(error) => {
                let context = self.consumer.context();
                let topic = context.topic();
                context.pipeline.set_refusal(topic, Some(error.to_string()));
                if self.retry_at.is_none() {
                    warn!(topic, %error, "a batch cannot be kept; reading pauses until it can");
                    self.set_paused(true);
                }
                self.retry_at = Some(Instant::now() + RETRY);
            }
        }
        Ok(())
    }

    fn try_apply(&mut self) -> Result<(), ArchiveError> {
        let context = self.consumer.context();
        context.starts.pass_gaps()?;
        let Some((_, epoch)) = self.begun else {
            return Ok(());
        };
        if epoch != context.epoch() {
            self.drop_messages();
            return Ok(());
        }
        let positions: Vec<PartitionPosition> = self.scan.positions().collect();
        self.scan.apply(
            context.topic(),
            self.ingest,
            &context.pipeline,
            Timestamp::now(),
        )?;
        self.begun = None;
        for &at in &positions {
            context.starts.advance(at);
            context
                .pipeline
                .advance(context.topic(), at.partition, at.position, at.timestamp);
        }
        context.commit(self.consumer, positions.iter().map(|at| at.partition));
        Ok(())
    }

    fn drop_messages(&mut self) {
        self.scan.clear();
        self.begun = None;
    }

    fn set_paused(&self, paused: bool) {
        let outcome = self.consumer.assignment().and_then(|partitions| {
            if paused {
                self.consumer.pause(&partitions)
            } else {
                self.consumer.resume(&partitions)
            }
        });
        if let Err(error) = outcome {
            debug!(topic = self.consumer.context().topic(), %error, paused, "pausing or resuming failed");
        }
    }
}
