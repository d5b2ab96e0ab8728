//! The consumer of RUN: events into `run`.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use kansoku_nats::{Client, Delivery, GiveUp, Handler, Outgoing, Verdict};
use kansoku_schemas::{ArchiveEvent, PageMeta, RunEvent};
use kansoku_service::{Clock, Unavailable};

use crate::{
    db_error::ErrorKind,
    metrics::LoaderMetrics,
    storable::{has_nul, in_micros},
    store::{Run, Store, UnreadableMessage, ahead},
};

/// The greatest number of a page that the tables can hold.
const MAX_PAGE: u32 = i32::MAX.cast_unsigned();

/// Projects the events of RUN.
#[derive(Clone)]
pub struct Runs {
    /// The tables.
    pub store: Arc<Store>,
    /// Where RUN's epoch is asked for.
    pub client: Client,
    /// RUN's epoch.
    pub epoch: Arc<AtomicI64>,
    /// The time of notes.
    pub clock: Arc<dyn Clock>,
    /// What is counted.
    pub metrics: LoaderMetrics,
}

impl Handler for Runs {
    async fn ready(&self) -> Result<(), Unavailable> {
        self.store.answers().await?;
        let epoch = self.client.stream_state("RUN").await?.epoch();
        self.epoch.store(i64::try_from(epoch).unwrap_or(i64::MAX), Ordering::Relaxed);
        let now = self.clock.now();
        self.store.ensure_months(ahead(now.date_naive())).await?;
        Ok(self.store.ensure_works().await?)
    }

    async fn handle(&self, batch: &[Delivery]) -> Result<Vec<Verdict>, Unavailable> {
        let (mut runs, mut files) = (Vec::new(), Vec::new());
        for delivery in batch {
            if is_archive(&delivery.stored.subject) {
                match archive_file(&delivery.stored.body) {
                    Ok(file) => files.push(file),
                    Err(reason) => self.note(delivery, &reason).await?,
                }
                continue;
            }
            match decode(delivery, self.epoch.load(Ordering::Relaxed)) {
                Ok(run) => runs.push((run, delivery)),
                Err(reason) => self.note(delivery, &reason).await?,
            }
        }
        self.store.write_archives(&files).await?;
        let events: Vec<Run> = runs.iter().map(|(run, _)| run.clone()).collect();
        match self.store.write_runs(&events).await {
            Ok(()) => {}
            Err(error) if error.kind == ErrorKind::Data => {
                for (run, delivery) in &runs {
                    self.write_alone(run, delivery).await?;
                }
            }
            Err(error) => return Err(error.into()),
        }
        Ok(vec![Verdict::Done; batch.len()])
    }

    async fn reject(&self, _: &Delivery, _: GiveUp) -> Result<Option<Outgoing>, Unavailable> {
        Ok(None)
    }

    async fn unreadable(&self, delivery: &Delivery, why: GiveUp) -> Result<(), Unavailable> {
        self.note(delivery, &why.to_string()).await
    }
}

impl Runs {
    async fn write_alone(&self, run: &Run, delivery: &Delivery) -> Result<(), Unavailable> {
        match self.store.write_runs(std::slice::from_ref(run)).await {
            Ok(()) => Ok(()),
            Err(error) if error.kind == ErrorKind::Data => {
                self.note(delivery, &error.source.to_string()).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// RUN is never dead-lettered: a message that cannot be used is written down for a person, and an alarm goes off.
    async fn note(&self, delivery: &Delivery, reason: &str) -> Result<(), Unavailable> {
        let stored = &delivery.stored;
        let message = UnreadableMessage {
            stream: "RUN",
            epoch: self.epoch.load(Ordering::Relaxed),
            seq: i64::try_from(stored.seq).unwrap_or(i64::MAX),
            subject: &stored.subject,
            reason,
            body: &stored.body,
            noted_at: self.clock.now(),
        };
        self.store.note_unreadable(&message).await?;
        self.metrics.unreadable();
        let (subject, seq) = (&stored.subject, stored.seq);
        tracing::error!(parent: &delivery.span, subject, seq, "noted message {seq} of RUN as unreadable: {reason}");
        Ok(())
    }
}

fn archive_file(body: &[u8]) -> Result<ArchiveEvent, String> {
    let mut event: ArchiveEvent = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let ArchiveEvent { epoch, first, last, captures, bytes, file, sha256, .. } = &event;
    for number in [epoch, first, last, captures, bytes] {
        i64::try_from(*number).map_err(|_| format!("{number} is out of range"))?;
    }
    if has_nul([file, sha256, &event.instance].into_iter()) {
        return Err("a text holds the character NUL".to_owned());
    }
    if first > last {
        return Err(format!("it ends at {last} before it begins at {first}"));
    }
    event.at = in_micros(event.at);
    Ok(event)
}

/// Archive files are announced on RUN too; they are no runs.
fn is_archive(subject: &str) -> bool {
    subject.starts_with("run.archive.")
}

fn decode(delivery: &Delivery, event_epoch: i64) -> Result<Run, String> {
    let event: RunEvent = serde_json::from_slice(&delivery.stored.body).map_err(|error| error.to_string())?;
    if has_nul([&event.source].into_iter().chain(&event.error).chain(&event.warnings)) {
        return Err("a text holds the character NUL".to_owned());
    }
    let (length, most) = (event.source.len(), PageMeta::MOST_SOURCE);
    if length > most {
        return Err(format!("the source has {length} bytes, and {most} are the most"));
    }
    if let Some(page) = event.pages_got.iter().chain(&event.pages_planned).find(|page| **page > MAX_PAGE) {
        return Err(format!("page {page} is out of range"));
    }
    i64::try_from(event.rows).map_err(|_| "rows is out of range")?;
    let event_seq = i64::try_from(delivery.stored.seq).map_err(|_| "the sequence is out of range")?;
    let kept = RunEvent {
        captured_at: in_micros(event.captured_at),
        started_at: event.started_at.map(in_micros),
        at: in_micros(event.at),
        // What the tables do not keep may be long.
        instance: String::new(),
        replays_got: Vec::new(),
        bodies_got: BTreeMap::new(),
        bodies_dead: Vec::new(),
        census: None,
        ..event
    };
    Ok(Run::new(kept, event_epoch, event_seq))
}
