//! One capture of one dataset from an upstream: all its pages, one run.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use kansoku_runs::{
    Leases, Ledger, LedgerError, Open, Publisher, RunMeta,
    envelope::{self, Envelope, Refusal},
    publish::{PublishOutcome, sha256},
};
use kansoku_schemas::{Dataset, Reason, RunEventKind, RunId};
use kansoku_service::{Clock, Stop};

use crate::{
    metrics::Metrics,
    page_plan::{PageOutcome, Passes, is_hole, planned},
    upstream::{Answer, Client, RequestError, classes::Class},
    warnings,
};

/// How long a capture may take to end after it was stopped: NATS may be what it waits for.
const GRACE: Duration = Duration::from_secs(3);

/// Takes the list, how many of its pages came, and how many it has.
pub type Report = dyn Fn(Dataset, u64, Option<u32>) + Send + Sync;

/// What a capture works with.
pub struct Capturer {
    /// Sends requests.
    pub client: Client,
    /// Appends the events of runs.
    pub ledger: Ledger,
    /// Publishes pages.
    pub publisher: Publisher,
    /// Counts.
    pub metrics: Metrics,
    /// Measures silence.
    pub clock: Arc<dyn Clock>,
    /// How often at least an event of the run is appended.
    pub heartbeat: Duration,
    /// Whether a run that was left because of its upstream is resumed later.
    pub resumes: bool,
    /// Called after each page.
    pub report: Arc<Report>,
    /// What is known of runs that others work on.
    pub leases: Mutex<Leases>,
}

/// How a capture ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutcome {
    /// Every page is in RAW.
    Complete,
    /// Pages are missing; RUN says which. Another capture of the same slot requests them again.
    Partial,
    /// It was complete already.
    AlreadyComplete,
    /// Another process works on it.
    HeldElsewhere,
    /// It was stopped; the run can be resumed.
    Stopped,
}

/// What an upstream gives for a page.
type Requested = Result<(Answer, Result<Envelope, Refusal>), RequestError>;

impl Capturer {
    /// The run of a dataset in a slot.
    pub fn run_of(&self, dataset: Dataset, slot: DateTime<Utc>) -> RunId {
        RunId::scheduled(&self.client.upstream().source, &dataset, slot)
    }

    /// Captures a dataset: requests page after page until the list ends, goes on without a page that fails, and requests those
    /// that are missing once more in the end. A run that has ended without all its pages is resumed.
    pub async fn capture(&self, meta: RunMeta, max_pages: u32, stop: &Stop) -> Result<RunOutcome> {
        let stopped = async {
            stop.stopped().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            outcome = self.record(meta, max_pages, stop) => outcome,
            () = stopped => {
                tracing::warn!("the run could not be let go of: another process takes it over after a silence");
                Ok(RunOutcome::Stopped)
            }
        }
    }

    async fn record(&self, meta: RunMeta, max_pages: u32, stop: &Stop) -> Result<RunOutcome> {
        let dataset = meta.dataset;
        let mut open = self.ledger.open(meta).await.context("read how far the run has come")?;
        if open.state.has_ended() && open.state.is_complete() {
            self.leases().forget(&open.state.meta.run);
            return Ok(RunOutcome::AlreadyComplete);
        }
        if self.ledger.is_anothers(&open) {
            let (run, now) = (open.state.meta.run, self.clock.monotonic());
            if !self.leases().is_over(run, open.last(), self.heartbeat, now) {
                return Ok(RunOutcome::HeldElsewhere);
            }
            tracing::warn!(%dataset, %run, "taking over the capture of {dataset}: its process has fallen silent");
            open.state.taken_over();
        }
        match self.pages(&mut open, max_pages, stop).await {
            Ok(outcome) => Ok(outcome),
            Err(error) if is_taken(&error) => {
                tracing::info!(%dataset, "leaving the capture of {dataset} to another process: {error:#}");
                Ok(RunOutcome::HeldElsewhere)
            }
            Err(error) => Err(error),
        }
    }

