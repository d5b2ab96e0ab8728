//! Publishing one message: durable when this returns.

use async_nats::{
    Request,
    header::{NATS_EXPECTED_LAST_SEQUENCE, NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_ID},
};
use kansoku_service::Unavailable;
use serde::Deserialize;
use thiserror::Error;
use tracing::{Instrument, Span, field::Empty};

use crate::{
    api::{self, ApiError, code},
    client::{Client, DEPENDENCY},
    headers::Headers,
    message::{Outgoing, PubAck},
    metrics::Operation,
    subject, trace,
};

const MESSAGE: &str = "a message";
const HEADERS: &str = "headers";

/// Why a message is not stored.
#[derive(Debug, Error)]
pub enum PublishError {
    /// The last message on the subject is not the one that was expected.
    #[error("the last message on {subject} is another than expected: {words}")]
    WrongLastSequence {
        /// The subject.
        subject: String,
        /// The server's words; they name the sequence.
        words: String,
    },
    /// It is larger than its stream takes; nothing was sent.
    #[error("{part} of {size} bytes for {subject}, where {limit} is the most")]
    TooLarge {
        /// The subject.
        subject: String,
        /// What of it: a message (with its headers), or headers.
        part: &'static str,
        /// Bytes.
        size: usize,
        /// The most for this subject, in bytes.
        limit: usize,
    },
    /// The server, or capacity in the stream, is not there: wait and publish the message again with the same id.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A PubAck as the server writes it.
#[derive(Deserialize)]
pub(crate) struct Answer {
    pub(crate) stream: String,
    pub(crate) seq: u64,
    #[serde(default)]
    pub(crate) duplicate: bool,
}

impl Client {
    /// Publishes once and waits until the server has it on its disk. After [`PublishError::Unavailable`] the message may or
    /// may not be stored; publishing it again is safe.
    pub async fn publish(&self, message: Outgoing) -> Result<PubAck, PublishError> {
        self.publish_next(&message, None).await
    }

    /// The same, where it is not `None` as the next message of its stream after this sequence.
    pub(crate) async fn publish_next(
        &self,
        message: &Outgoing,
        after: Option<u64>,
    ) -> Result<PubAck, PublishError> {
        let span = span(message);
        let kind = subject::template(&message.subject);
        let started = self.clock.monotonic();
        let outcome = self.send(message, after, &span).instrument(span.clone()).await;
        let error = outcome.as_ref().err().map(kind_of_error);
        let seconds = self.clock.monotonic().duration_since(started).as_secs_f64();
        self.metrics.operation(Operation::Publish, kind, error, seconds);
        match &outcome {
            Ok(ack) => self.sent(message, Some(&span), ack),
            Err(error) => {
                span.record("error.type", kind_of_error(error));
                span.record("otel.status_code", "ERROR");
                span.record("otel.status_description", format!("{error:#}"));
            }
        }
        outcome
    }

    async fn send(
        &self,
        message: &Outgoing,
        after: Option<u64>,
        span: &Span,
    ) -> Result<PubAck, PublishError> {
        message.check_size()?;
        let mut headers = wire_headers(message, span);
        if let Some(after) = after {
            headers.insert(NATS_EXPECTED_LAST_SEQUENCE, after.to_string());
        }
        let request = Request::new().headers(headers).payload(message.body.clone());
        let answer = api::send(&self.nats, &message.subject, request).await;
        let answer: Result<Answer, _> =
            answer.and_then(|answer| api::read(&message.subject, &answer.payload));
        match answer {
            Ok(Answer { stream, seq, duplicate }) => Ok(PubAck { stream, seq, duplicate }),
            Err(error) => Err(refused(error, message, self.denied())),
        }
    }

