//! Publishing many messages of one stream: all of them at once or none, with one fsync for the lot.
//!
//! The protocol is NATS' ADR-50: every message carries the batch's id and its number, the last one commits. The client
//! library has no publisher for it.

use anyhow::anyhow;
use async_nats::{Request, header::NATS_EXPECTED_LAST_SEQUENCE};
use kansoku_service::Unavailable;
use serde::Deserialize;
use tracing::{Instrument, Span, field::Empty};

use crate::{
    api::{self, ApiError, code},
    client::{Client, DEPENDENCY},
    message::{Outgoing, PubAck},
    publish::{self, PublishError, wire_headers},
    subject, trace,
};

const ID: &str = "Nats-Batch-Id";
const SEQUENCE: &str = "Nats-Batch-Sequence";
const COMMIT: &str = "Nats-Batch-Commit";
/// The server takes no larger batch.
const MAX_MESSAGES: usize = 1_000;

/// A message and the span that it is published in.
pub type Traced = (Outgoing, Span);
/// The same, elsewhere.
pub(crate) type TracedRef<'a> = (&'a Outgoing, &'a Span);

#[derive(Deserialize)]
struct Committed {
    stream: String,
    seq: u64,
}

impl Client {
    /// Publishes `messages`, all to subjects of one stream, in atomic batches. Where a batch is refused (one message
    /// in it was stored before) or its outcome is unknown, its messages go one by one, each made single by its id. The
    /// acknowledgements come in the order of the messages.
    ///
    /// After an error any part of the messages may be stored; publishing all again is safe.
    pub async fn publish_batch(&self, messages: Vec<Outgoing>) -> Result<Vec<PubAck>, PublishError> {
        let span = Span::current();
        let messages: Vec<_> = messages.iter().map(|message| (message, &span)).collect();
        self.publish_each(&messages).await.into_iter().collect()
    }

