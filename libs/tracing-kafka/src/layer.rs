//! The layer itself: which events become records, and what their spans add. How a value is written is `visit`'s and
//! `span`'s affair, where the record goes the pipeline's.

use std::fmt;
use std::sync::Arc;

use log_record::{Timestamp, json};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use crate::builder::KafkaLayerBuilder;
use crate::counters::Counters;
use crate::local;
use crate::pipeline::Pipeline;
use crate::queue::Entry;
use crate::source::is_of_the_kafka_client;
use crate::span::{SpanText, SpanTexts, SpanVisitor};
use crate::text::EventText;
use crate::visit::{EventVisitor, severity_of};

/// A [`Layer`] that publishes every event it sees to Kafka.
///
/// An event costs its caller a few hundred nanoseconds: no allocation, no waiting on a lock, no call into librdkafka,
/// and a system call only to wake the worker for ERROR and above. The layer never logs, never panics and never calls
/// `enabled` for others: put an `EnvFilter` beside it, or [`Layer::with_filter`] on it.
///
/// | `tracing` | record |
/// |---|---|
/// | level | `level`; a field `severity` may raise it, as [`critical!`](crate::critical) does |
/// | target, module path, file, line | `target`, `module`, `file`, `line` |
/// | thread name | `thread` |
/// | field `message` (the format string) | `message` |
/// | the first field that is a `dyn Error` | `error`: `type` as far as it can be known, `message`, `chain` of sources |
/// | field `error` that is text (`error = %e`) | `error.message` |
/// | field `backtrace`, `stack`, `stacktrace`, `error.stack` or `error.backtrace` | `error.stack` |
/// | field `trace_id` (32 hex digits) or `span_id` (16), of the event or its innermost span that has one | `trace_id`, `span_id` |
/// | every other field | `fields`, under its own name; the first wins where a name is repeated |
/// | integer, float, bool | number, number, truth value; NaN and infinities are strings |
/// | `i128`, `u128` | string of digits |
/// | bytes | string of lower-case hex |
/// | `Debug`, `Display`, second error | string |
/// | innermost span | `span`: its name |
/// | all spans from the root, or from an explicit `parent:` | `spans`: objects of `name` and fields; a span's own field `name` is `field.name`; of a field recorded twice the later value |
/// | records of the `log` crate | as their own target, module, file and line, not the bridge's |
///
/// Records of targets `rdkafka…` and `librdkafka…` are not published: sending them would produce more of them.
pub struct KafkaLayer {
    pub(crate) pipeline: Arc<Pipeline>,
    #[cfg(feature = "opentelemetry")]
    otel: crate::otel::CurrentTrace,
}

impl KafkaLayer {
    /// Starts to build a layer that publishes as `service`.
    pub fn builder(service: impl Into<String>) -> KafkaLayerBuilder {
        KafkaLayerBuilder::new(service.into())
    }

    pub(crate) fn new(pipeline: Arc<Pipeline>) -> KafkaLayer {
        KafkaLayer {
            pipeline,
            #[cfg(feature = "opentelemetry")]
            otel: crate::otel::CurrentTrace::default(),
        }
    }

    /// What became of the records so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.pipeline.counters()
    }

    /// Finds the spans around an event and the ids they carry. The innermost span's id.
    #[inline]
    fn find_spans<S>(
        &self,
        text: &mut EventText,
        event: &Event<'_>,
        context: &Context<'_, S>,
    ) -> Option<Id>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let mut innermost = None;
        let mut ids = text.ids;
        // Not `event_scope`, which looks the innermost span up twice.
        let mut next = context.event_span(event);
        while let Some(span) = next {
            if innermost.is_none() {
                innermost = Some(span.id());
                let out = text.after_fields();
                out.extend_from_slice(b"\"span\":");
                json::push_str(out, span.name());
                out.push(b',');
            }
            // Absent for a span from before this layer was there.
            if let Some(written) = span.extensions().get::<SpanTexts>()
                && let Some(written) = written.of(self.pipeline.id)
            {
                text.spans.add(&written.object);
                text.is_cut |= written.is_cut;
                ids = ids.within(&written.ids);
            }
            next = span.parent();
        }
        text.ids = ids;
        innermost
    }

    fn store_span_fields<S>(
        &self,
        id: &Id,
        name: &str,
        context: &Context<'_, S>,
        record: impl FnOnce(&mut SpanVisitor<'_>),
    ) where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let mut written = SpanText::named(name);
        record(&mut SpanVisitor {
            span: &mut written,
            limit: self.pipeline.limits.text,
        });
        if let Some(span) = context.span(id) {
            written.store(self.pipeline.id, span.extensions_mut());
        }
    }
}

impl<S> Layer<S> for KafkaLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    #[cfg(feature = "opentelemetry")]
    fn on_register_dispatch(&self, dispatch: &tracing::Dispatch) {
        self.otel.follow(dispatch);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let name = attributes.metadata().name();
        self.store_span_fields(id, name, &context, |visitor| attributes.record(visitor));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let name = context.metadata(id).map_or("", |metadata| metadata.name());
        self.store_span_fields(id, name, &context, |visitor| values.record(visitor));
    }

    #[inline]
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if is_of_the_kafka_client(metadata.target()) {
            return;
        }
        let severity = severity_of(metadata.level());
        let timestamp = Timestamp::now();
        local::submit(&self.pipeline, severity, |text| {
            let mut visitor = EventVisitor::new(text, metadata, self.pipeline.limits.text);
            event.record(&mut visitor);
            let bridged = visitor.bridged;
            if bridged
                .as_ref()
                .is_some_and(|source| source.is_of_the_kafka_client)
            {
                return None;
            }
            let _span = self.find_spans(text, event, &context);
            #[cfg(feature = "opentelemetry")]
            self.otel.write_ids(&mut text.ids, _span.as_ref());
            Some(Entry {
                metadata: bridged.is_none().then_some(metadata),
                timestamp,
                severity: text.raised_to.unwrap_or(severity),
                source_len: 0,
                len: 0,
                stack: None,
            })
        });
    }
}

impl fmt::Debug for KafkaLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaLayer")
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}