    /// Notes a stored message in its span, where it has one of its own, and in the metrics.
    pub(crate) fn sent(&self, message: &Outgoing, span: Option<&Span>, ack: &PubAck) {
        if let Some(span) = span {
            record(span, ack);
        }
        self.metrics.sent(subject::template(&message.subject), ack.duplicate);
        let mut tokens = message.subject.split('.');
        if let (Some("dlq"), Some(stage), Some(reason), false) =
            (tokens.next(), tokens.next(), tokens.next(), ack.duplicate)
        {
            self.metrics.dead_letter(stage, reason);
        }
    }
}

/// Says in a span where a message is stored.
pub(crate) fn record(span: &Span, ack: &PubAck) {
    span.record("messaging.nats.stream", &ack.stream);
    span.record("messaging.nats.sequence", trace::integer(ack.seq));
    span.record("messaging.nats.duplicate", ack.duplicate);
}

pub(crate) fn span(message: &Outgoing) -> Span {
    let template = subject::template(&message.subject);
    tracing::info_span!(
        "publish",
        otel.name = format!("publish {template}"),
        otel.kind = "producer",
        otel.status_code = Empty,
        otel.status_description = Empty,
        messaging.system = "nats",
        messaging.operation.name = "publish",
        messaging.operation.r#type = "send",
        messaging.destination.name = message.subject,
        messaging.destination.template = template,
        messaging.message.id = message.id,
        messaging.message.body.size = trace::integer(message.body.len() as u64),
        messaging.nats.stream = Empty,
        messaging.nats.sequence = Empty,
        messaging.nats.duplicate = Empty,
        error.r#type = Empty,
    )
}

impl Outgoing {
    /// Refuses what the server would refuse, or close the connection for: too many bytes, of headers or in all.
    ///
    /// # Errors
    /// [`PublishError::TooLarge`], and no other.
    pub fn check_size(&self) -> Result<(), PublishError> {
        let subject = &self.subject;
        let (most_headers, most) = (subject::header_limit(subject), subject::limit(subject));
        let bound = self.header_bound();
        if bound <= most_headers && bound + self.body.len() <= most {
            return Ok(());
        }
        let headers = self.header_size();
        let parts = [(HEADERS, headers, most_headers), (MESSAGE, headers + self.body.len(), most)];
        match parts.into_iter().find(|(_, size, limit)| size > limit) {
            None => Ok(()),
            Some((part, size, limit)) => {
                Err(PublishError::TooLarge { subject: subject.clone(), part, size, limit })
            }
        }
    }
}

pub(crate) fn wire_headers(message: &Outgoing, span: &Span) -> async_nats::HeaderMap {
    let mut wire = message.headers.to_wire();
    if message.headers.get(trace::TRACEPARENT).is_none() {
        let mut context = Headers::new();
        trace::inject(span, &mut context);
        context.iter().for_each(|(name, value)| wire.insert(name, value));
    }
    wire.insert(NATS_MESSAGE_ID, message.id.as_str());
    if let Some(last) = message.expect_last {
        wire.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, last.to_string());
    }
    wire
}

fn refused(error: ApiError, message: &Outgoing, denied: Option<String>) -> PublishError {
    let subject = message.subject.clone();
    match error.code() {
        Some(code::WRONG_LAST_SEQUENCE | code::WRONG_LAST_SEQUENCE_CONSTANT) => {
            PublishError::WrongLastSequence { subject, words: error.to_string() }
        }
        Some(code::MESSAGE_TOO_LARGE) => {
            let (size, limit) = (message.size(), subject::limit(&subject));
            PublishError::TooLarge { subject, part: MESSAGE, size, limit }
        }
        Some(code::HEADERS_TOO_LARGE) => {
            let (size, limit) = (message.header_size(), subject::header_limit(&subject));
            PublishError::TooLarge { subject, part: HEADERS, size, limit }
        }
        _ => PublishError::Unavailable(unavailable(error, &format!("publish to {subject}"), denied)),
    }
}

/// A failed request as the dependency `nats` being unavailable, with what a person can do.
pub(crate) fn unavailable(error: ApiError, doing: &str, denied: Option<String>) -> Unavailable {
    let remediation = match &error {
        ApiError::Refused { err_code: code::STREAM_FULL, .. } => Some(
            "the stream is full and refuses new messages: raise max_bytes in its file in nats/streams and run \
             `make up`"
                .to_owned(),
        ),
        ApiError::Refused { err_code: code::STREAM_NOT_FOUND | code::CONSUMER_NOT_FOUND, .. }
        | ApiError::NobodyThere(_) => {
            Some("the streams and consumers are not there: `make up` makes them".to_owned())
        }
        _ => denied.map(|what| format!("the server refused an operation ({what}): compare nats/server.conf")),
    };
    Unavailable {
        dependency: DEPENDENCY,
        remediation,
        error: anyhow::Error::new(error).context(doing.to_owned()),
    }
}

pub(crate) fn kind_of_error(error: &PublishError) -> &'static str {
    match error {
        PublishError::WrongLastSequence { .. } => "wrong_last_sequence",
        PublishError::TooLarge { .. } => "too_large",
        PublishError::Unavailable(_) => "away",
    }
}
