//! The command line, and the wiring of each command.

use std::{io::IsTerminal, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use kansoku_schemas::{Catalogue, Dataset};
use kansoku_service::{Common, Context};

use crate::{
    capture::{Capturer, Ended},
    import::{loose::Told, sources, table::Table, work::Importer},
    metrics::Metrics,
    publish::Publisher,
    runs::{Ledger, RunMeta},
    schedule,
    settings::Settings,
    upstream,
};

/// How long a command for a person waits for NATS before it says so.
const SOON: Duration = Duration::from_secs(10);
/// How long a command waits for NATS in the middle of its work.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the service waits: until it is stopped.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Brings pages into RAW: from an upstream on a schedule, or from recordings
#[derive(Parser)]
#[command(version)]
pub struct Cli {
    #[command(flatten)]
    /// Configuration.
    pub common: Common,
    #[command(subcommand)]
    /// What to do.
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Capture on schedule until stopped
    Run,
    /// Capture datasets now, all their pages
    Once(Once),
    /// Put recordings on the road
    Import(Import),
}

/// What `once` captures.
#[derive(Args)]
pub struct Once {
    /// What: top.score, season.now, season.2026.fall, genres …
    #[arg(required = true)]
    datasets: Vec<Dataset>,
    /// Ask this base URL instead of the configured one (its source is then its address)
    #[arg(long)]
    base_url: Option<String>,
    /// The family of titles of --base-url
    #[arg(long, default_value = "mal", requires = "base_url")]
    catalogue: Catalogue,
    /// The source of --base-url
    #[arg(long, requires = "base_url")]
    source: Option<String>,
    /// The most pages of each
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pages: u32,
}

/// What `import` reads.
#[derive(Args)]
pub struct Import {
    /// Folders with an index captures.json, archives (.jsonl, .jsonl.zst), files of one page, or - for standard input
    #[arg(required = true)]
    paths: Vec<String>,
    /// What a single file is a page of
    #[arg(long)]
    dataset: Option<Dataset>,
    /// When a single file was recorded (RFC 3339)
    #[arg(long)]
    captured_at: Option<DateTime<Utc>>,
    /// The address a single file was fetched from
    #[arg(long)]
    url: Option<String>,
    /// The page number of a single file
    #[arg(long)]
    page: Option<u32>,
    /// Where the bytes came from, where the recording does not say
    #[arg(long)]
    source: Option<String>,
    /// The family of titles, where the recording does not say
    #[arg(long, default_value = "mal")]
    catalogue: Catalogue,
    /// Print the table as JSON
    #[arg(long)]
    json: bool,
}

/// `fetcher import`.
pub async fn import(context: Context<Settings>, what: Import) -> Result<()> {
    let told = Told {
        dataset: what.dataset,
        captured_at: what.captured_at,
        url: what.url,
        page: what.page,
        source: what.source,
        catalogue: what.catalogue,
    };
    // All are opened before the first is published: a wrong name among them changes nothing.
    let opened: Vec<_> = what.paths.iter().map(|path| sources::open(path, &told)).collect::<Result<_>>()?;
    let (ledger, publisher) = soon(&context).await?;
    let importer = Importer { ledger, publisher };
    let bar = progress();
    let mut failures = 0_u64;
    let recordings = Box::new(opened.into_iter().flatten());
    let table = importer
        .run(recordings, context.clock.now(), &mut |count| bar.set_position(count), &mut |error| {
            failures += 1;
            bar.suspend(|| eprintln!("{error:#}"));
        })
        .await;
    bar.finish_and_clear();
    print(&table, what.json)?;
    if failures > 0 || table.not_taken.contains_key("captured in the future") {
        bail!(
            "{failures} things went wrong; run the same command again after mending them, what is there stays"
        );
    }
    Ok(())
}

fn print(table: &Table, json: bool) -> Result<()> {
    if json {
        println!("{}", serde_json::to_string_pretty(table).context("write the table")?);
    } else {
        print!("{table}");
    }
    Ok(())
}

fn progress() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(120));
    bar.with_style(
        ProgressStyle::with_template("{spinner} {pos} captures read, {per_sec}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner()),
    )
}

