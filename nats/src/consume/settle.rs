//! Telling the server what became of messages, so that it is known to have arrived.

use std::sync::atomic::{AtomicBool, Ordering};

use async_nats::{Request, jetstream};
use bytes::Bytes;
use chrono::DateTime;
use tracing::field::Empty;

use super::handler::{ConsumerSpec, Delivery};
use crate::{api, client::Client, headers::Headers, message::Stored, subject, trace};

const ACK: &[u8] = b"+ACK";
const IN_PROGRESS: &[u8] = b"+WPI";
const TERMINATE: &str = "+TERM ";
/// An acknowledgement without confirmation is sent again this often; then ack_wait decides.
const ATTEMPTS: u32 = 3;

/// A delivered message and the way to settle it.
pub(super) struct Received {
    pub(super) delivery: Delivery,
    reply: String,
    settled: AtomicBool,
}

impl Received {
    /// `None` where the message has no acknowledgement subject: then no consumer delivered it.
    pub(super) fn new(
        context: &jetstream::Context,
        spec: &ConsumerSpec,
        message: async_nats::Message,
    ) -> Option<Self> {
        let reply = message.reply.as_ref()?.to_string();
        let message = jetstream::Message { message, context: context.clone() };
        let info = message.info().ok()?;
        let seq = info.stream_sequence;
        let deliveries = u64::try_from(info.delivered).unwrap_or(1);
        let nanos = i64::try_from(info.published.unix_timestamp_nanos()).ok()?;
        let time = DateTime::from_timestamp_nanos(nanos);
        let async_nats::Message { subject, headers, payload, .. } = message.message;
        let headers = headers.as_ref().map(Headers::from_wire).unwrap_or_default();
        let stored = Stored { subject: subject.to_string(), seq, time, headers, body: payload };
        let span = process_span(spec, &stored, deliveries);
        let delivery = Delivery { stored, deliveries, span };
        Some(Self { delivery, reply, settled: AtomicBool::new(false) })
    }

    /// Takes the message off the consumer for good; `reason` shows in the server's advisory.
    pub(super) async fn terminate(&self, client: &Client, reason: &str) {
        self.settle(client, termination(reason)).await;
    }

    /// Asks for another ack_wait, if the message is still ours.
    pub(super) async fn in_progress(&self, client: &Client) {
        if !self.settled.load(Ordering::Relaxed) {
            // A signal that is lost is followed by the next one.
            let _ = client.nats.publish(self.reply.clone(), Bytes::from_static(IN_PROGRESS)).await;
        }
    }

    async fn settle(&self, client: &Client, words: Bytes) {
        for attempt in 1..=ATTEMPTS {
            let confirmed = api::send(&client.nats, &self.reply, Request::new().payload(words.clone())).await;
            match confirmed {
                Ok(_) => {
                    self.settled.store(true, Ordering::Relaxed);
                    return;
                }
                Err(error) if attempt == ATTEMPTS => {
                    let Some(left_out) = client.should_log("acknowledgement") else { return };
                    let Stored { subject, seq, .. } = &self.delivery.stored;
                    tracing::warn!(
                        parent: &self.delivery.span, %error, subject, seq, left_out,
                        "an acknowledgement was not confirmed; the message will come again and change nothing",
                    );
                }
                Err(_) => {}
            }
        }
    }
}

/// Acknowledges messages. The server treats what one connection sends in turn, so the confirmation of the last is that of all.
pub(super) async fn ack(client: &Client, messages: &[&Received]) {
    let Some((last, others)) = messages.split_last() else { return };
    for message in others {
        // One that is lost is one that is not confirmed: the message comes again.
        let _ = client.nats.publish(message.reply.clone(), Bytes::from_static(ACK)).await;
    }
    last.settle(client, Bytes::from_static(ACK)).await;
    others.iter().for_each(|message| message.settled.store(true, Ordering::Relaxed));
}

/// The acknowledgement that takes a message off the consumer for good.
pub(super) fn termination(reason: &str) -> Bytes {
    let words = reason.chars().map(|char| if char.is_control() { ' ' } else { char }).take(200);
    Bytes::from(format!("{TERMINATE}{}", words.collect::<String>()))
}

/// The span of one message's handling: a child of the message's own context.
pub(super) fn process_span(spec: &ConsumerSpec, stored: &Stored, deliveries: u64) -> tracing::Span {
    let template = subject::template(&stored.subject);
    let span = tracing::info_span!(
        "process",
        otel.name = format!("process {template}"),
        otel.kind = "consumer",
        otel.status_code = Empty,
        messaging.system = "nats",
        messaging.operation.name = "process",
        messaging.operation.r#type = "process",
        messaging.destination.name = stored.subject,
        messaging.destination.template = template,
        messaging.consumer.group.name = spec.durable,
        messaging.message.id = stored.headers.get("Nats-Msg-Id"),
        messaging.message.body.size = trace::integer(stored.body.len() as u64),
        messaging.nats.stream = spec.stream,
        messaging.nats.sequence = trace::integer(stored.seq),
        messaging.nats.deliveries = trace::integer(deliveries),
        error.r#type = Empty,
    );
    trace::parent(&span, &stored.headers);
    span
}
