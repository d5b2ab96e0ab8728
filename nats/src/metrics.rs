//! The numbers of messaging, named as OpenTelemetry's conventions and the NATS exporter name them.

use kansoku_service::Metrics;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
};

use crate::message::ConsumerState;

/// From a loopback acknowledgement to the time-out of a request, in seconds.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// A kind of work on messages, as `messaging.operation.name`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Publish,
    Process,
    Settle,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Process => "process",
            Self::Settle => "ack",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    messaging_operation_name: &'static str,
    messaging_destination_template: &'static str,
    error_type: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SentLabels {
    messaging_destination_template: &'static str,
    duplicate: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DeadLetterLabels {
    stage: String,
    reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ConsumerLabels {
    stream_name: String,
    consumer_name: String,
}

/// The metric families; clones share them.
#[derive(Clone)]
pub(crate) struct Messaging {
    duration: Family<OperationLabels, Histogram, fn() -> Histogram>,
    sent: Family<SentLabels, Counter>,
    dead_letters: Family<DeadLetterLabels, Counter>,
    consumed: Family<ConsumerLabels, Counter>,
    redelivered: Family<ConsumerLabels, Counter>,
    unreadable: Family<ConsumerLabels, Counter>,
    dropped: Family<ConsumerLabels, Counter>,
    pending: Family<ConsumerLabels, Gauge>,
    ack_pending: Family<ConsumerLabels, Gauge>,
    num_redelivered: Family<ConsumerLabels, Gauge>,
    isolated: Family<ConsumerLabels, Gauge>,
}

impl Messaging {
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let duration: fn() -> Histogram = || Histogram::new(BUCKETS);
        Self {
            duration: metrics.register(
                "messaging_client_operation_duration_seconds",
                "Time of one messaging operation",
                Family::new_with_constructor(duration),
            ),
            sent: metrics.register(
                "messaging_client_sent_messages",
                "Messages that the server acknowledged",
                Family::default(),
            ),
            dead_letters: metrics.register(
                "kansoku_dead_letters",
                "Messages put into DLQ, by stage and reason",
                Family::default(),
            ),
            consumed: metrics.register(
                "messaging_client_consumed_messages",
                "Messages delivered to this process",
                Family::default(),
            ),
            redelivered: metrics.register(
                "messaging_client_redelivered_messages",
                "Messages delivered to this process that were delivered before",
                Family::default(),
            ),
            unreadable: metrics.register(
                "kansoku_unreadable_messages",
                "Messages terminated after too many deliveries by a consumer that has no dead letters",
                Family::default(),
            ),
            dropped: metrics.register(
                "kansoku_dropped_messages",
                "Messages that the stream dropped before this consumer got them",
                Family::default(),
            ),
            pending: metrics.register(
                "jetstream_consumer_num_pending",
                "Messages not delivered yet",
                Family::default(),
            ),
            ack_pending: metrics.register(
                "jetstream_consumer_num_ack_pending",
                "Messages delivered and not settled",
                Family::default(),
            ),
            num_redelivered: metrics.register(
                "jetstream_consumer_num_redelivered",
                "Messages delivered more than once and not settled",
                Family::default(),
            ),
            isolated: metrics.register(
                "kansoku_consumer_careful",
                "1 in isolation mode: one message at a time, because one may kill its process",
                Family::default(),
            ),
        }
    }

    pub(crate) fn operation(
        &self,
        operation: Operation,
        template: &'static str,
        error: Option<&'static str>,
        seconds: f64,
    ) {
        let labels = OperationLabels {
            messaging_operation_name: operation.name(),
            messaging_destination_template: template,
            error_type: error.unwrap_or_default(),
        };
        self.duration.get_or_create(&labels).observe(seconds);
    }

    pub(crate) fn sent(&self, template: &'static str, duplicate: bool) {
        let duplicate = if duplicate { "true" } else { "false" };
        self.sent.get_or_create(&SentLabels { messaging_destination_template: template, duplicate }).inc();
    }

    pub(crate) fn dead_letter(&self, stage: &str, reason: &str) {
        let labels = DeadLetterLabels { stage: stage.to_owned(), reason: reason.to_owned() };
        self.dead_letters.get_or_create(&labels).inc();
    }

    /// The families narrowed to one consumer.
    pub(crate) fn consumer(&self, stream: &str, durable: &str) -> Consumer {
        let labels = ConsumerLabels { stream_name: stream.to_owned(), consumer_name: durable.to_owned() };
        Consumer { all: self.clone(), labels }
    }
}

/// The numbers of one consumer.
#[derive(Clone)]
pub(crate) struct Consumer {
    all: Messaging,
    labels: ConsumerLabels,
}

impl Consumer {
    pub(crate) fn delivered(&self, messages: usize, again: usize) {
        self.all.consumed.get_or_create(&self.labels).inc_by(messages as u64);
        self.all.redelivered.get_or_create(&self.labels).inc_by(again as u64);
    }

    pub(crate) fn unreadable(&self) {
        self.all.unreadable.get_or_create(&self.labels).inc();
    }

    pub(crate) fn dropped(&self, messages: u64) {
        self.all.dropped.get_or_create(&self.labels).inc_by(messages);
    }

    pub(crate) fn isolated(&self, isolated: bool) {
        self.all.isolated.get_or_create(&self.labels).set(i64::from(isolated));
    }

    pub(crate) fn state(&self, state: &ConsumerState) {
        let set = |gauge: &Family<ConsumerLabels, Gauge>, value: u64| {
            gauge.get_or_create(&self.labels).set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        set(&self.all.pending, state.num_pending);
        set(&self.all.ack_pending, state.num_ack_pending);
        set(&self.all.num_redelivered, state.num_redelivered);
    }

    pub(crate) fn operation(
        &self,
        operation: Operation,
        template: &'static str,
        error: Option<&'static str>,
        seconds: f64,
    ) {
        self.all.operation(operation, template, error, seconds);
    }
}
