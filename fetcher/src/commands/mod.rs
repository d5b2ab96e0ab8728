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
use kansoku_service::Context;

pub use self::{backfill::backfill, once::once, plan::show_plan, probe::probe, run::run, runs::runs};
use crate::{
    capture::Capturer,
    metrics::Metrics,
    settings::{Settings, Upstream},
    upstream,
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

fn publishing(context: &Context<Settings>, streams: Arc<Streams>) -> (Ledger, Publisher) {
    let clock = &context.clock;
    let ledger = Ledger::new(Arc::clone(&streams), Arc::clone(clock), context.instance.clone());
    let publisher = Publisher::new(streams, Arc::clone(clock), context.service, context.instance.clone());
    (ledger, publisher)
}

/// What captures go through. Only they live by the calendar of `[fast]`, where their upstreams may: streams and files keep
/// the real time.
fn capturing(
    context: &mut Context<Settings>,
    upstreams: &[Upstream],
    streams: Arc<Streams>,
) -> (Ledger, Publisher) {
    if let Some(fast) = context.config.fast.filter(|_| upstreams.iter().all(Upstream::is_loopback)) {
        context.clock = fast.clock();
    }
    publishing(context, streams)
}

fn capturer(
    context: &Context<Settings>,
    upstream: Upstream,
    others: bool,
    ledger: Ledger,
    publisher: Publisher,
    metrics: Metrics,
) -> Result<Capturer> {
    let health = context.health.optional("redis");
    let shared =
        upstream::Shared::new(context.config.redis.url.expose(), Arc::clone(&context.clock), health)?;
    let common = common(context, Arc::new(shared), metrics.clone(), others);
    let client = upstream::Client::new(&context.config.client, &context.config.limits, upstream, common)?;
    Ok(Capturer {
        client,
        ledger,
        publisher,
        metrics,
        clock: Arc::clone(&context.clock),
        heartbeat: context.config.client.heartbeat(),
        again: true,
        report: Arc::new(|_, _, _| ()),
        leases: Mutex::default(),
    })
}

fn common(
    context: &Context<Settings>,
    shared: Arc<upstream::Shared>,
    metrics: Metrics,
    others: bool,
) -> upstream::Common {
    let clock = Arc::clone(&context.clock);
    // The instance has a random part.
    let mix = |seed: u64, byte: u8| seed.wrapping_mul(31).wrapping_add(u64::from(byte));
    let seed = context.instance.bytes().fold(0, mix);
    upstream::Common { clock, shared: Some(shared), metrics, seed, others }
}

fn meta(capturer: &Capturer, dataset: Dataset, slot: DateTime<Utc>, now: DateTime<Utc>) -> RunMeta {
    let upstream = capturer.client.upstream();
    let (source, catalogue) = (upstream.source.clone(), upstream.catalogue);
    RunMeta { run: capturer.run_of(dataset, slot), dataset, source, catalogue, captured_at: now }
}
