//! Carries decisions out: dead letters, then VALID. The consume loop acknowledges after that.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use futures::{StreamExt, stream};
use kansoku_nats::{Client, Delivery, GiveUp, Handler, Outgoing, PublishError, Verdict};
use kansoku_service::{Clock, Unavailable};
use tracing::{Instrument, Span};

use crate::{
    arrival::{Arrival, Tally},
    decide::{Court, Decision},
    metrics::Numbers,
    room,
};

/// Pages whose publications wait for the server at the same time.
const IN_FLIGHT: usize = 64;

/// The validator as the consume loop sees it.
pub(crate) struct Validator {
    client: Client,
    court: Court,
    clock: Arc<dyn Clock>,
    numbers: Numbers,
    epoch: AtomicU64,
    /// A batch was carried out, so what that needs is there.
    proven: AtomicBool,
    /// Pages of the batch in hand whose effect is durable: while the batch is held for one page, the others are not
    /// published again and again.
    done: Mutex<HashMap<u64, Verdict>>,
}

impl Validator {
    pub(crate) fn new(client: Client, court: Court, clock: Arc<dyn Clock>, numbers: Numbers) -> Self {
        Self {
            client,
            court,
            clock,
            numbers,
            epoch: AtomicU64::default(),
            proven: AtomicBool::default(),
            done: Mutex::default(),
        }
    }

    async fn page(&self, delivery: &Delivery) -> Result<Verdict, Unavailable> {
        let seq = delivery.stored.seq;
        if let Some(verdict) = self.done().get(&seq) {
            return Ok(verdict.clone());
        }
        let verdict = match self.decide(delivery) {
            Decision::Rejected { letter, reason } => {
                self.numbers.rejected();
                Verdict::Reject(letter, reason)
            }
            Decision::Judged { dead, valid, tally } => {
                self.publish(dead, *valid).await?;
                self.numbers.judged(&tally);
                Verdict::Done
            }
        };
        self.done().insert(seq, verdict.clone());
        Ok(verdict)
    }

    fn decide(&self, delivery: &Delivery) -> Decision {
        let span = tracing::info_span!(
            "judge",
            kansoku.rows.accepted = tracing::field::Empty,
            kansoku.rows.dead = tracing::field::Empty,
            kansoku.rejected = tracing::field::Empty,
        );
        let _inside = span.enter();
        let started = self.clock.monotonic();
        let decision = self.court.decide(&self.arrival(delivery));
        self.numbers.took(self.clock.monotonic().duration_since(started));
        record(&span, &decision, delivery);
        decision
    }

    async fn publish(&self, dead: Vec<Outgoing>, valid: Outgoing) -> Result<(), Unavailable> {
        if !dead.is_empty() {
            self.client.publish_batch(dead).await.map_err(held)?;
        }
        self.client.publish(valid).await.map_err(held)?;
        Ok(())
    }

    fn arrival<'a>(&self, delivery: &'a Delivery) -> Arrival<'a> {
        Arrival { delivery, epoch: self.epoch.load(Ordering::Relaxed), now: self.clock.now() }
    }

    fn done(&self) -> MutexGuard<'_, HashMap<u64, Verdict>> {
        // A poisoned lock holds a whole map all the same.
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Handler for Validator {
    /// RAW answers, and there is room for what comes of a page. RAW's epoch is read each time: a stream that was made
    /// anew counts its sequences from 1 again.
    async fn ready(&self) -> Result<(), Unavailable> {
        let epoch = self.client.raw_epoch().await?;
        if self.epoch.swap(epoch, Ordering::Relaxed) != epoch {
            self.done().clear();
        }
        if !self.proven.load(Ordering::Relaxed) {
            // A page taken in vain counts as delivered: after five restarts it would be given up.
            self.client.room_in("DLQ").await?;
        }
        room::look(&self.client).await
    }

    async fn handle(&self, batch: &[Delivery]) -> Result<Vec<Verdict>, Unavailable> {
        let pages: Vec<_> =
            batch.iter().map(|delivery| self.page(delivery).instrument(delivery.span.clone())).collect();
        let verdicts: Vec<Result<Verdict, Unavailable>> =
            stream::iter(pages).buffered(IN_FLIGHT).collect().await;
        let verdicts = verdicts.into_iter().collect::<Result<Vec<_>, _>>();
        self.proven.store(verdicts.is_ok(), Ordering::Relaxed);
        let verdicts = verdicts?;
        self.done().clear();
        Ok(verdicts)
    }

    async fn reject(&self, delivery: &Delivery, why: GiveUp) -> Result<Option<Outgoing>, Unavailable> {
        self.numbers.rejected();
        Ok(Some(self.court.give_up(&self.arrival(delivery), why)))
    }
}

fn record(span: &Span, decision: &Decision, delivery: &Delivery) {
    let (subject, seq) = (&delivery.stored.subject, delivery.stored.seq);
    match decision {
        Decision::Rejected { reason, .. } => {
            span.record("kansoku.rejected", reason.as_str());
            tracing::warn!(subject, seq, reason, "rejected page {seq} of {subject}: {reason}");
        }
        Decision::Judged { tally: Tally { accepted, dead, .. }, .. } => {
            span.record("kansoku.rows.accepted", i64::from(*accepted));
            span.record("kansoku.rows.dead", i64::from(*dead));
            if *dead > 0 {
                tracing::info!(subject, seq, accepted, dead, "page {seq} of {subject} has {dead} dead rows");
            }
        }
    }
}

/// What we publish is never too large and expects no sequence, so anything but `Unavailable` is a defect: hold, drop nothing.
fn held(error: PublishError) -> Unavailable {
    match error {
        PublishError::Unavailable(away) => away,
        other => Unavailable::new("nats", other)
            .with_remediation("this is a defect of the program or of the stream's limits"),
    }
}