/// `fetcher once`.
pub async fn once(context: Context<Settings>, what: Once) -> Result<()> {
    let mut upstream = context.config.upstream[0].clone();
    if let Some(url) = what.base_url {
        let source = what.source.unwrap_or_else(|| url.trim_end_matches('/').to_owned());
        upstream = crate::settings::Upstream { url, source, catalogue: what.catalogue };
    }
    let (ledger, publisher) = soon(&context).await?;
    let capturer = capturer(&context, upstream, ledger, publisher)?;
    let mut missing = Vec::new();
    for dataset in what.datasets {
        let now = context.clock.now();
        let meta = meta(&capturer, dataset, now, now);
        match capturer.capture(meta, what.pages, &context.stop).await? {
            Ended::Complete | Ended::AlreadyThere => println!("{dataset}: complete"),
            Ended::Incomplete => {
                println!("{dataset}: incomplete");
                missing.push(dataset.to_string());
            }
            Ended::Stopped => bail!("stopped"),
        }
    }
    if !missing.is_empty() {
        bail!("pages are missing of {}; the events on RUN say which", missing.join(", "));
    }
    Ok(())
}

/// `fetcher run`.
pub async fn run(context: Context<Settings>) -> Result<()> {
    kansoku_service::serve(&context, &context.config.http, kansoku_service::admin_router(&context)).await?;
    let connecting = kansoku_nats::Client::connect(&context.config.nats, "fetcher", &context);
    let Some(client) = context.stop.run_until(connecting).await else { return Ok(()) };
    let (ledger, publisher) = publishing(&context, client?, FOR_EVER);
    let capturer = capturer(&context, context.config.upstream[0].clone(), ledger, publisher)?;
    let upstream = context.health.optional("upstream");
    while !context.stop.is_stopped() {
        for entry in &context.config.schedule {
            let now = context.clock.now();
            let meta = meta(&capturer, entry.dataset, schedule::slot(now, entry.every_hours), now);
            let capturing = capturer.capture(meta, entry.pages, &context.stop);
            match capturing.await {
                Ok(Ended::Stopped) => return Ok(()),
                Ok(Ended::Incomplete) => {
                    upstream.away(format!("the last run of {} misses pages", entry.dataset))
                }
                Ok(Ended::Complete) => upstream.ready(),
                Ok(Ended::AlreadyThere) => {}
                Err(error) => {
                    tracing::error!(dataset = %entry.dataset, "capture {}: {error:#}", entry.dataset);
                    upstream.away(format!("{error:#}"));
                }
            }
        }
        let now = context.clock.now();
        let next =
            context.config.schedule.iter().map(|entry| schedule::next_slot(now, entry.every_hours)).min();
        let Some(next) = next else {
            context.stop.stopped().await;
            break;
        };
        let pause = (next - now).to_std().unwrap_or_default().min(Duration::from_secs(60));
        context.stop.run_until(tokio::time::sleep(pause)).await;
    }
    Ok(())
}

fn meta(capturer: &Capturer, dataset: Dataset, slot: DateTime<Utc>, now: DateTime<Utc>) -> RunMeta {
    let upstream = capturer.client.upstream();
    let (source, catalogue) = (upstream.source.clone(), upstream.catalogue);
    RunMeta { run: capturer.run_of(dataset, slot), dataset, source, catalogue, captured_at: now }
}

/// Connects for a person, who would rather read what is wrong than wait.
async fn soon(context: &Context<Settings>) -> Result<(Ledger, Publisher)> {
    let connecting = kansoku_nats::Client::connect(&context.config.nats, "fetcher", context);
    let client = tokio::time::timeout(SOON, connecting).await.map_err(|_| {
        anyhow::anyhow!(
            "NATS does not answer at {} within {SOON:?}; `make up` starts it",
            context.config.nats.url
        )
    })??;
    Ok(publishing(context, client, PATIENCE))
}

fn publishing(
    context: &Context<Settings>,
    client: kansoku_nats::Client,
    patience: Duration,
) -> (Ledger, Publisher) {
    let clock = Arc::clone(&context.clock);
    let ledger = Ledger::new(client, Arc::clone(&clock), context.instance.clone(), patience);
    let publisher = Publisher::new(ledger.clone(), clock, context.instance.clone());
    (ledger, publisher)
}

fn capturer(
    context: &Context<Settings>,
    upstream: crate::settings::Upstream,
    ledger: Ledger,
    publisher: Publisher,
) -> Result<Capturer> {
    let client = upstream::Client::new(&context.config.client, upstream)?;
    let metrics = Metrics::register(&context.metrics);
    Ok(Capturer { client, ledger, publisher, attempts: context.config.client.attempts, metrics })
}
