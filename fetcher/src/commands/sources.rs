//! The configured base URLs, and failing over from one to the next.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use chrono::{DateTime, Utc};
use kansoku_runs::patience;
use kansoku_schemas::Dataset;
use kansoku_service::{Context, Stop};

use super::{ClientContext, meta};
use crate::{
    capture::{Capturer, Report, RunOutcome},
    settings::Settings,
    upstream::{RequestError, Upstream},
};

/// A capturer for each base URL, in their order.
pub(super) struct Sources(Vec<Capturer>);

impl Sources {
    pub(super) fn new(
        context: &Context<Settings>,
        upstreams: &[Upstream],
        client_context: &ClientContext,
    ) -> Result<Self> {
        let has_alternatives = upstreams.len() > 1;
        let make = |upstream: &Upstream| client_context.capturer(context, upstream.clone(), has_alternatives);
        Ok(Self(upstreams.iter().map(make).collect::<Result<_>>()?))
    }

    /// The same, but a run that is left because of its upstream ends at once.
    pub(super) fn once(mut self) -> Self {
        self.0.iter_mut().for_each(|capturer| capturer.resumes = false);
        self
    }

    /// The same, telling of each page how many its list has and how many came.
    pub(super) fn reporting(
        mut self,
        report: impl Fn(Dataset, u64, Option<u32>) + Send + Sync + 'static,
    ) -> Self {
        let report: Arc<Report> = Arc::new(report);
        for capturer in &mut self.0 {
            capturer.report = Arc::clone(&report);
        }
        self
    }

    /// The first base URL that is not left alone; the first of all where there is none.
    pub(super) async fn first_usable(&self) -> Result<&Capturer> {
        for capturer in &self.0 {
            if capturer.client.unavailable_for().await?.is_none() {
                return Ok(capturer);
            }
        }
        Ok(&self.0[0])
    }

    /// For how long all of them are left alone, if they are.
    pub(super) async fn unavailable_for(&self) -> Result<Option<Duration>> {
        let mut least = None;
        for capturer in &self.0 {
            let Some(time) = capturer.client.unavailable_for().await? else { return Ok(None) };
            least = Some(least.map_or(time, |least: Duration| least.min(time)));
        }
        Ok(least)
    }

    /// The same as [`Sources::capture`], but of a run that another process has begun it waits for a word: it goes on when
    /// the other has ended it, or says no more. `wait` hears once how long that may take.
    pub(super) async fn capture_or_take_over(
        &self,
        target: (Dataset, DateTime<Utc>),
        now: DateTime<Utc>,
        pages: u32,
        stop: &Stop,
        mut wait: impl FnMut(Duration),
    ) -> Result<RunOutcome> {
        let Capturer { heartbeat, clock, .. } = &self.0[0];
        let (patience, since) = (patience(*heartbeat), clock.monotonic());
        let mut waits = false;
        loop {
            let outcome = self.capture(target, now, pages, stop).await?;
            if outcome != RunOutcome::HeldElsewhere || clock.monotonic().duration_since(since) >= patience {
                return Ok(outcome);
            }
            if !std::mem::replace(&mut waits, true) {
                wait(patience);
            }
            if stop.run_until(tokio::time::sleep(*heartbeat / 4)).await.is_none() {
                return Ok(RunOutcome::Stopped);
            }
        }
    }

    /// Captures a dataset from the first base URL that works. One run never mixes sources: where a base URL is left in
    /// the middle, the next one begins another run at page 1.
    pub(super) async fn capture(
        &self,
        (dataset, slot): (Dataset, DateTime<Utc>),
        now: DateTime<Utc>,
        pages: u32,
        stop: &Stop,
    ) -> Result<RunOutcome> {
        let mut failovers = 0;
        loop {
            let Some(capturer) = stop.run_until(self.first_usable()).await else {
                return Ok(RunOutcome::Stopped);
            };
            let capturer = capturer?;
            let captured = capturer.capture(meta(capturer, dataset, slot, now), pages, stop).await;
            let error = captured.as_ref().err().and_then(|error| error.downcast_ref());
            let Some(RequestError::Unavailable { url, until, why }) = error else { return captured };
            failovers += 1;
            if failovers == self.0.len() || capturer.client.unavailable_for().await?.is_none() {
                return captured;
            }
            tracing::warn!(%dataset, "{url} is left alone until {until} ({why}); {dataset} begins anew on another");
        }
    }
}
