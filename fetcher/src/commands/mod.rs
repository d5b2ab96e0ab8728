//! The wiring of each command.

mod backfill;
mod bars;
mod export;
mod history;
mod import;
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

use anyhow::{Context as _, Result, anyhow};
use chrono::{DateTime, Utc};
use kansoku_nats::ConnectError;
use kansoku_schemas::Dataset;
use kansoku_service::Context;

pub use self::{
    backfill::backfill, export::export, history::history, import::import, once::once, plan::show_plan,
    probe::probe, run::run, runs::runs,
};
use crate::{
    capture::Capturer,
    link::Link,
    metrics::Metrics,
    publish::Publisher,
    runs::{Ledger, RunMeta},
    settings::{Settings, Upstream},
    upstream,
};

/// How long a command for a person waits for NATS before it says so.
const SOON: Duration = Duration::from_secs(10);
/// How long a command waits for NATS in the middle of its work.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the service waits: until it is stopped.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Connects for a person, who would rather read what is wrong than wait.
async fn soon(context: &Context<Settings>) -> Result<(Ledger, Publisher)> {
    Ok(publishing(context, link_soon(context).await?))
}

async fn link_soon(context: &Context<Settings>) -> Result<Arc<Link>> {
    let nats = &context.config.nats;
    let connected = kansoku_nats::Client::connect_soon(nats, "fetcher", context, SOON).await;
    let client = connected.map_err(|error| match error {
        ConnectError::Unavailable { .. } => {
            anyhow!("{error}; `make up` starts it, nats.url (FETCHER_NATS__URL) says where it is")
        }
        ConnectError::Refused { .. } => {
            let key = nats.nkey_file.as_ref().map_or("no key is given".to_owned(), |file| {
                format!("the key in {} is none that it knows", file.display())
            });
            anyhow!(
                "{error}: {key}. nats.nkey_file (FETCHER_NATS__NKEY_FILE) names the file of the key, nats.url \
                 (FETCHER_NATS__URL) the server: is it the one of this installation?"
            )
        }
        other => other.into(),
    })?;
    Ok(link(context, client, PATIENCE))
}

/// Prints a closing table, for a person or as JSON.
fn print_table(table: &(impl std::fmt::Display + serde::Serialize), json: bool) -> Result<()> {
    let text = if json {
        serde_json::to_string_pretty(table).context("write the table")? + "\n"
    } else {
        table.to_string()
    };
    kansoku_service::print(&text)?;
    Ok(())
}

fn link(context: &Context<Settings>, client: kansoku_nats::Client, patience: Duration) -> Arc<Link> {
    let link = Link::new(client, Arc::clone(&context.clock), patience, &context.health);
    Arc::new(link.archived(context.config.archive.dir.is_some()))
}

fn publishing(context: &Context<Settings>, link: Arc<Link>) -> (Ledger, Publisher) {
    let clock = &context.clock;
    let ledger = Ledger::new(Arc::clone(&link), Arc::clone(clock), context.instance.clone());
    let publisher = Publisher::new(link, Arc::clone(clock), context.instance.clone());
    (ledger, publisher)
}

/// What captures go through. Only they live by the calendar of `[fast]`, where their upstreams may: streams and files keep
/// the real time.
fn capturing(
    context: &mut Context<Settings>,
    upstreams: &[Upstream],
    link: Arc<Link>,
) -> (Ledger, Publisher) {
    if let Some(fast) = context.config.fast.filter(|_| upstreams.iter().all(Upstream::is_loopback)) {
        context.clock = fast.clock();
    }
    publishing(context, link)
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