    async fn pages(&self, open: &mut Open, max_pages: u32, stop: &Stop) -> Result<RunOutcome> {
        let dataset = open.state.meta.dataset;
        let had_ended = open.state.has_ended();
        let kind = if open.is_new() { RunEventKind::Started } else { RunEventKind::Resumed };
        self.ledger.append(open, kind, None).await?;
        let mut passes = Passes::default();
        while let Some(page) = passes.next(open.state.planned, |page| open.state.has(page)) {
            if stop.is_stopped() {
                self.ledger.release(open).await?;
                return Ok(RunOutcome::Stopped);
            }
            fail::fail_point!("fetcher::between_pages", |_| kansoku_service::kill_this_process());
            match self.page(open, page, max_pages, stop).await {
                Ok(outcome) => passes.note(page, outcome),
                Err(error) => {
                    if let Some(RequestError::Unavailable { why, .. }) = error.downcast_ref() {
                        self.leave(open, why, &error).await?;
                    }
                    return Err(error);
                }
            }
            (self.report)(dataset, open.state.pages(), open.state.planned);
        }
        let earlier = warnings::earlier(&self.ledger, &open.state.meta, self.clock.now());
        let earlier = earlier.await.context("read the captures before")?;
        let ended = open.state.clone().event(RunEventKind::Finished, "", open.state.meta.captured_at, None);
        for warning in warnings::warnings(&ended, &earlier) {
            tracing::warn!(%dataset, "{dataset} is odd: {warning}");
            open.state.warn(warning);
        }
        let complete = open.state.is_complete();
        let kind = if open.state.has_any() { RunEventKind::Finished } else { RunEventKind::Failed };
        self.ledger.append(open, kind, None).await?;
        // The same run is not counted again when it still misses pages.
        if complete || !had_ended {
            self.metrics.ended(complete);
        }
        Ok(if complete { RunOutcome::Complete } else { RunOutcome::Partial })
    }

    /// The base URL is left alone: another process may resume the run. One run never mixes sources: where another base URL
    /// can be used this one ends, until its slot asks for it again.
    async fn leave(&self, open: &mut Open, why: &str, error: &anyhow::Error) -> Result<(), LedgerError> {
        // Without the time: an outage is noted once, however often it was met.
        open.state.warn(format!("the base URL was left alone: {why}"));
        let why = Some(format!("{error:#}"));
        match (self.resumes && !self.client.has_alternatives(), open.state.has_any()) {
            (true, _) => self.ledger.release(open).await,
            (false, true) => self.ledger.append(open, RunEventKind::Finished, why).await,
            (false, false) => self.ledger.append(open, RunEventKind::Failed, why).await,
        }
    }

