//! Publishing many messages of one stream: all of them at once or none, with one fsync for the lot.
//!
//! The protocol is NATS' ADR-50: every message carries the batch's id and its number, the last one commits. The client
//! library has no publisher for it.

use async_nats::Request;
use serde::Deserialize;
use tracing::{Instrument, Span, field::Empty};

use crate::{
    api,
    client::Client,
    message::{Outgoing, PubAck},
    publish::{PublishError, check_size, wire_headers},
    subject, trace,
};

const ID: &str = "Nats-Batch-Id";
const SEQUENCE: &str = "Nats-Batch-Sequence";
const COMMIT: &str = "Nats-Batch-Commit";
/// The server takes no larger batch.
const MOST: usize = 1_000;

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
        messages.iter().try_for_each(check_size)?;
        let mut acks = Vec::with_capacity(messages.len());
        for chunk in messages.chunks(MOST) {
            let whole = if chunk.len() > 1 { self.publish_atomically(chunk).await } else { None };
            match whole {
                Some(stored) => acks.extend(stored),
                None => {
                    for message in chunk {
                        acks.push(self.publish(message.clone()).await?);
                    }
                }
            }
        }
        Ok(acks)
    }

    async fn publish_atomically(&self, messages: &[Outgoing]) -> Option<Vec<PubAck>> {
        let template = subject::template(&messages.first()?.subject);
        let span = tracing::info_span!(
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
        );
        let Committed { stream, seq } = match self.commit(messages, &span).instrument(span.clone()).await {
            Ok(committed) => committed,
            Err(error) => {
                tracing::debug!(parent: &span, %error, "the batch was not taken as a whole; one by one");
                return None;
            }
        };
        span.record("messaging.nats.stream", &stream);
        span.record("messaging.nats.sequence", trace::integer(seq));
        // A batch is stored without gaps, and the acknowledgement names its last message.
        let first = seq + 1 - messages.len() as u64;
        let acks = messages.iter().zip(first..).map(|(message, seq)| {
            let ack = PubAck { stream: stream.clone(), seq, duplicate: false };
            self.count_sent(message, &ack);
            ack
        });
        Some(acks.collect())
    }

    async fn commit(&self, messages: &[Outgoing], span: &Span) -> anyhow::Result<Committed> {
        // The last part of a new inbox is unique, and well below the 64 characters that an id may have.
        let inbox = self.nats.new_inbox();
        let id = inbox.rsplit('.').next().unwrap_or(&inbox);
        let mut answer = None;
        for (message, number) in messages.iter().zip(1..) {
            let mut headers = wire_headers(message, span);
            headers.insert(ID, id);
            headers.insert(SEQUENCE, number.to_string());
            let (first, last) = (number == 1, number == messages.len());
            if last {
                headers.insert(COMMIT, "1");
            }
            // The first is asked about so that a refusal comes at once; the answers to the others stand in the last.
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
        let answer = answer.ok_or_else(|| anyhow::anyhow!("an empty batch"))?;
        Ok(api::read(&messages[0].subject, &answer.payload)?)
    }
}
