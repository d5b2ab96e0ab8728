//! What goes out, what the server answers, what is stored.

use bytes::Bytes;
use chrono::{DateTime, Utc};

use crate::headers::Headers;

/// A message to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Where it goes.
    pub subject: String,
    /// Its `Nats-Msg-Id`: within the stream's duplicate window a second one with the same id is not stored.
    pub id: String,
    /// Headers but those named `Nats-*`, which are set from the other fields. A `traceparent` here is kept; without
    /// one the message carries that of its publication.
    pub headers: Headers,
    /// Its content.
    pub body: Bytes,
    /// Store it only if the last message on its subject has this sequence (0: there is none).
    pub expect_last: Option<u64>,
}

impl Outgoing {
    /// The bytes that count against the limits of the server and of the stream, an allowance for `Nats-*` included.
    pub fn size(&self) -> usize {
        self.header_size() + self.body.len()
    }

    /// The part of [`Outgoing::size`] that headers take.
    pub fn header_size(&self) -> usize {
        self.headers.wire_len() + self.id.len() + OWN_HEADERS
    }

    /// More than that, told without encoding the headers.
    pub(crate) fn header_bound(&self) -> usize {
        self.headers.wire_bound() + self.id.len() + OWN_HEADERS
    }
}

/// What goes with each message besides its headers and id.
const OWN_HEADERS: usize = 256;

/// The server has the message on its disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PubAck {
    /// The stream that has it.
    pub stream: String,
    /// Its sequence there.
    pub seq: u64,
    /// It was there before (same `Nats-Msg-Id`); `seq` is then that of the first one.
    pub duplicate: bool,
}

/// A message as a stream keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its subject.
    pub subject: String,
    /// Its sequence in the stream.
    pub seq: u64,
    /// When the server stored it, by the server's clock.
    pub time: DateTime<Utc>,
    /// Its headers, `Nats-Msg-Id` among them.
    pub headers: Headers,
    /// Its content.
    pub body: Bytes,
}

/// A consumer's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerState {
    /// Messages not delivered yet.
    pub num_pending: u64,
    /// Messages delivered and not settled.
    pub num_ack_pending: u64,
    /// Messages delivered more than once and not settled.
    pub num_redelivered: u64,
    /// The stream sequence up to which everything is settled.
    pub ack_floor: u64,
    /// The highest stream sequence that was delivered.
    pub delivered: u64,
    /// How long a delivered message waits for a sign of life.
    pub ack_wait: std::time::Duration,
}