    /// Requests one page, and stores what comes.
    async fn page(&self, open: &mut Open, page: u32, max_pages: u32, stop: &Stop) -> Result<PageOutcome> {
        let dataset = open.state.meta.dataset;
        let path = dataset.path(page).with_context(|| format!("{dataset} is no list of an upstream"))?;
        fail::fail_point!("fetcher::before_request", |_| kansoku_service::kill_this_process());
        let before = self.client.cost();
        let requested = stop.run_until(self.request(open, &path)).await;
        open.state.paid(self.client.cost() - before);
        let Some(requested) = requested else { return Ok(PageOutcome::Stopped) };
        let requested = requested?;
        // Where not even the beginning of a list comes, the page is not what is ill: the run waits, if it can.
        if self.resumes
            && !open.state.has_any()
            && let Some((url, class, why)) = illness(&requested)
        {
            return Err(self.client.leave(url.to_owned(), class, why).await.into());
        }
        let (mut answer, mut envelope) = match requested {
            Ok(answered) => answered,
            Err(RequestError::Failed { url, class, why }) => {
                open.state.warn(format!("page {page}: request {url}: {why}"));
                return Ok(self.give_up(open, page, class.row().reason, class));
            }
            Err(error) => return Err(error.into()),
        };
        if envelope.as_ref().is_ok_and(|envelope| is_hole(open.state.planned, page, envelope)) {
            let message = format!("page {page} has no rows, and the list goes on");
            envelope = Err(Refusal { reason: Reason::UpstreamError, message });
            answer.class = Class::ErrorBody;
        }
        let (class, digest) = (answer.class, sha256(&answer.body));
        let pages = match &envelope {
            Ok(envelope) => Some(open.state.planned.max(Some(planned(
                open.state.planned,
                page,
                envelope,
                dataset,
                max_pages,
            )))),
            // The same body is one dead letter, however often it comes.
            Err(refusal) if open.state.has_put_aside(page, &digest) => {
                return Ok(self.give_up(open, page, refusal.reason, class));
            }
            Err(_) => None,
        };
        let meta = open.state.meta.page(page, pages.flatten(), Some(answer.url), Some(answer.status));
        let publishing = self.publisher.page(&meta, answer.body, &envelope);
        let Some(published) = stop.run_until(publishing).await else { return Ok(PageOutcome::Stopped) };
        match (published?, envelope) {
            (PublishOutcome::Raw { seq, duplicate }, Ok(envelope)) => {
                self.metrics.published(dataset, duplicate);
                let (envelope, digest) = match self.kept(seq, duplicate).await? {
                    Some(kept) => kept,
                    None => (envelope, digest),
                };
                open.state.got(page, envelope.rows);
                open.state.note_body(page, &digest);
                let planned = planned(open.state.planned, page, &envelope, dataset, max_pages);
                open.state.planned = Some(planned);
                let ends = envelope.rows == 0 || envelope.has_next_page == Some(false);
                if let Some(said) = envelope.last_visible_page.filter(|said| ends && *said > page) {
                    open.state.warn(format!(
                        "fewer pages: the list ended with page {page}, and the upstream says that it has {said}"
                    ));
                }
                Ok(PageOutcome::Stored)
            }
            (PublishOutcome::Raw { .. }, Err(refusal)) => Ok(self.give_up(open, page, refusal.reason, class)),
            (PublishOutcome::Dead(reason), _) => {
                open.state.put_aside(page, &digest);
                Ok(self.give_up(open, page, reason, class))
            }
            (PublishOutcome::Refused(reason), _) => {
                self.give_up(open, page, reason, class);
                Ok(PageOutcome::Hopeless)
            }
        }
    }

    /// The run goes on without the page.
    fn give_up(&self, open: &mut Open, page: u32, reason: Reason, class: Class) -> PageOutcome {
        let dataset = open.state.meta.dataset;
        open.state.failed(page, reason);
        if let Some(left_out) = self.client.should_log(&format!("given up: {reason}")) {
            tracing::warn!(%dataset, page, %reason, left_out, "page {page} of {dataset} is given up: {reason}");
        }
        if class.row().retry { PageOutcome::Failed } else { PageOutcome::Hopeless }
    }

    /// The page that RAW kept where it had one already: RUN describes what RAW has.
    async fn kept(&self, seq: u64, duplicate: bool) -> Result<Option<(Envelope, String)>, LedgerError> {
        if !duplicate {
            return Ok(None);
        }
        let Some(body) = self.publisher.kept(seq).await? else { return Ok(None) };
        Ok(envelope::read(&body).ok().map(|envelope| (envelope, sha256(&body))))
    }

    /// Requests a path, and shows meanwhile that this process is alive.
    async fn request(&self, open: &mut Open, path: &str) -> Result<Requested, LedgerError> {
        let mut requesting = std::pin::pin!(self.client.request(path));
        loop {
            let silent = self.clock.monotonic().duration_since(open.last_append());
            tokio::select! {
                requested = &mut requesting => return Ok(requested),
                () = tokio::time::sleep(self.heartbeat.saturating_sub(silent)) => {
                    self.ledger.append(open, RunEventKind::Progress, None).await?;
                }
            }
        }
    }

    fn leases(&self) -> MutexGuard<'_, Leases> {
        // A poisoned lock holds a whole map all the same.
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the base URL itself is ill: the address, the class and what happened.
fn illness(requested: &Requested) -> Option<(&str, Class, &str)> {
    let (url, class, why) = match requested {
        Ok((Answer { url, class, .. }, Err(refusal))) => (url, *class, &refusal.message),
        Err(RequestError::Failed { url, class, why }) => (url, *class, why),
        _ => return None,
    };
    class.row().failover.then_some((url, class, why))
}

/// Whether an error says that another process has the run now.
fn is_taken(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| matches!(cause.downcast_ref(), Some(LedgerError::Taken { .. })))
}
