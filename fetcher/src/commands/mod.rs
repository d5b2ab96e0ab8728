//! The wiring of each command.

mod backfill;
mod bars;
mod once;
mod plan;
mod probe;
mod run;
mod runs;
mod sources;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Result;
use chrono::{DateTime, Utc};
use kansoku_runs::{Ledger, Publisher, RunMeta, Streams};
use kansoku_schemas::Dataset;
use kansoku_service::{Clock, Context};

pub use self::{backfill::backfill, once::once, plan::show_plan, probe::probe, run::run, runs::runs};
use crate::{
    capture::Capturer,
    metrics::Metrics,
    settings::Settings,
    upstream::{Client, Common, Store, Upstream},
};

/// How long the service waits: until it is stopped.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Connects for a person, who would rather read what is wrong than wait.
async fn connect_soon(context: &Context<Settings>) -> Result<Arc<Streams>> {
    kansoku_runs::connect_soon(context, &context.config.nats, "fetcher", context.config.raw.archived).await
}

fn streams(context: &Context<Settings>, client: kansoku_nats::Client, patience: Duration) -> Arc<Streams> {
    let streams = Streams::new(client, Arc::clone(&context.clock), patience, &context.health);
    Arc::new(streams.archived(context.config.raw.archived))
}

/// What captures work with beside their upstream.
struct ClientContext {
    ledger: Ledger,
    publisher: Publisher,
    store: Store,
    /// The real time, also where `context.clock` is a calendar that runs fast.
    real: Arc<dyn Clock>,
    metrics: Metrics,
}

impl ClientContext {
    /// Only captures live by the calendar of `[fast]`, where their upstreams may: streams and limits keep the real time.
    fn new(context: &mut Context<Settings>, upstreams: &[Upstream], streams: Arc<Streams>) -> Self {
        let real = Arc::clone(&context.clock);
        let fast = context.config.fast.filter(|_| upstreams.iter().all(Upstream::is_loopback));
        if let Some(fast) = fast {
            context.clock = fast.clock();
        }
        let (clock, instance) = (&context.clock, &context.instance);
        Self {
            ledger: Ledger::new(Arc::clone(&streams), Arc::clone(clock), instance.clone()),
            publisher: Publisher::new(
                Arc::clone(&streams),
                Arc::clone(clock),
                context.service,
                instance.clone(),
            ),
            store: Store::Shared(streams),
            real,
            metrics: Metrics::register(&context.metrics).by_calendar(fast),
        }
    }

    fn capturer(
        &self,
        context: &Context<Settings>,
        upstream: Upstream,
        has_alternatives: bool,
    ) -> Result<Capturer> {
        let (store, real, metrics) = (self.store.clone(), Arc::clone(&self.real), self.metrics.clone());
        let common = common(context, store, real, metrics, has_alternatives);
        Ok(Capturer {
            client: Client::new(&context.config.client, &context.config.limits, upstream, common)?,
            ledger: self.ledger.clone(),
            publisher: self.publisher.clone(),
            metrics: self.metrics.clone(),
            clock: Arc::clone(&context.clock),
            heartbeat: context.config.client.heartbeat(),
            resumes: true,
            report: Arc::new(|_, _, _| ()),
            leases: Mutex::default(),
        })
    }
}

fn common(
    context: &Context<Settings>,
    store: Store,
    real: Arc<dyn Clock>,
    metrics: Metrics,
    has_alternatives: bool,
) -> Common {
    let clock = Arc::clone(&context.clock);
    // The instance has a random part.
    let mix = |seed: u64, byte: u8| seed.wrapping_mul(31).wrapping_add(u64::from(byte));
    let seed = context.instance.bytes().fold(0, mix);
    Common { clock, real, store, metrics, seed, has_alternatives }
}

fn meta(capturer: &Capturer, dataset: Dataset, slot: DateTime<Utc>, now: DateTime<Utc>) -> RunMeta {
    let upstream = capturer.client.upstream();
    let (source, catalogue) = (upstream.source.clone(), upstream.catalogue);
    RunMeta { run: capturer.run_of(dataset, slot), dataset, source, catalogue, captured_at: now }
}
