//! Telling a run's story on its subject. Each event expects to follow the last one that its teller knows: of two
//! processes in one run the second is refused and stops.

use std::{sync::Arc, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use bytes::Bytes;
use kansoku_nats::{Client, Outgoing, PubAck, PublishError, id, page, subject};
use kansoku_schemas::{RunEvent, RunEventKind};
use kansoku_service::{Away, Clock};

use super::{RunMeta, Story};

/// Why a story cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Another process is in this run.
    #[error("another process ({by}) works on this run")]
    Taken {
        /// Which.
        by: String,
    },
    /// The last event is not what this version understands.
    #[error("read the last event of the run (message {seq} of RUN): {source}")]
    Unreadable {
        /// Its sequence.
        seq: u64,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A message could not be stored.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

impl From<Away> for LedgerError {
    fn from(away: Away) -> Self {
        Self::Publish(PublishError::Away(away))
    }
}

/// A run that this process works on.
#[derive(Debug)]
pub struct Open {
    /// What became of it.
    pub story: Story,
    /// The sequence of its last event; 0 before the first.
    last: u64,
}

impl Open {
    /// Whether nobody has told of it yet.
    pub fn is_new(&self) -> bool {
        self.last == 0
    }
}

/// Tells of runs, as one process.
#[derive(Clone)]
pub struct Ledger {
    client: Client,
    clock: Arc<dyn Clock>,
    instance: String,
    patience: Duration,
}

impl Ledger {
    /// Tells as `instance`; a server that is away is waited for as long as `patience`.
    pub fn new(client: Client, clock: Arc<dyn Clock>, instance: String, patience: Duration) -> Self {
        Self { client, clock, instance, patience }
    }

    /// Reads how far a run has come.
    pub async fn open(&self, meta: RunMeta) -> Result<Open, LedgerError> {
        let subject = subject::run(&meta.dataset, &meta.run);
        let ask = || async { self.client.last_on_subject("RUN", &subject).await.map_err(PublishError::Away) };
        let Some(stored) = self.patiently(ask).await? else {
            return Ok(Open { story: Story::new(meta), last: 0 });
        };
        let event = serde_json::from_slice(&stored.body);
        let event: RunEvent = event.map_err(|source| LedgerError::Unreadable { seq: stored.seq, source })?;
        Ok(Open { story: Story::from_event(meta, &event), last: stored.seq })
    }

    /// Tells the story so far.
    pub async fn tell(
        &self,
        open: &mut Open,
        kind: RunEventKind,
        error: Option<String>,
    ) -> Result<(), LedgerError> {
        let event = open.story.event(kind, &self.instance, self.clock.now(), error);
        let id = id::run(&event.run, kind.as_str(), event.n, &self.instance);
        let subject = subject::run(&event.dataset, &event.run);
        let headers =
            page::event(page::Kind::Run, &id, &event.source, &event.dataset.to_string(), event.captured_at);
        // Serialising our own event into memory has nothing to fail on.
        let body = Bytes::from(serde_json::to_vec(&event).unwrap_or_default());
        let message = Outgoing { subject: subject.clone(), id, headers, body, expect_last: Some(open.last) };
        match self.publish(message).await {
            Ok(ack) if !ack.duplicate => open.last = ack.seq,
            Ok(_) | Err(PublishError::WrongLastSequence { .. }) => {
                open.last = self.mine(&subject, &event).await?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// After a refusal, or for a duplicate, the last event is ours when only its acknowledgement was lost; else the run is
    /// another's.
    async fn mine(&self, subject: &str, told: &RunEvent) -> Result<u64, LedgerError> {
        let stored = self.client.last_on_subject("RUN", subject).await?;
        let Some(stored) = stored else { return Err(LedgerError::Taken { by: "unknown".to_owned() }) };
        let last: RunEvent = serde_json::from_slice(&stored.body)
            .map_err(|source| LedgerError::Unreadable { seq: stored.seq, source })?;
        if last == *told { Ok(stored.seq) } else { Err(LedgerError::Taken { by: last.instance }) }
    }

    /// Publishes a message, waiting for a server that is away.
    pub async fn publish(&self, message: Outgoing) -> Result<PubAck, PublishError> {
        self.patiently(|| self.client.publish(message.clone())).await
    }

    /// The same message id makes every further try harmless.
    async fn patiently<T, F>(&self, work: impl FnMut() -> F) -> Result<T, PublishError>
    where
        F: Future<Output = Result<T, PublishError>>,
    {
        let pauses = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Duration::from_secs(5))
            .with_total_delay(Some(self.patience))
            .without_max_times();
        work.retry(pauses)
            .when(|error| matches!(error, PublishError::Away(_)))
            .notify(|error, pause| {
                let pause_ms = u64::try_from(pause.as_millis()).unwrap_or_default();
                tracing::warn!(pause_ms, "waiting for NATS: {error}");
            })
            .await
    }
}
