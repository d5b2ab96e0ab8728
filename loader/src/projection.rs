//! The consumers of DLQ and AUDIT: what died, and what people did about it, into tables that can be thrown away and made again.

use std::{
    collections::HashSet,
    convert::Infallible,
    future::Ready,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use chrono::TimeDelta;
use futures::future::try_join_all;
use kansoku_nats::{Client, Delivery, GiveUp, Handler, Outgoing, Stored, Verdict};
use kansoku_service::{Clock, Stop, Unavailable};
use tokio::sync::oneshot;

use crate::{
    action::Action,
    db_error::{DbError, ErrorKind},
    failpoint,
    fill::Fill,
    letter::Letter,
    metrics::LoaderMetrics,
    store::{Capacity, First, Kept, Progress, Store, UnreadableMessage},
};

/// How many messages one transaction writes at most: what it costs beside them is shared by many.
pub const BATCH: usize = 500;
/// How many dead letters are taken at once, by transactions side by side.
pub const LETTERS: usize = 2 * BATCH;
const LOOK: Duration = Duration::from_secs(5);

/// What is projected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// DLQ.
    Letters,
    /// AUDIT.
    Actions,
}

impl Source {
    fn stream(self) -> &'static str {
        match self {
            Self::Letters => "DLQ",
            Self::Actions => "AUDIT",
        }
    }
}

/// Projects the messages of one of the two streams.
#[derive(Clone)]
pub struct Projection {
    source: Source,
    store: Arc<Store>,
    client: Client,
    clock: Arc<dyn Clock>,
    metrics: LoaderMetrics,
    seen: Arc<Mutex<Seen>>,
    /// The last letters could not be written side by side.
    in_turn: Arc<AtomicBool>,
}

/// What was last seen of the stream.
#[derive(Debug, Default)]
struct Seen {
    epoch: i64,
    last_seq: i64,
    capacity: Capacity,
    fill: Fill,
}

impl Projection {
    /// Of one of the streams.
    pub fn new(
        source: Source,
        store: Arc<Store>,
        client: Client,
        clock: Arc<dyn Clock>,
        metrics: LoaderMetrics,
    ) -> Self {
        Self { source, store, client, clock, metrics, seen: Arc::default(), in_turn: Arc::default() }
    }

    /// How far it is with these messages done.
    fn up_to(&self, messages: &[&Stored]) -> Progress {
        let last = messages.iter().map(|stored| i64::try_from(stored.seq).unwrap_or(i64::MAX)).max();
        self.progress(last.unwrap_or_default())
    }

