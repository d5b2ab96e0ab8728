//! The streams on NATS as a publisher of captures uses it: it waits while the server, or room in a stream, is unavailable.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use backon::{ExponentialBuilder, Retryable};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_nats::{Client, Entry, Outgoing, PubAck, PublishError, Stored, StreamState, subject};
use kansoku_service::{Clock, Dependency, Health};

use crate::headroom::{self, Headroom, Taken, Unread};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Waits as one for all who use it: an outage of a stream has one beginning and is logged once.
pub struct Streams {
    client: Client,
    clock: Arc<dyn Clock>,
    patience: Duration,
    headroom: Headroom,
    /// Whether RAW is archived: then what is not archived yet takes room.
    archived: bool,
    /// What does not work, and since when.
    away: Mutex<BTreeMap<&'static str, Instant>>,
    health: Dependency,
}

impl Streams {
    /// Waits as long as `patience` for what is away; meanwhile `streams` is not ready and says why.
    pub fn new(client: Client, clock: Arc<dyn Clock>, patience: Duration, health: &Health) -> Self {
        let (headroom, away) = (Headroom::default(), Mutex::default());
        let health = health.dependency("streams");
        health.ready();
        Self { client, clock, patience, headroom, archived: false, away, health }
    }

    /// The same where RAW is archived, or not.
    #[must_use]
    pub fn archived(self, archived: bool) -> Self {
        Self { archived, ..self }
    }

    /// Publishes a message; its id makes every further try harmless.
    pub async fn publish(&self, message: Outgoing) -> Result<PubAck, PublishError> {
        let kind = subject::template(&message.subject);
        self.patiently(kind, || self.client.publish(message.clone())).await
    }

    /// Publishes pages to RAW in this order, when there is room for them.
    pub async fn publish_raw_in_order(&self, messages: Vec<Outgoing>) -> Result<Vec<PubAck>, PublishError> {
        let mut acks = Vec::with_capacity(messages.len());
        for some in in_parts(messages) {
            let _taken = self.room(some.iter().map(Outgoing::size).sum()).await?;
            acks.extend(self.patiently("raw.{dataset}", || self.client.publish_batch(some.clone())).await?);
        }
        Ok(acks)
    }

    /// Publishes a page to RAW when there is room for it.
    pub async fn publish_raw(&self, message: Outgoing) -> Result<PubAck, PublishError> {
        let _taken = self.room(message.size()).await?;
        self.publish(message).await
    }

    /// Takes room for so many bytes, when it is there.
    async fn room(&self, bytes: usize) -> Result<Taken<'_>, PublishError> {
        let bytes = bytes as u64;
        let look = || async {
            Ok(self
                .headroom
                .after(headroom::look(&self.client, self.archived, self.clock.now()).await?, bytes)?)
        };
        let look = async || self.patiently("room in RAW", look).await;
        self.headroom.take(bytes, || self.clock.monotonic(), look).await
    }

    /// What of RAW somebody still needs.
    pub async fn unread(&self) -> Result<Unread, PublishError> {
        self.patiently("reading", || async {
            Ok(headroom::look(&self.client, self.archived, self.clock.now()).await?)
        })
        .await
    }

    /// What a stream says of itself.
    pub async fn stream_state(&self, stream: &str) -> Result<StreamState, PublishError> {
        self.patiently("reading", || async { Ok(self.client.stream_state(stream).await?) }).await
    }

    /// The last message on a subject, which may have wildcards.
    pub async fn last_on_subject(&self, stream: &str, subject: &str) -> Result<Option<Stored>, PublishError> {
        self.patiently("reading", || async { Ok(self.client.last_on_subject(stream, subject).await?) }).await
    }

    /// All messages on a subject, which may have wildcards, that were stored since an instant, the oldest first.
    pub async fn since(
        &self,
        stream: &str,
        subject: &str,
        since: DateTime<Utc>,
    ) -> Result<Vec<Stored>, PublishError> {
        self.patiently("reading", || async { Ok(self.client.since(stream, subject, since).await?) }).await
    }

    /// The first message on a subject, which may have wildcards, at a sequence or after it.
    pub async fn next_on_subject(
        &self,
        stream: &str,
        subject: &str,
        seq: u64,
    ) -> Result<Option<Stored>, PublishError> {
        self.patiently("reading", || async { Ok(self.client.next_on_subject(stream, subject, seq).await?) })
            .await
    }

    /// The message at a sequence, if it is there.
    pub async fn get(&self, stream: &str, seq: u64) -> Result<Option<Stored>, PublishError> {
        self.patiently("reading", || async { Ok(self.client.get(stream, seq).await?) }).await
    }

    /// The same, whatever its headers are.
    pub async fn read(&self, stream: &str, seq: u64) -> Result<Option<Stored>, PublishError> {
        self.patiently("reading", || async { Ok(self.client.read(stream, seq).await?) }).await
    }

    /// The newest value of a key of a bucket.
    pub async fn kv_get(&self, bucket: &str, key: &str) -> Result<Option<Entry>, PublishError> {
        self.patiently("reading", || async { Ok(self.client.kv_get(bucket, key).await?) }).await
    }

    /// Sets a key of a bucket if its revision is still this one (see [`Client::kv_update`]).
    pub async fn kv_update(
        &self,
        bucket: &str,
        key: &str,
        value: Bytes,
        revision: u64,
    ) -> Result<Option<u64>, PublishError> {
        let update = || async { Ok(self.client.kv_update(bucket, key, value.clone(), revision).await?) };
        self.patiently("$KV.{bucket}.{key}", update).await
    }

    async fn patiently<T, F>(&self, what: &'static str, work: impl FnMut() -> F) -> Result<T, PublishError>
    where
        F: Future<Output = Result<T, PublishError>>,
    {
        let pauses = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .without_max_times();
        let done = work.retry(pauses).when(|error| self.is_worth_waiting(what, error)).await;
        let mut away = self.away();
        if done.is_ok() && away.remove(what).is_some() {
            tracing::warn!("going on: {what} works again");
            if away.is_empty() {
                self.health.ready();
            }
        }
        done
    }

    fn is_worth_waiting(&self, what: &'static str, error: &PublishError) -> bool {
        let PublishError::Unavailable(reason) = error else { return false };
        let (now, mut away) = (self.clock.monotonic(), self.away());
        let since = *away.entry(what).or_insert_with(|| {
            tracing::warn!("waiting: {reason}");
            now
        });
        self.health.unavailable(reason.to_string());
        now.duration_since(since) < self.patience
    }

    fn away(&self) -> MutexGuard<'_, BTreeMap<&'static str, Instant>> {
        // A poisoned lock holds a whole map all the same.
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Neighbours together as far as they take no more room than one message may.
fn in_parts(messages: Vec<Outgoing>) -> Vec<Vec<Outgoing>> {
    let mut parts: Vec<Vec<Outgoing>> = Vec::new();
    let mut room = 0;
    for message in messages {
        let size = message.size() as u64;
        match parts.last_mut() {
            Some(part) if size <= room => part.push(message),
            _ => {
                parts.push(vec![message]);
                room = StreamState::LARGEST;
            }
        }
        room = room.saturating_sub(size);
    }
    parts
}
