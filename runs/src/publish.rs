//! One page on its way: into RAW when it is a page, into DLQ when it is none.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_nats::{
    Outgoing, PubAck, PublishError, Stored,
    dead_letter::{Cause, DeadLetter, ServiceInstance},
    id, page,
};
use kansoku_schemas::{PageMeta, Position, Reason, Root, Stage};
use kansoku_service::Clock;
use sha2::{Digest, Sha256};
use tracing::{Instrument, Span};

use crate::{
    Streams,
    envelope::{Envelope, Refusal},
};

/// What became of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishOutcome {
    /// It is in RAW.
    Raw {
        /// Its sequence.
        seq: u64,
        /// It was there before.
        duplicate: bool,
    },
    /// It is in DLQ.
    Dead(Reason),
    /// It is too large for any stream; only RUN records it.
    Refused(Reason),
}

/// Publishes pages and dead letters of the stage `fetch`.
#[derive(Clone)]
pub struct Publisher {
    streams: Arc<Streams>,
    clock: Arc<dyn Clock>,
    by: ServiceInstance,
}

impl Publisher {
    /// Publishes as an instance of a service.
    pub fn new(
        streams: Arc<Streams>,
        clock: Arc<dyn Clock>,
        service: &'static str,
        instance: String,
    ) -> Self {
        let by = ServiceInstance { service, version: kansoku_service::VERSION, instance };
        Self { streams, clock, by }
    }

    /// Stores a page with what its envelope says, and waits for the acknowledgement.
    pub async fn page(
        &self,
        meta: &PageMeta,
        body: Bytes,
        envelope: &Result<Envelope, Refusal>,
    ) -> Result<PublishOutcome, PublishError> {
        self.store(meta, body, envelope).instrument(span(meta)).await
    }

    /// The epoch of positions in RAW.
    pub async fn raw_epoch(&self) -> Result<u64, PublishError> {
        Ok(self.streams.stream_state("RAW").await?.epoch())
    }

    /// The body at a sequence of RAW, unless it has aged out.
    pub async fn kept(&self, seq: u64) -> Result<Option<Bytes>, PublishError> {
        Ok(self.streams.get("RAW", seq).await?.map(|stored| stored.body))
    }

    /// Whether RAW has, or had, this body at this position. A RAW that was restored from a backup gives sequences out a second
    /// time, to other messages.
    pub async fn has_at(&self, position: Position, body: &Bytes) -> Result<bool, PublishError> {
        let state = self.streams.stream_state("RAW").await?;
        let Position { epoch, seq } = position;
        if state.epoch() != epoch || seq > state.last_seq {
            return Ok(false);
        }
        Ok(seq < state.first_seq || self.kept(seq).await?.is_none_or(|kept| kept == body))
    }

    /// Shows the messages on a subject, which may have wildcards, that were stored since an instant.
    pub async fn since(
        &self,
        (stream, subject): (&str, &str),
        since: DateTime<Utc>,
        mut visit: impl FnMut(&Stored),
    ) -> Result<(), PublishError> {
        let mut next = self.streams.first_since(stream, subject, since).await?;
        while let Some(stored) = next {
            visit(&stored);
            next = self.streams.next_on_subject(stream, subject, stored.seq + 1).await?;
        }
        Ok(())
    }

    /// Stores pages and replays in this order, and waits for the acknowledgements. Each is a trace of its own.
    pub async fn pages(&self, pages: Vec<Outgoing>) -> Result<Vec<PubAck>, PublishError> {
        let traced = |message: Outgoing| {
            let span = page::meta(&message.headers).map_or_else(|_| Span::none(), |meta| span(&meta));
            (message, span)
        };
        let published = self.streams.publish_raw(pages.into_iter().map(traced).collect()).await;
        fail::fail_point!("runs::after_publish", |_| kansoku_service::kill_this_process());
        published
    }

    async fn store(
        &self,
        meta: &PageMeta,
        body: Bytes,
        envelope: &Result<Envelope, Refusal>,
    ) -> Result<PublishOutcome, PublishError> {
        fail::fail_point!("runs::after_answer", |_| kansoku_service::kill_this_process());
        let after = |done| {
            fail::fail_point!("runs::after_publish", |_| kansoku_service::kill_this_process());
            done
        };
        let published = match envelope {
            Ok(_) => self.streams.publish_raw(vec![(page::raw(meta, body), Span::current())]).await,
            Err(refusal) => self.streams.publish(self.letter(meta, body, refusal)).await.map(|ack| vec![ack]),
        };
        match (after(published.map(|mut acks| acks.swap_remove(0))), envelope) {
            (Ok(ack), Ok(_)) => Ok(PublishOutcome::Raw { seq: ack.seq, duplicate: ack.duplicate }),
            (Ok(_), Err(refusal)) => Ok(PublishOutcome::Dead(refusal.reason)),
            (Err(PublishError::TooLarge { size, limit, .. }), _) => {
                let (page, run) = (meta.page, meta.run);
                tracing::warn!(%run, page, size, limit, "page {page} has {size} bytes, {limit} is the most; not stored");
                Ok(PublishOutcome::Refused(Reason::TooLarge))
            }
            (Err(error), _) => Err(error),
        }
    }

    fn letter(&self, meta: &PageMeta, body: Bytes, refusal: &Refusal) -> Outgoing {
        let headers = page::headers(page::Kind::Fetched, &id::raw(&meta.run, meta.page), meta, None);
        let dataset = meta.dataset.to_string();
        let letter = DeadLetter {
            headers: &headers,
            origin: None,
            root: Root { run: meta.run, page: meta.page, row: None, stage: Stage::Fetch },
            stage: Stage::Fetch,
            parent: None,
            attempt: 0,
            raw: None,
            judge: kansoku_service::VERSION,
            dataset: &dataset,
            cause: &Cause::plain(refusal.reason, refusal.message.clone()),
            body: body.clone(),
            by: &self.by,
            at: self.clock.now(),
        };
        letter.build_as(id::fetch(&meta.run, meta.page, &sha256(&body)))
    }
}

/// The root of a page's trace.
fn span(meta: &PageMeta) -> Span {
    tracing::info_span!(
        "capture page",
        otel.kind = "internal",
        kansoku.dataset = %meta.dataset,
        kansoku.run = %meta.run,
        kansoku.page = i64::from(meta.page),
        kansoku.source = meta.source,
        url.full = meta.url,
        http.response.status_code = meta.status.map(i64::from),
    )
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