    /// How far it is with this message done.
    fn progress(&self, seq: i64) -> Progress {
        let Seen { epoch, last_seq, capacity, .. } = *self.seen();
        let stream = self.source.stream();
        Progress { stream, epoch, seq, last_seq: last_seq.max(seq), at: self.clock.now(), capacity }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // A poisoned lock holds whole numbers all the same.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes messages; those that nobody can read are noted. What the tables refuse is written message by message.
    async fn project(&self, messages: &[&Stored]) -> Result<(), Unavailable> {
        match self.write(messages).await {
            Ok(unreadable) => {
                for (stored, reason) in unreadable {
                    self.note(stored, &reason).await?;
                }
                Ok(())
            }
            Err(error) if error.kind == ErrorKind::Data && messages.len() > 1 => {
                for stored in messages {
                    Box::pin(self.project(&[stored])).await?;
                }
                Ok(())
            }
            Err(error) if error.kind == ErrorKind::Data => {
                for stored in messages {
                    self.note(stored, &error.source.to_string()).await?;
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn write<'a>(&self, messages: &[&'a Stored]) -> Result<Vec<(&'a Stored, String)>, DbError> {
        match self.source {
            Source::Letters => self.write_letters(messages).await,
            Source::Actions => {
                let epoch = self.seen().epoch;
                let (actions, unreadable) = parted(messages, |stored| Action::read(stored, epoch));
                self.store.write_actions(&actions, self.up_to(messages)).await.map(|()| unreadable)
            }
        }
    }

    /// In several transactions where they are many, side by side: while one derives from its letters, the next writes its own down.
    /// One after the other where two of them would wait for each other, or did.
    async fn write_letters<'a>(&self, messages: &[&'a Stored]) -> Result<Vec<(&'a Stored, String)>, DbError> {
        let mut unreadable = Vec::new();
        let has_equal_ids = || {
            let ids: HashSet<_> = messages.iter().map(|stored| stored.headers.get("Dlq-Id")).collect();
            ids.len() < messages.len()
        };
        if messages.len() <= BATCH || self.in_turn.swap(false, Ordering::Relaxed) || has_equal_ids() {
            for messages in messages.chunks(BATCH) {
                unreadable.extend(self.write_batch(messages, None::<Ready<()>>).await?);
            }
            return Ok(unreadable);
        }
        let mut before = None;
        let writes = messages.chunks(BATCH).map(|messages| {
            let (done, next) = oneshot::channel::<()>();
            let before = before.replace(next);
            async move {
                let turn = async {
                    if let Some(before) = before
                        && before.await.is_err()
                    {
                        // The one before has failed: this one is dropped with it.
                        std::future::pending::<()>().await;
                    }
                };
                let unreadable = self.write_batch(messages, Some(turn)).await?;
                let _ = done.send(());
                Ok(unreadable)
            }
        });
        match try_join_all(writes.collect::<Vec<_>>()).await {
            Ok(found) => Ok(found.concat()),
            Err(error) => {
                self.in_turn.store(true, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    async fn write_batch<'a>(
        &self,
        messages: &[&'a Stored],
        turn: Option<impl Future<Output = ()>>,
    ) -> Result<Vec<(&'a Stored, String)>, DbError> {
        let epoch = self.seen().epoch;
        let (letters, unreadable) = parted(messages, |stored| Letter::read(stored, epoch));
        self.store.write_letters(&letters, self.up_to(messages), turn).await?;
        Ok(unreadable)
    }

    /// A dead letter is never dead-lettered: one that cannot be used is written down for a person, and an alarm goes off.
    async fn note(&self, stored: &Stored, reason: &str) -> Result<(), Unavailable> {
        let (stream, seq, subject) = (self.source.stream(), stored.seq, &stored.subject);
        let message = UnreadableMessage {
            stream,
            epoch: self.seen().epoch,
            seq: i64::try_from(seq).unwrap_or(i64::MAX),
            subject,
            reason,
            body: &stored.body,
            noted_at: self.clock.now(),
        };
        self.store.note_unreadable(&message).await?;
        self.metrics.unreadable();
        tracing::error!(subject, seq, "noted message {seq} of {stream} as unreadable: {reason}");
        Ok(())
    }

    /// The first message that the stream has.
    async fn first(&self) -> Result<First, Unavailable> {
        let state = self.client.stream_state(self.source.stream()).await?;
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Ok(First { epoch: number(state.epoch()), seq: number(state.first_seq) })
    }

    /// Looks now and then, until the process is to stop: how far behind it is has to show while a batch hangs in the tables, too.
    ///
    /// # Errors
    /// None: what is away is told of where messages wait for it.
    pub(crate) async fn keep_looking(&self, stop: &Stop) -> anyhow::Result<()> {
        let forever = async {
            loop {
                tokio::time::sleep(LOOK).await;
                // While commits do not work, the sessions there are belong to who tries to mend that.
                if self.store.works() {
                    let _ = self.look().await;
                }
            }
        };
        let _: Option<Infallible> = stop.run_until(forever).await;
        Ok(())
    }

    /// Looks how much there is; says the sequence of the first message.
    async fn look(&self) -> Result<u64, Unavailable> {
        let state = self.client.stream_state(self.source.stream()).await?;
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (epoch, last_seq) = (number(state.epoch()), number(state.last_seq));
        let is_new = {
            let mut seen = self.seen();
            let left = seen.fill.left(self.clock.monotonic(), state.bytes, state.max_bytes);
            let full_at =
                left.and_then(|left| self.clock.now().checked_add_signed(TimeDelta::from_std(left).ok()?));
            let is_new = (seen.epoch, seen.last_seq) != (epoch, last_seq)
                || seen.capacity.full_at.is_some() != full_at.is_some();
            seen.capacity =
                Capacity { bytes: number(state.bytes), max_bytes: state.max_bytes.map(number), full_at };
            (seen.epoch, seen.last_seq) = (epoch, last_seq);
            is_new
        };
        if is_new {
            self.store.note_progress(self.progress(0)).await?;
        }
        Ok(state.first_seq)
    }
}

/// What could be read, and the messages that could not.
fn parted<'a, T>(
    messages: &[&'a Stored],
    read: impl Fn(&Stored) -> Result<T, String>,
) -> (Vec<T>, Vec<(&'a Stored, String)>) {
    let (mut done, mut unreadable) = (Vec::new(), Vec::new());
    for stored in messages {
        match read(stored) {
            Ok(one) => done.push(one),
            Err(reason) => unreadable.push((*stored, reason)),
        }
    }
    (done, unreadable)
}

impl Handler for Projection {
    async fn ready(&self) -> Result<(), Unavailable> {
        self.store.answers().await?;
        self.look().await?;
        Ok(())
    }

    async fn handle(&self, batch: &[Delivery]) -> Result<Vec<Verdict>, Unavailable> {
        let messages: Vec<&Stored> = batch.iter().map(|delivery| &delivery.stored).collect();
        self.project(&messages).await?;
        failpoint("loader::after_projection");
        Ok(vec![Verdict::Done; batch.len()])
    }

    async fn reject(&self, _: &Delivery, _: GiveUp) -> Result<Option<Outgoing>, Unavailable> {
        Ok(None)
    }

    async fn unreadable(&self, delivery: &Delivery, why: GiveUp) -> Result<(), Unavailable> {
        self.note(&delivery.stored, &why.to_string()).await
    }
}

/// What a rebuilding did.
#[derive(Debug, Clone, Copy)]
pub struct Rebuilt {
    /// Messages of DLQ.
    pub letters: u64,
    /// Messages of AUDIT.
    pub actions: u64,
    /// What neither of them has any more.
    pub kept: Kept,
}

/// Forgets the projection and makes it again from the streams; says how much of it there was.
///
/// # Errors
/// NATS or Postgres is away.
pub async fn rebuild(
    store: Arc<Store>,
    client: Client,
    clock: Arc<dyn Clock>,
    metrics: LoaderMetrics,
) -> anyhow::Result<Rebuilt> {
    let unavailable = |error: Unavailable| error.error.context(format!("{} is away", error.dependency));
    let projections = [Source::Letters, Source::Actions]
        .map(|source| Projection::new(source, store.clone(), client.clone(), clock.clone(), metrics.clone()));
    store.begin_rebuilding(clock.now()).await?;
    let [letters, actions] = &projections;
    let letters = letters.first().await.map_err(unavailable)?;
    let actions = actions.first().await.map_err(unavailable)?;
    let kept = store.forget_dead_letters(letters, actions).await?;
    let mut counts = [0, 0];
    for (projection, count) in projections.iter().zip(&mut counts) {
        let mut next = projection.look().await.map_err(unavailable)?;
        loop {
            let mut batch = Vec::new();
            while batch.len() < BATCH
                && let Some(stored) = client
                    .next_on_subject(projection.source.stream(), ">", next)
                    .await
                    .map_err(unavailable)?
            {
                next = stored.seq + 1;
                batch.push(stored);
            }
            if batch.is_empty() {
                break;
            }
            let messages: Vec<&Stored> = batch.iter().collect();
            projection.project(&messages).await.map_err(unavailable).context("project messages")?;
            *count += batch.len() as u64;
        }
    }
    store.end_rebuilding().await?;
    Ok(Rebuilt { letters: counts[0], actions: counts[1], kept })
}
