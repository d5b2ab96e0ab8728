//! The streams on NATS as a publisher of captures uses them: it waits while the server, or room in a stream, is unavailable.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use backon::{ExponentialBuilder, Retryable};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::TryFutureExt;
use kansoku_nats::{Client, Entry, Outgoing, PubAck, PublishError, Stored, StreamState, Traced, subject};
use kansoku_service::{Clock, Dependency, Health, Unavailable};

use crate::headroom::{self, Unread};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a look at RAW counts: who reads may have begun anew.
const FRESH: Duration = Duration::from_secs(1);

/// What is known of RAW since the last look or publication.
#[derive(Debug, Clone, Copy)]
struct Known {
    last_seq: u64,
    headroom: u64,
    at: Instant,
}

/// Waits as one for all who use it: an outage of a stream has one beginning and is logged once.
pub struct Streams {
    client: Client,
    clock: Arc<dyn Clock>,
    patience: Duration,
    /// Its lock lets one publish to RAW at a time.
    raw: tokio::sync::Mutex<Option<Known>>,
    /// Whether RAW is archived: then what is not archived yet takes room.
    archived: bool,
    /// What does not work, and since when.
    away: Mutex<BTreeMap<&'static str, Instant>>,
    health: Dependency,
}

impl Streams {
    /// Waits as long as `patience` for what is away; meanwhile `streams` is not ready and says why.
    pub fn new(client: Client, clock: Arc<dyn Clock>, patience: Duration, health: &Health) -> Self {
        let (raw, away) = (tokio::sync::Mutex::default(), Mutex::default());
        let health = health.dependency("streams");
        health.ready();
        Self { client, clock, patience, raw, archived: false, away, health }
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

    /// Publishes an event that expects the one before it on its subject: its sequence, or the last event there where that is
    /// another one, or this one when only an acknowledgement was lost.
    pub async fn publish_next(&self, event: Outgoing) -> Result<Result<u64, Option<Stored>>, PublishError> {
        let subject = event.subject.clone();
        match self.publish(event).await {
            Ok(ack) if !ack.duplicate => Ok(Ok(ack.seq)),
            Ok(_) | Err(PublishError::WrongLastSequence { .. }) => {
                Ok(Err(self.last_on_subject("RUN", &subject).await?))
            }
            Err(error) => Err(error),
        }
    }

    /// Publishes pages to RAW in this order, when there is room for them.
    pub async fn publish_raw(&self, messages: Vec<Traced>) -> Result<Vec<PubAck>, PublishError> {
        let mut acks = Vec::with_capacity(messages.len());
        for part in in_parts(messages) {
            acks.extend(self.patiently("raw.{dataset}", || self.publish_part(&part)).await?);
        }
        Ok(acks)
    }

    /// Publishes neighbours as the next messages after the ones that were looked at, so that nobody else takes their room.
    async fn publish_part(&self, part: &[Traced]) -> Result<Vec<PubAck>, PublishError> {
        let bytes = part.iter().map(|(message, _)| message.size() as u64).sum();
        let mut known = self.raw.lock().await;
        loop {
            let now = self.clock.monotonic();
            let fresh =
                known.take().filter(|raw| raw.headroom >= bytes && now.duration_since(raw.at) < FRESH);
            let Known { last_seq, headroom, at } = match fresh {
                Some(fresh) => fresh,
                None => {
                    let raw = headroom::look(&self.client, self.archived, self.clock.now()).await?;
                    raw.check(bytes)?;
                    Known { last_seq: raw.last_seq, headroom: raw.headroom(), at: now }
                }
            };
            let acks = match self.client.publish_after(last_seq, part).await {
                // Somebody else has published: what was looked at is the past.
                Err(PublishError::WrongLastSequence { .. }) => continue,
                acks => acks?,
            };
            let last_seq = acks.iter().rev().find(|ack| !ack.duplicate).map_or(last_seq, |ack| ack.seq);
            *known = Some(Known { last_seq, headroom: headroom - bytes, at });
            return Ok(acks);
        }
    }

    /// The first message on a subject, which may have wildcards, that was stored at an instant or after it.
    pub async fn first_since(
        &self,
        stream: &str,
        subject: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Stored>, PublishError> {
        self.reading(|| self.client.first_since(stream, subject, since)).await
    }

    /// What of RAW somebody still needs.
    pub async fn unread(&self) -> Result<Unread, PublishError> {
        self.reading(|| headroom::look(&self.client, self.archived, self.clock.now())).await
    }

    /// What a stream says of itself.
    pub async fn stream_state(&self, stream: &str) -> Result<StreamState, PublishError> {
        self.reading(|| self.client.stream_state(stream)).await
    }

    /// The last message on a subject, which may have wildcards.
    pub async fn last_on_subject(&self, stream: &str, subject: &str) -> Result<Option<Stored>, PublishError> {
        self.reading(|| self.client.last_on_subject(stream, subject)).await
    }

    /// All messages on a subject, which may have wildcards, that were stored since an instant, the oldest first.
    pub async fn since(
        &self,
        stream: &str,
        subject: &str,
        since: DateTime<Utc>,
    ) -> Result<Vec<Stored>, PublishError> {
        self.reading(|| self.client.since(stream, subject, since)).await
    }

    /// The first message on a subject, which may have wildcards, at a sequence or after it.
    pub async fn next_on_subject(
        &self,
        stream: &str,
        subject: &str,
        seq: u64,
    ) -> Result<Option<Stored>, PublishError> {
        self.reading(|| self.client.next_on_subject(stream, subject, seq)).await
    }

    /// The message at a sequence, if it is there.
    pub async fn get(&self, stream: &str, seq: u64) -> Result<Option<Stored>, PublishError> {
        self.reading(|| self.client.get(stream, seq)).await
    }

    /// The same, whatever its headers are.
    pub async fn read(&self, stream: &str, seq: u64) -> Result<Option<Stored>, PublishError> {
        self.reading(|| self.client.read(stream, seq)).await
    }

    /// The newest value of a key of a bucket.
    pub async fn kv_get(&self, bucket: &str, key: &str) -> Result<Option<Entry>, PublishError> {
        self.reading(|| self.client.kv_get(bucket, key)).await
    }

    /// Sets a key of a bucket if its revision is still this one (see [`Client::kv_update`]).
    pub async fn kv_update(
        &self,
        bucket: &str,
        key: &str,
        value: Bytes,
        revision: u64,
    ) -> Result<Option<u64>, PublishError> {
        let update = || self.client.kv_update(bucket, key, value.clone(), revision).err_into();
        self.patiently("$KV.{bucket}.{key}", update).await
    }

    async fn reading<T, F>(&self, mut read: impl FnMut() -> F) -> Result<T, PublishError>
    where
        F: Future<Output = Result<T, Unavailable>>,
    {
        self.patiently("reading", || read().err_into()).await
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
fn in_parts(messages: Vec<Traced>) -> Vec<Vec<Traced>> {
    let mut parts: Vec<Vec<Traced>> = Vec::new();
    let mut room = 0;
    for message in messages {
        let size = message.0.size() as u64;
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
