//! `fetcher run`.

use std::{
    collections::HashSet,
    ops::ControlFlow,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use kansoku_runs::Ledger;
use kansoku_schemas::Dataset;
use kansoku_service::{Context, LogThrottle};

use super::{ClientContext, FOR_EVER, sources::Sources, streams};
use crate::{
    capture::RunOutcome,
    captures::Captures,
    metrics::Metrics,
    schedule::{Due, Scheduler},
    settings::Settings,
    stale::end_stale,
    upstream::RequestError,
};

/// How long it sleeps at most: the calendar may be set anew, and others capture too.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// How long at least.
const SHORTEST_SLEEP: Duration = Duration::from_millis(50);

/// Captures on schedule until the process is stopped.
pub async fn run(mut context: Context<Settings>) -> Result<()> {
    kansoku_service::serve(&context, &context.config.http, kansoku_service::admin_router(&context)).await?;
    let connecting = kansoku_nats::Client::connect(&context.config.nats, "fetcher", &context);
    let Some(client) = context.stop.run_until(connecting).await else { return Ok(()) };
    let streams = streams(&context, client?, FOR_EVER);
    let upstreams = context.config.upstream.clone();
    let client_context = ClientContext::new(&mut context, &upstreams, streams);
    let sources = Sources::new(&context, &upstreams, &client_context)?;
    let ClientContext { ledger, metrics, .. } = client_context;
    let unknown = "no capture has ended since this start; `bin/fetcher probe` says how each base URL stands";
    context.health.optional("upstream").unavailable(unknown);
    let mut service = Service {
        scheduler: Scheduler::new(&context.config.schedule),
        throttle: LogThrottle::default(),
        context,
        sources,
        ledger,
        metrics,
        watched: None,
    };
    service.run().await
}

struct Service {
    context: Context<Settings>,
    sources: Sources,
    ledger: Ledger,
    metrics: Metrics,
    scheduler: Scheduler,
    throttle: LogThrottle,
    /// When all lists were looked at in RUN.
    watched: Option<Instant>,
}

impl Service {
    async fn run(&mut self) -> Result<()> {
        let stop = self.context.stop.clone();
        while !stop.is_stopped() {
            self.watch().await;
            for due in self.scheduler.due(self.context.clock.now()) {
                // An outage is waited for, not met again and again.
                let Some(unavailable) = stop.run_until(self.sources.unavailable_for()).await else { break };
                if unavailable?.is_some() {
                    break;
                }
                if self.context.clock.now() < due.until {
                    self.capture_due(&due).await;
                    self.show(due.dataset).await;
                }
            }
            let now = self.context.clock.now();
            let Some(next) = self.scheduler.next(now) else {
                stop.stopped().await;
                break;
            };
            // What another process works on is looked at again: it may have died. And so is an upstream that is left alone.
            let mut pause = self.longest_sleep();
            let Some(unavailable) = stop.run_until(self.sources.unavailable_for()).await else { break };
            if let Some(time) = unavailable? {
                pause = pause.min(time.max(SHORTEST_SLEEP));
            }
            stop.run_until(tokio::time::sleep(self.context.clock.until(next).min(pause))).await;
        }
        Ok(())
    }

    /// Captures what is due unless it is there, and notes how far its slot has come.
    async fn capture_due(&mut self, due: &Due) {
        let upstream = self.context.health.optional("upstream");
        match self.capture(due).await {
            Ok(RunOutcome::Stopped | RunOutcome::HeldElsewhere) => {}
            Ok(RunOutcome::Partial) => {
                upstream.unavailable(format!(
                    "the last run of {} misses pages; `fetcher runs` says which",
                    due.dataset
                ));
                self.scheduler.partial(due, self.context.clock.now());
            }
            Ok(RunOutcome::Complete) => {
                upstream.ready();
                self.scheduler.complete(due);
            }
            Ok(RunOutcome::AlreadyComplete) => self.scheduler.complete(due),
            Err(error) => {
                let cause = match error.downcast_ref() {
                    Some(RequestError::Unavailable { why, .. }) => why.clone(),
                    _ => format!("{error:#}"),
                };
                if let Some(left_out) = self.throttle.should_log(&cause, self.context.clock.monotonic()) {
                    tracing::error!(dataset = %due.dataset, left_out, "capture {}: {error:#}", due.dataset);
                }
                upstream.unavailable(format!("{error:#}"));
            }
        }
    }

    async fn capture(&self, due: &Due) -> Result<RunOutcome> {
        let Self { context, sources, ledger, metrics, .. } = self;
        let configured: Vec<&str> =
            context.config.upstream.iter().map(|upstream| upstream.source.as_str()).collect();
        let (now, heartbeat) = (context.clock.now(), context.config.client.heartbeat());
        let ending = end_stale(ledger, now, due.dataset, due.slot, heartbeat, &configured);
        match context.stop.run_until(ending).await {
            Some(missed) => {
                for _ in 0..missed.context("end the runs that were left")? {
                    metrics.ended(false);
                }
            }
            None => return Ok(RunOutcome::Stopped),
        }
        let Some(first) = context.stop.run_until(sources.first_usable()).await else {
            return Ok(RunOutcome::Stopped);
        };
        let catalogue = first?.client.upstream().catalogue;
        let mut found = None;
        let looking = ledger.look_back(due.dataset, due.slot, |run| {
            if due.is_met_by(run, catalogue) {
                found = Some((run.captured_at, run.source.clone()));
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        let Some(looked) = context.stop.run_until(looking).await else { return Ok(RunOutcome::Stopped) };
        looked.context("look for a capture in this slot")?;
        if let Some((captured_at, source)) = found {
            let (dataset, until) = (due.dataset, due.until);
            tracing::info!(
                %dataset, source, %captured_at, %until,
                "{dataset} was captured at {captured_at} from {source} already; its next slot begins at {until}"
            );
            return Ok(RunOutcome::AlreadyComplete);
        }
        sources.capture((due.dataset, due.slot), context.clock.now(), due.pages, &context.stop).await
    }

    fn longest_sleep(&self) -> Duration {
        self.context.config.client.heartbeat().min(LONGEST_SLEEP)
    }

    /// Shows now and then how the captures of every list went: others capture too, by hand for instance.
    async fn watch(&mut self) {
        let now = self.context.clock.monotonic();
        if self.watched.is_some_and(|last| now.duration_since(last) < self.longest_sleep()) {
            return;
        }
        self.watched = Some(now);
        let (schedule, now) = (&self.context.config.schedule, self.context.clock.now());
        let datasets: HashSet<Dataset> = schedule.iter().flat_map(|entry| entry.dataset.at(now)).collect();
        for dataset in datasets {
            self.show(dataset).await;
        }
    }

    /// Shows how the captures of a list went.
    async fn show(&mut self, dataset: Dataset) {
        let Self { context, ledger, metrics, throttle, .. } = self;
        let reading = Captures::read(ledger, dataset, &context.config.upstream, context.clock.now());
        match context.stop.run_until(reading).await {
            Some(Ok(captures)) => metrics.captures(dataset, captures),
            Some(Err(error)) => {
                let cause = format!("read RUN: {error}");
                if let Some(left_out) = throttle.should_log(&cause, context.clock.monotonic()) {
                    tracing::warn!(%dataset, left_out, "how the captures of {dataset} went is not known: {error:#}");
                }
            }
            None => {}
        }
    }
}
