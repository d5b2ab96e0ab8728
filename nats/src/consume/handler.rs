//! What a service says to the loop: which messages it consumes, and its verdicts on them.

use std::{fmt, time::Duration};

use kansoku_schemas::Reason;
use kansoku_service::Unavailable;
use tracing::Span;

use crate::{
    message::{Outgoing, Stored},
    publish::PublishError,
};

/// Which messages to consume, and how many at once.
#[derive(Debug, Clone)]
pub struct ConsumerSpec {
    /// The stream.
    pub stream: &'static str,
    /// The durable consumer on it.
    pub durable: &'static str,
    /// The most messages in one batch.
    pub batch: usize,
    /// The most bytes in one batch; at least 2 MiB are allowed, so that a largest message fits.
    pub batch_bytes: usize,
    /// How long one pull waits for a message; at most 30 s, the limit of the consumers.
    pub expires: Duration,
    /// How many batches of a backlog are handled at once, each to its end, in no order of theirs.
    pub at_once: usize,
}

/// A message in hand.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The message, with its position in the stream.
    pub stored: Stored,
    /// How often it was delivered, this time included.
    pub deliveries: u64,
    /// The span of its handling, a child of the message's trace context. Handle one message inside it; link a span for
    /// many messages to them by [`crate::trace::link`].
    pub span: Span,
}

/// What becomes of a message. Effects outside of NATS are durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Acknowledge it.
    Done,
    /// Publish the dead letters of its rows, then what comes of the others, then acknowledge it.
    Publish {
        /// The dead letters, all stored before the result is published.
        dead: Vec<Outgoing>,
        /// What comes of the message.
        result: Box<Outgoing>,
    },
    /// Publish this dead letter, then terminate the message for this reason.
    Reject(Box<Outgoing>, String),
}

/// Why a message is given up without its handler's verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GiveUp {
    /// It was delivered more often than it may be.
    MaxDeliveries {
        /// How often it was delivered.
        deliveries: u64,
        /// How often it may be.
        most: u64,
    },
    /// The client library cannot read its headers or its subject and loses its connection over them.
    Headers,
    /// What the handler made of it can never be published.
    Unpublishable {
        /// In words.
        problem: String,
    },
}

impl GiveUp {
    pub(super) fn unpublishable(error: &PublishError) -> Self {
        Self::Unpublishable { problem: error.to_string() }
    }

    /// As the reason of a dead letter.
    pub fn reason(&self) -> Reason {
        match self {
            Self::MaxDeliveries { .. } => Reason::MaxDeliveries,
            Self::Headers => Reason::Envelope,
            Self::Unpublishable { .. } => Reason::TooLarge,
        }
    }
}

impl fmt::Display for GiveUp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MaxDeliveries { deliveries, most } => {
                write!(out, "delivered {deliveries} times where {most} are allowed, and never settled")
            }
            Self::Headers => {
                write!(
                    out,
                    "it cannot be read: its headers are not UTF-8 or not `name: value`, or its subject holds white space"
                )
            }
            Self::Unpublishable { problem } => write!(out, "what comes of it cannot be published: {problem}"),
        }
    }
}

/// What a service does with messages. It never publishes or acknowledges: the loop does, by the verdicts.
pub trait Handler: Send + Sync {
    /// The streams of its verdicts' messages, which carry the RAW position that they come from. Where it reads RAW and
    /// names them here, the loop looks there for what killed processes published.
    const OUTPUTS: &'static [&'static str] = &[];

    /// Whether what [`Handler::handle`] needs is there; checked before every pull.
    fn ready(&self) -> impl Future<Output = Result<(), Unavailable>> + Send;

    /// Gives a verdict on each message, in their order, after effects of its own. On `Unavailable` nothing is settled and the
    /// same messages come again, here or elsewhere: the effects must be idempotent.
    fn handle(&self, batch: &[Delivery]) -> impl Future<Output = Result<Vec<Verdict>, Unavailable>> + Send;

    /// Whether all of a message that was delivered too often is done, by processes that did not live to settle it: then it is
    /// acknowledged, and is no dead letter.
    fn is_done(&self, delivery: &Delivery) -> impl Future<Output = Result<bool, Unavailable>> + Send {
        let _ = delivery;
        std::future::ready(Ok(false))
    }

    /// The dead letter for a message that is given up; `None` where the consumer has none (DLQ, RUN, AUDIT): then
    /// [`Handler::unreadable`] notes it.
    fn reject(
        &self,
        delivery: &Delivery,
        why: GiveUp,
    ) -> impl Future<Output = Result<Option<Outgoing>, Unavailable>> + Send;

    /// Notes a message that is terminated without a dead letter.
    fn unreadable(
        &self,
        delivery: &Delivery,
        why: GiveUp,
    ) -> impl Future<Output = Result<(), Unavailable>> + Send {
        let _ = (delivery, why);
        std::future::ready(Ok(()))
    }
}