    /// The same, saying of each message what became of it. After one that was not stored because the server is unavailable the
    /// others are not tried.
    pub(crate) async fn publish_each(&self, messages: &[TracedRef<'_>]) -> Vec<Result<PubAck, PublishError>> {
        let mut outcomes = Vec::with_capacity(messages.len());
        let mut is_unavailable = false;
        for chunk in messages.chunks(MAX_MESSAGES) {
            let may_go = !is_unavailable && chunk.len() > 1;
            let fits = |(message, _): &TracedRef<'_>| message.check_size().is_ok();
            if may_go
                && chunk.iter().all(fits)
                && let Some(acks) = self.publish_atomically(chunk, None).await
            {
                outcomes.extend(acks.into_iter().map(Ok));
                continue;
            }
            for &(message, parent) in chunk {
                let outcome = if is_unavailable {
                    let why = anyhow!("not tried: an earlier message of the batch was not stored");
                    Err(PublishError::Unavailable(Unavailable::new(DEPENDENCY, why)))
                } else {
                    self.publish(message.clone()).instrument(parent.clone()).await
                };
                is_unavailable = matches!(outcome, Err(PublishError::Unavailable(_)));
                outcomes.push(outcome);
            }
        }
        outcomes
    }

    /// Publishes at most a thousand messages, all to subjects of one stream, as the next ones after `last`: where another
    /// message has come in between, this is refused with [`PublishError::WrongLastSequence`] and may be repeated.
    pub async fn publish_after(&self, last: u64, messages: &[Traced]) -> Result<Vec<PubAck>, PublishError> {
        messages.iter().try_for_each(|(message, _)| message.check_size())?;
        let all: Vec<_> = messages.iter().map(|(message, span)| (message, span)).collect();
        if all.len() > 1
            && let Some(stored) = self.publish_atomically(&all, Some(last)).await
        {
            return Ok(stored);
        }
        let (mut last, mut acks) = (last, Vec::with_capacity(messages.len()));
        for (message, parent) in messages {
            let ack = self.publish_next(message, Some(last)).instrument(parent.clone()).await?;
            // A duplicate has its old sequence, and the stream ends where it ended.
            last = if ack.duplicate { last } else { ack.seq };
            acks.push(ack);
        }
        Ok(acks)
    }

    /// `None` where the batch was not taken as a whole.
    async fn publish_atomically(
        &self,
        messages: &[TracedRef<'_>],
        after: Option<u64>,
    ) -> Option<Vec<PubAck>> {
        // Never closed.
        let _open = self.batches.acquire().await.ok();
        // A message that brings a trace context keeps it; every other one is published in a span of its own.
        let own = |(message, parent): &TracedRef<'_>| {
            let is_bare = message.headers.get(trace::TRACEPARENT).is_none();
            is_bare.then(|| parent.in_scope(|| publish::span(message)))
        };
        let spans: Vec<Option<Span>> = messages.iter().map(own).collect();
        let batch = batch_span(messages, &spans);
        let committed = self.commit(messages, after, &spans, &batch).instrument(batch.clone()).await;
        let Committed { stream, seq } = match committed {
            Ok(committed) => committed,
            Err(error) => {
                let subject = &messages.first()?.0.subject;
                match error.downcast_ref().and_then(ApiError::code) {
                    Some(code::DUPLICATE_IN_BATCH) => {
                        tracing::info!(parent: &batch, subject, "a message of the batch was stored before; publishing one by one");
                    }
                    Some(code::WRONG_LAST_SEQUENCE) => {}
                    _ => {
                        let left_out = self.should_log("batch")?;
                        tracing::warn!(parent: &batch, subject, left_out, "the batch was not taken as a whole, publishing one by one: {error:#}");
                    }
                }
                return None;
            }
        };
        // Once for all: what is said of a span is kept as often as it is said.
        publish::record(&batch, &PubAck { stream: stream.clone(), seq, duplicate: false });
        // A batch is stored without gaps, and the acknowledgement names its last message.
        let first = seq + 1 - messages.len() as u64;
        let acks = messages.iter().zip(&spans).zip(first..).map(|(((message, _), span), seq)| {
            let ack = PubAck { stream: stream.clone(), seq, duplicate: false };
            self.sent(message, span.as_ref(), &ack);
            ack
        });
        Some(acks.collect())
    }

    async fn commit(
        &self,
        messages: &[TracedRef<'_>],
        after: Option<u64>,
        spans: &[Option<Span>],
        batch: &Span,
    ) -> anyhow::Result<Committed> {
        // The last part of a new inbox is unique, and well below the 64 characters that an id may have.
        let inbox = self.nats.new_inbox();
        let id = inbox.rsplit('.').next().unwrap_or(&inbox);
        let mut answer = None;
        for (((message, _), span), number) in messages.iter().zip(spans).zip(1..) {
            let mut headers = wire_headers(message, span.as_ref().unwrap_or(batch));
            headers.insert(ID, id);
            headers.insert(SEQUENCE, number.to_string());
            let (first, last) = (number == 1, number == messages.len());
            if let (true, Some(after)) = (first, after) {
                headers.insert(NATS_EXPECTED_LAST_SEQUENCE, after.to_string());
            }
            if last {
                headers.insert(COMMIT, "1");
            }
            // The first is sent as a request so that a refusal comes at once; the answers to the others stand in the last.
            if first || last {
                let request = Request::new().headers(headers).payload(message.body.clone());
                answer = Some(api::send(&self.nats, &message.subject, request).await?);
            } else {
                self.nats
                    .publish_with_headers(message.subject.clone(), headers, message.body.clone())
                    .await?;
            }
            if let (true, Some(answer)) = (first, &answer)
                && !answer.payload.is_empty()
            {
                // A batch's start is acknowledged by an empty answer; words are a refusal.
                let _: serde_json::Value = api::read(&message.subject, &answer.payload)?;
            }
        }
        let answer = answer.ok_or_else(|| anyhow!("an empty batch"))?;
        Ok(api::read(&messages[0].0.subject, &answer.payload)?)
    }
}

/// The span of a batch: linked to the spans of its messages, or else a child of the one that they are published in.
fn batch_span(messages: &[TracedRef<'_>], spans: &[Option<Span>]) -> Span {
    let template = messages.first().map_or("", |(message, _)| subject::template(&message.subject));
    let parent = if spans.iter().all(Option::is_some) { &Span::none() } else { messages[0].1 };
    let span = tracing::info_span!(
        parent: parent,
        "publish_batch",
        otel.name = format!("publish {template}"),
        otel.kind = "producer",
        messaging.system = "nats",
        messaging.operation.name = "publish",
        messaging.operation.r#type = "send",
        messaging.destination.template = template,
        messaging.batch.message_count = trace::integer(messages.len() as u64),
        messaging.nats.stream = Empty,
        messaging.nats.sequence = Empty,
        messaging.nats.duplicate = Empty,
    );
    spans.iter().flatten().for_each(|own| trace::link_span(&span, own));
    span
}
