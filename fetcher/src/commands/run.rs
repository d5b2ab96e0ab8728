//! `fetcher run`.

use std::{collections::HashSet, ops::ControlFlow, time::Duration};

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use kansoku_runs::Ledger;
use kansoku_schemas::Dataset;
use kansoku_service::Context;

use super::{FOR_EVER, capturing, sources::Sources, streams};
use crate::{
    capture::Ended,
    metrics::Metrics,
    schedule::{Agenda, Due, Entry},
    settings::Settings,
    upstream::{AskError, quiet::Quiet},
};

/// How long it sleeps at most: the calendar may be set anew.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// How long at least: Redis may see the end of a cool-down a little later.
const SHORTEST_SLEEP: Duration = Duration::from_millis(50);
/// How far back the last complete runs are looked for at the start: a weekly one is in it.
const REMEMBERED: TimeDelta = TimeDelta::days(9);

/// Captures on schedule until the process is stopped.
pub async fn run(mut context: Context<Settings>) -> Result<()> {
    kansoku_service::serve(&context, &context.config.http, kansoku_service::admin_router(&context)).await?;
    let connecting = kansoku_nats::Client::connect(&context.config.nats, "fetcher", &context);
    let Some(client) = context.stop.run_until(connecting).await else { return Ok(()) };
    let streams = streams(&context, client?, FOR_EVER);
    let upstreams = context.config.upstream.clone();
    let road = capturing(&mut context, &upstreams, streams);
    let metrics = Metrics::register(&context.metrics);
    let ledger = road.0.clone();
    if context
        .stop
        .run_until(remember(&ledger, &metrics, &context.config.schedule, context.clock.now()))
        .await
        .is_none()
    {
        return Ok(());
    }
    let sources = Sources::new(&context, &upstreams, road, &metrics)?;
    let mut agenda = Agenda::new(&context.config.schedule);
    let mut quiet = Quiet::default();
    while !context.stop.is_stopped() {
        for due in agenda.due(context.clock.now()) {
            // An outage is waited for, not captured again and again.
            if sources.away_until().await.is_some() {
                break;
            }
            if context.clock.now() < due.until && settle(&context, &sources, &ledger, &due, &mut quiet).await
            {
                agenda.done(&due);
            }
        }
        let now = context.clock.now();
        let Some(next) = agenda.next(now) else {
            context.stop.stopped().await;
            break;
        };
        // What another process works on is looked at again: it may have died. And so is an upstream that is left alone.
        let mut look =
            if agenda.due(now).is_empty() { LONGEST_SLEEP } else { context.config.client.heartbeat() };
        if let Some(until) = sources.away_until().await {
            look = look.min(context.clock.until(until).max(SHORTEST_SLEEP));
        }
        let pause = context.clock.until(next).min(look);
        context.stop.run_until(tokio::time::sleep(pause)).await;
    }
    Ok(())
}

/// Shows when each dataset was captured last, as RUN knows it from before this process.
async fn remember(ledger: &Ledger, metrics: &Metrics, schedule: &[Entry], now: DateTime<Utc>) {
    let datasets: HashSet<Dataset> = schedule.iter().flat_map(|entry| entry.dataset.at(now)).collect();
    for dataset in datasets {
        let looking = ledger.look_back(dataset, now - REMEMBERED, |run| {
            if run.is_complete() {
                metrics.complete(run.dataset, run.at);
            }
            ControlFlow::Continue(())
        });
        if let Err(error) = looking.await {
            tracing::warn!(%dataset, "the last complete run of {dataset} is not known: {error:#}");
        }
    }
}

/// Captures what is due unless it is there; whether its slot asks for nothing more.
async fn settle(
    context: &Context<Settings>,
    sources: &Sources,
    ledger: &Ledger,
    due: &Due,
    quiet: &mut Quiet,
) -> bool {
    let upstream = context.health.optional("upstream");
    match capture(context, sources, ledger, due).await {
        Ok(Ended::Stopped | Ended::Elsewhere) => false,
        Ok(Ended::Incomplete) => {
            upstream.unavailable(format!(
                "the last run of {} misses pages; `fetcher runs` says which",
                due.dataset
            ));
            true
        }
        Ok(Ended::Complete) => {
            upstream.ready();
            true
        }
        Ok(Ended::AlreadyThere) => true,
        Err(error) => {
            let cause = match error.downcast_ref() {
                Some(AskError::Gone { why, .. }) => why.clone(),
                _ => format!("{error:#}"),
            };
            if let Some(passed_over) = quiet.speaks(&cause, context.clock.monotonic()) {
                tracing::error!(dataset = %due.dataset, passed_over, "capture {}: {error:#}", due.dataset);
            }
            upstream.unavailable(format!("{error:#}"));
            false
        }
    }
}

async fn capture(
    context: &Context<Settings>,
    sources: &Sources,
    ledger: &Ledger,
    due: &Due,
) -> Result<Ended> {
    let asked: Vec<&str> = context.config.upstream.iter().map(|upstream| upstream.source.as_str()).collect();
    let ending = ledger.end_stale(due.dataset, due.slot, context.config.client.heartbeat(), &asked);
    match context.stop.run_until(ending).await {
        Some(ended) => ended.context("end the runs that were left")?,
        None => return Ok(Ended::Stopped),
    }
    let catalogue = sources.first_usable().await.client.upstream().catalogue;
    let mut found = None;
    let looking = ledger.look_back(due.dataset, due.slot, |run| {
        if due.is_met_by(run, catalogue) {
            found = Some((run.captured_at, run.source.clone()));
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    let Some(looked) = context.stop.run_until(looking).await else { return Ok(Ended::Stopped) };
    looked.context("look for a capture in this slot")?;
    if let Some((captured_at, source)) = found {
        let (dataset, until) = (due.dataset, due.until);
        tracing::info!(
            %dataset, source, %captured_at, %until,
            "{dataset} was captured at {captured_at} from {source} already; its next slot begins at {until}"
        );
        return Ok(Ended::AlreadyThere);
    }
    sources.capture((due.dataset, due.slot), context.clock.now(), due.pages, &context.stop).await
}
