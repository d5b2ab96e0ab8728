//! Pulling: one request at a time, on an inbox of our own.

use std::time::Duration;

use anyhow::anyhow;
use async_nats::{Message, Subscriber};
use bytes::Bytes;
use futures::StreamExt;
use kansoku_service::{Stop, Unavailable};
use serde_json::json;

use super::handler::ConsumerSpec;
use crate::client::{Client, DEPENDENCY};

/// How much longer than it should a pull may go unanswered before the consumer is bound anew.
const LATE: Duration = Duration::from_secs(2);
/// Below this a largest message would not fit into a pull.
const MIN_BYTES: usize = 2 << 20;

pub(super) struct Puller {
    client: async_nats::Client,
    subject: String,
    inbox: String,
    answers: Subscriber,
    pulls: u64,
    batch_bytes: usize,
    expires: Duration,
}

/// What a message on the inbox means for the pull.
enum Answer {
    Message,
    End,
    Ignore,
    Failure(Unavailable),
}

impl Puller {
    pub(super) async fn new(client: &Client, spec: &ConsumerSpec) -> Result<Self, Unavailable> {
        let ConsumerSpec { stream, durable, batch_bytes, expires, .. } = spec;
        let inbox = client.nats.new_inbox();
        let answers = client.nats.subscribe(format!("{inbox}.*")).await;
        let answers =
            answers.map_err(|error| unavailable(anyhow!(error).context("subscribe to an inbox")))?;
        Ok(Self {
            client: client.nats.clone(),
            subject: format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"),
            inbox,
            answers,
            pulls: 0,
            batch_bytes: (*batch_bytes).max(MIN_BYTES),
            expires: *expires,
        })
    }

    /// What is there now, at most `batch`; where nothing is, the next message or nothing once `expires` has passed. So
    /// a message that comes alone is not kept waiting for others, and a backlog comes in whole batches.
    ///
    /// At the stop it gives up waiting; what was delivered up to then is returned, since nobody else would get it before
    /// ack_wait, and would have to take it for what a killed process left.
    pub(super) async fn pull(&mut self, batch: usize, stop: &Stop) -> Result<Vec<Message>, Unavailable> {
        if batch > 1 {
            let messages = self.pull_backlog(batch).await?;
            if !messages.is_empty() {
                return Ok(messages);
            }
        }
        let nanos = u64::try_from(self.expires.as_nanos()).unwrap_or(u64::MAX);
        let reply = self.request(json!({ "batch": 1, "expires": nanos })).await?;
        let wait = self.expires;
        match stop.run_until(self.collect(&reply, 1, wait)).await {
            Some(messages) => messages,
            None => Ok(self.drain().await),
        }
    }

    /// What is there now, at most `batch`.
    pub(super) async fn pull_backlog(&mut self, batch: usize) -> Result<Vec<Message>, Unavailable> {
        let there = json!({ "batch": batch, "max_bytes": self.batch_bytes, "no_wait": true });
        let reply = self.request(there).await?;
        self.collect(&reply, batch, Duration::ZERO).await
    }

    async fn request(&mut self, body: serde_json::Value) -> Result<String, Unavailable> {
        self.pulls += 1;
        let reply = format!("{}.{}", self.inbox, self.pulls);
        let body = Bytes::from(body.to_string());
        let sent = self.client.publish_with_reply(self.subject.clone(), reply.clone(), body).await;
        sent.map_err(|error| unavailable(anyhow!(error).context("request messages")))?;
        Ok(reply)
    }

    async fn collect(
        &mut self,
        reply: &str,
        batch: usize,
        wait: Duration,
    ) -> Result<Vec<Message>, Unavailable> {
        let mut messages = Vec::new();
        while messages.len() < batch {
            let answer = tokio::time::timeout(wait + LATE, self.answers.next()).await;
            let message = match answer {
                Ok(Some(message)) => message,
                Ok(None) => return Err(unavailable(anyhow!("the subscription has ended"))),
                // What did arrive is in our hands.
                Err(_) if !messages.is_empty() => break,
                Err(_) => return Err(unavailable(anyhow!("no answer on {}", self.subject))),
            };
            match read(&message, reply) {
                Answer::Message => messages.push(message),
                Answer::End => break,
                Answer::Failure(_) if !messages.is_empty() => break,
                Answer::Failure(error) => return Err(error),
                Answer::Ignore => {}
            }
        }
        Ok(messages)
    }

    /// Takes the inbox away, so that the server delivers no more, and returns what came before.
    async fn drain(&mut self) -> Vec<Message> {
        let rest = async {
            if self.answers.drain().await.is_err() {
                return Vec::new();
            }
            self.answers
                .by_ref()
                .filter(|message| std::future::ready(message.status.is_none()))
                .collect()
                .await
        };
        tokio::time::timeout(LATE, rest).await.unwrap_or_default()
    }
}

fn read(message: &Message, reply: &str) -> Answer {
    let Some(status) = message.status else { return Answer::Message };
    if message.subject.as_str() != reply {
        // The end of an earlier pull.
        return Answer::Ignore;
    }
    let words = message.description.clone().unwrap_or_default();
    let lower = words.to_lowercase();
    match status.as_u16() {
        100 => Answer::Ignore,
        404 | 408 => Answer::End,
        409 if lower.contains("maxbytes") || lower.contains("batch completed") => Answer::End,
        503 => Answer::Failure(Unavailable {
            dependency: DEPENDENCY,
            remediation: Some("the consumer is not there: `make up` makes it".to_owned()),
            error: anyhow!("nobody answers the pull"),
        }),
        code => Answer::Failure(unavailable(anyhow!("the server ended the pull: {words} ({code})"))),
    }
}

fn unavailable(error: anyhow::Error) -> Unavailable {
    Unavailable { dependency: DEPENDENCY, remediation: None, error }
}
