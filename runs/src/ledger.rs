//! Appends the events of a run on its subject. Each event expects to follow the last one that its writer knows: of two
//! processes in one run the second is refused and stops.

use std::{ops::ControlFlow, sync::Arc, time::Instant};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt};
use kansoku_nats::{Outgoing, PublishError, Stored, StreamState, id, page, subject};
use kansoku_schemas::{Dataset, RunEvent, RunEventKind};
use kansoku_service::Clock;

use crate::{RunMeta, RunState, Streams};

/// How far the clock of the one who captured may be from the server's.
const CLOCKS: TimeDelta = TimeDelta::minutes(5);
/// How many events of all lists are read at once, and at most.
const AT_ONCE: usize = 64;
const MOST: usize = 100_000;

/// What the two events of a short run take in RUN.
const RUN_BYTES: u64 = 2_048;

/// Why an event cannot be appended, or read.
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

/// Whether an error says that NATS, or room in a stream, stayed away.
pub fn is_unavailable(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let publishing: Option<&PublishError> = match cause.downcast_ref() {
            Some(LedgerError::Publish(error)) => Some(error),
            _ => cause.downcast_ref(),
        };
        matches!(publishing, Some(PublishError::Unavailable(_)))
    })
}

/// A run that this process works on.
#[derive(Debug)]
pub struct Open {
    /// What became of it.
    pub state: RunState,
    /// The sequence of its last event; 0 before the first.
    last: u64,
    /// The process that wrote it.
    by: Option<String>,
    /// When its last event was stored, by the server's clock, where this process found the run under way.
    found_at: Option<DateTime<Utc>>,
    /// When this process appended an event, or found the run, on its own clock.
    last_append: Instant,
}

impl Open {
    /// Whether it has no event yet.
    pub fn is_new(&self) -> bool {
        self.last == 0
    }

    /// Since when another process, or an earlier one, may have published pages that no event has: the run was left under
    /// way.
    pub fn unrecorded_since(&self) -> Option<DateTime<Utc>> {
        self.found_at
    }

    /// The sequence of its last event; 0 before the first.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// When this process appended an event, or found the run, on its own clock.
    pub fn last_append(&self) -> Instant {
        self.last_append
    }
}

/// Appends events of runs, as one process.
#[derive(Clone)]
pub struct Ledger {
    streams: Arc<Streams>,
    clock: Arc<dyn Clock>,
    instance: String,
}

impl Ledger {
    /// Appends as `instance`.
    pub fn new(streams: Arc<Streams>, clock: Arc<dyn Clock>, instance: String) -> Self {
        Self { streams, clock, instance }
    }

    /// Whether the last word on this run is another process's, and not the end.
    pub fn is_anothers(&self, open: &Open) -> bool {
        !open.state.has_ended() && open.by.as_ref().is_some_and(|by| *by != self.instance)
    }

    /// Whether RUN is half free after so many more runs of a page or two: nothing ever leaves it, and each capture needs it.
    pub async fn has_room_for(&self, runs: u64) -> Result<bool, LedgerError> {
        let StreamState { bytes, max_bytes, .. } = self.streams.stream_state("RUN").await?;
        Ok(max_bytes.is_none_or(|most| bytes + runs * RUN_BYTES <= most / 2))
    }

    /// Reads how far a run has come.
    pub async fn open(&self, meta: RunMeta) -> Result<Open, LedgerError> {
        let (subject, last_append) = (subject::run(&meta.dataset, &meta.run), self.clock.monotonic());
        let Some(stored) = self.streams.last_on_subject("RUN", &subject).await? else {
            return Ok(Open { state: RunState::new(meta), last: 0, by: None, found_at: None, last_append });
        };
        let (last, event) = read(&stored)?;
        let state = RunState::from_event(meta, &event);
        let found_at = Some(stored.time).filter(|_| !event.has_ended());
        let by = (!event.released).then_some(event.instance);
        Ok(Open { state, last, by, found_at, last_append })
    }

    /// Shows the events of a list's runs, the newest first, back to those that were appended before `since`, or until `visit`
    /// has seen enough. What is no event of a run is passed over.
    pub async fn look_back(
        &self,
        dataset: Dataset,
        since: DateTime<Utc>,
        mut visit: impl FnMut(&RunEvent) -> ControlFlow<()>,
    ) -> Result<(), LedgerError> {
        let events = self.streams.since("RUN", &subject::runs(&dataset), since - CLOCKS).await?;
        let events = events.iter().rev().filter_map(|stored| serde_json::from_slice(&stored.body).ok());
        let _ = events.into_iter().try_for_each(|event| visit(&event));
        Ok(())
    }

    /// The same for all lists at once, from their newest event on.
    pub async fn look_back_over_all(
        &self,
        mut visit: impl FnMut(&RunEvent) -> ControlFlow<()>,
    ) -> Result<(), LedgerError> {
        let Some(last) = self.streams.last_on_subject("RUN", "run.>").await? else { return Ok(()) };
        let events = (1..=last.seq).rev().take(MOST).map(|seq| self.streams.get("RUN", seq));
        let mut events = futures::stream::iter(events).buffered(AT_ONCE);
        while let Some(stored) = events.try_next().await? {
            let event = stored.and_then(|stored| serde_json::from_slice(&stored.body).ok());
            if event.is_some_and(|event| visit(&event).is_break()) {
                break;
            }
        }
        Ok(())
    }

    /// Appends an event with the state so far.
    pub async fn append(
        &self,
        open: &mut Open,
        kind: RunEventKind,
        error: Option<String>,
    ) -> Result<(), LedgerError> {
        let event = open.state.event(kind, &self.instance, self.clock.now(), error);
        self.publish(open, event).await
    }

    /// Appends the state so far and lets go of the run: whoever comes next goes on with it, without waiting for a silence.
    pub async fn release(&self, open: &mut Open) -> Result<(), LedgerError> {
        let event = open.state.event(RunEventKind::Progress, &self.instance, self.clock.now(), None);
        self.publish(open, RunEvent { released: true, ..event }).await
    }

    async fn publish(&self, open: &mut Open, event: RunEvent) -> Result<(), LedgerError> {
        let id = id::run(&event.run, event.event.as_str(), event.n, &self.instance);
        let subject = subject::run(&event.dataset, &event.run);
        let headers =
            page::event(page::Kind::Run, &id, &event.source, &event.dataset.to_string(), event.captured_at);
        // Serialising our own event into memory has nothing to fail on.
        let body = Bytes::from(serde_json::to_vec(&event).unwrap_or_default());
        let message = Outgoing { subject, id, headers, body, expect_last: Some(open.last) };
        open.last = match self.streams.publish_next(message).await? {
            Ok(seq) => seq,
            Err(None) => return Err(LedgerError::Taken { by: "unknown".to_owned() }),
            Err(Some(last)) => {
                let (seq, last) = read(&last)?;
                if last != event {
                    return Err(LedgerError::Taken { by: last.instance });
                }
                seq
            }
        };
        open.last_append = self.clock.monotonic();
        Ok(())
    }
}

/// The event in a message of RUN, and its sequence.
fn read(stored: &Stored) -> Result<(u64, RunEvent), LedgerError> {
    let event = serde_json::from_slice(&stored.body);
    let event = event.map_err(|source| LedgerError::Unreadable { seq: stored.seq, source })?;
    Ok((stored.seq, event))
}
