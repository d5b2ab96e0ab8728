//! The consumers of DLQ and AUDIT: what died, and what people did about it, into tables that can be thrown away and made again.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use chrono::TimeDelta;
use kansoku_nats::{Client, Delivery, GiveUp, Handler, Outgoing, Stored, Verdict};
use kansoku_service::{Clock, Stop, Unavailable};

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
}

/// What was last seen of the stream.
#[derive(Debug, Default)]
struct Seen {
    epoch: i64,
    last_seq: i64,
    capacity: Capacity,
    fill: Fill,
    in_hand: InHand,
}

/// What is projected where batches end in no order of theirs.
#[derive(Debug, Default)]
struct InHand {
    /// The first sequences of the batches that are not written yet.
    firsts: BTreeSet<i64>,
    /// The last sequence of those that are.
    written: i64,
    /// Up to where the tables say that all is.
    noted: i64,
}

impl InHand {
    /// Up to where all is written once that is which ends at `last`.
    fn floor(&self, last: i64) -> i64 {
        let own = self.firsts.range(..=last).next_back();
        let other = self.firsts.iter().find(|first| Some(*first) != own);
        other.map_or(i64::MAX, |first| first - 1).min(self.written.max(last))
    }

    /// Takes out a batch that is written; what is still to be noted where no other follows that would note it.
    fn end(&mut self, first: i64, last: i64) -> Option<i64> {
        self.firsts.remove(&first);
        self.written = self.written.max(last);
        (self.firsts.is_empty() && self.noted < self.written).then_some(self.written)
    }
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
        Self { source, store, client, clock, metrics, seen: Arc::default() }
    }

    /// How far it is with these messages done.
    fn up_to(&self, messages: &[&Stored]) -> Progress {
        let floor = self.seen().in_hand.floor(last(messages).unwrap_or_default());
        self.progress(floor)
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
        let progress = self.up_to(messages);
        let unreadable = match self.source {
            Source::Letters => {
                let (letters, unreadable) = parted(messages, |stored| Letter::read(stored, progress.epoch));
                self.store.write_letters(&letters, progress).await?;
                unreadable
            }
            Source::Actions => {
                let (actions, unreadable) = parted(messages, |stored| Action::read(stored, progress.epoch));
                self.store.write_actions(&actions, progress).await?;
                unreadable
            }
        };
        self.noted(progress);
        Ok(unreadable)
    }

    fn noted(&self, progress: Progress) {
        let mut seen = self.seen();
        if seen.epoch == progress.epoch {
            seen.in_hand.noted = seen.in_hand.noted.max(progress.seq);
        }
    }

    /// A dead letter is never dead-lettered: one that cannot be used is written down for a person, and an alarm goes off.
    async fn note(&self, stored: &Stored, reason: &str) -> Result<(), Unavailable> {
        let (stream, seq, subject) = (self.source.stream(), stored.seq, &stored.subject);
        let message = UnreadableMessage {
            stream,
            epoch: self.seen().epoch,
            seq: number(seq),
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
        let (epoch, last_seq) = (number(state.epoch()), number(state.last_seq));
        let is_new = {
            let mut seen = self.seen();
            if seen.epoch != epoch {
                seen.in_hand = InHand::default();
            }
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

fn last(messages: &[&Stored]) -> Option<i64> {
    messages.iter().map(|stored| number(stored.seq)).max()
}

/// As the tables count.
fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
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
        let (Some(first), Some(last)) =
            (messages.iter().map(|stored| number(stored.seq)).min(), last(&messages))
        else {
            return Ok(Vec::new());
        };
        let epoch = {
            let mut seen = self.seen();
            // It stays there where it fails: it comes again.
            seen.in_hand.firsts.insert(first);
            seen.epoch
        };
        self.project(&messages).await?;
        let left = {
            let mut seen = self.seen();
            // Another epoch counts anew.
            if seen.epoch == epoch { seen.in_hand.end(first, last) } else { None }
        };
        if let Some(left) = left {
            let progress = self.progress(left);
            self.store.note_progress(progress).await?;
            self.noted(progress);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_written_whatever_ends_first() {
        let mut in_hand = InHand { firsts: [1, 501].into(), ..InHand::default() };
        assert_eq!(in_hand.floor(1_000), 0, "the first is not written");
        assert_eq!(in_hand.end(501, 1_000), None, "the first notes it");
        in_hand.firsts.insert(1_001);
        assert_eq!(in_hand.floor(500), 1_000);
        assert_eq!(in_hand.floor(1_200), 0);
        in_hand.noted = 1_000;
        assert_eq!(in_hand.end(1, 500), None);
        assert_eq!(in_hand.end(1_001, 1_200), Some(1_200), "nobody follows");
    }

    #[test]
    fn of_one_batch_after_the_other_each_notes_itself() {
        let mut in_hand = InHand::default();
        for (first, last) in [(1, 500), (501, 700)] {
            in_hand.firsts.insert(first);
            in_hand.noted = in_hand.floor(last);
            assert_eq!((in_hand.noted, in_hand.end(first, last)), (last, None));
        }
    }
}
