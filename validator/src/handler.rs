//! The validator as the consume loop sees it: the loop publishes what is decided here, and settles.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use kansoku_nats::{Client, Delivery, GiveUp, Handler, Outgoing, Verdict, dead_letter::ServiceInstance};
use kansoku_schemas::Deployed;
use kansoku_service::{Clock, LogThrottle, Unavailable};
use tracing::{Span, field::Empty};

use crate::{
    capacity,
    decide::{Decision, Validator},
    metrics::ValidatorMetrics,
    page::RawPage,
};

pub(crate) struct Pages {
    client: Client,
    deployed: Deployed,
    by: Arc<ServiceInstance>,
    clock: Arc<dyn Clock>,
    metrics: ValidatorMetrics,
    epoch: AtomicU64,
    /// A batch was decided on, so DLQ had capacity once.
    has_begun: AtomicBool,
    throttle: LogThrottle,
}

impl Pages {
    pub(crate) fn new(
        client: Client,
        deployed: Deployed,
        by: ServiceInstance,
        clock: Arc<dyn Clock>,
        metrics: ValidatorMetrics,
    ) -> Self {
        let (epoch, has_begun) = (AtomicU64::default(), AtomicBool::default());
        let throttle = LogThrottle::default();
        Self { client, deployed, by: by.into(), clock, metrics, epoch, has_begun, throttle }
    }

    /// By the schemas of now; a page is judged by one judge to its end.
    fn validator(&self) -> Validator {
        Validator { judge: self.deployed.judge(), by: Arc::clone(&self.by) }
    }

    fn page<'a>(&self, delivery: &'a Delivery) -> RawPage<'a> {
        RawPage { delivery, epoch: self.epoch.load(Ordering::Relaxed), now: self.clock.now() }
    }

    fn decide(&self, delivery: &Delivery) -> Verdict {
        let span = tracing::info_span!(
            parent: &delivery.span,
            "judge",
            kansoku.rows.accepted = Empty,
            kansoku.rows.dead = Empty,
            kansoku.rejected = Empty,
        );
        let _inside = span.enter();
        let started = self.clock.monotonic();
        let decision = self.validator().decide(&self.page(delivery));
        self.metrics.took(self.clock.monotonic().duration_since(started));
        self.record(&span, &decision, delivery);
        decision.verdict
    }

    fn record(&self, span: &Span, Decision { verdict, counts }: &Decision, delivery: &Delivery) {
        let (subject, seq) = (&delivery.stored.subject, delivery.stored.seq);
        if let Verdict::Reject(_, reason) = verdict {
            self.metrics.rejected();
            span.record("kansoku.rejected", reason.as_str());
            if let Some(left_out) = self.throttle.should_log(reason, self.clock.monotonic()) {
                tracing::warn!(subject, seq, reason, left_out, "rejected page {seq} of {subject}: {reason}");
            }
            return;
        }
        self.metrics.judged(counts);
        let (accepted, dead) = (counts.accepted, counts.dead);
        span.record("kansoku.rows.accepted", i64::from(accepted));
        span.record("kansoku.rows.dead", i64::from(dead));
        if dead > 0 {
            tracing::info!(subject, seq, accepted, dead, "page {seq} of {subject} has {dead} dead rows");
        }
    }
}

impl Handler for Pages {
    const OUTPUTS: &'static [&'static str] = &["DLQ", "VALID"];

    /// RAW answers, and there is capacity for what comes of a page. RAW's epoch is read each time: a stream that was
    /// made anew counts its sequences from 1 again.
    async fn ready(&self) -> Result<(), Unavailable> {
        self.epoch.store(self.client.raw_epoch().await?, Ordering::Relaxed);
        if !self.has_begun.load(Ordering::Relaxed) {
            // A page taken in vain counts as delivered: after five restarts it would be given up.
            self.client.check_headroom("DLQ").await?;
        }
        capacity::check(&self.client).await
    }

    async fn handle(&self, batch: &[Delivery]) -> Result<Vec<Verdict>, Unavailable> {
        self.has_begun.store(true, Ordering::Relaxed);
        Ok(batch.iter().map(|delivery| self.decide(delivery)).collect())
    }

    async fn reject(&self, delivery: &Delivery, why: GiveUp) -> Result<Option<Outgoing>, Unavailable> {
        self.metrics.rejected();
        Ok(Some(self.validator().give_up(&self.page(delivery), &why)))
    }
}
