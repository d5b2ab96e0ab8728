//! One capture of one dataset from an upstream: all its pages, one run.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use kansoku_runs::{
    Leases, Ledger, LedgerError, Open, Publisher, RunMeta,
    envelope::{self, Envelope, Refusal},
    publish::{Fate, sha256},
    warnings,
};
use kansoku_schemas::{Dataset, PageCensus, Reason, RunEventKind, RunId};
use kansoku_service::{Clock, Stop};

use crate::{
    metrics::Metrics,
    upstream::{Answer, AskError, Client, Next, classes::Class, next, path},
};

/// Takes the list, how many of its pages came, and how many it has.
pub type Report = dyn Fn(Dataset, u64, Option<u32>) + Send + Sync;

/// What a capture works with.
pub struct Capturer {
    /// Asks.
    pub client: Client,
    /// Tells of runs.
    pub ledger: Ledger,
    /// Publishes pages.
    pub publisher: Publisher,
    /// Counts.
    pub metrics: Metrics,
    /// Measures silence.
    pub clock: Arc<dyn Clock>,
    /// How often at least it tells of a run that it works on.
    pub heartbeat: Duration,
    /// Whether a run that was left because of its upstream is taken up again later.
    pub again: bool,
    /// Told of each page.
    pub report: Arc<Report>,
    /// What it has heard of runs that others work on.
    pub leases: Mutex<Leases>,
}

/// How a capture ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every page is in RAW.
    Complete,
    /// Pages are missing; RUN says which.
    Incomplete,
    /// It was there already.
    AlreadyThere,
    /// Another process works on it.
    Elsewhere,
    /// It was stopped; the run can be taken up again.
    Stopped,
}

impl Capturer {
    /// The run of a dataset in a slot.
    pub fn run_of(&self, dataset: Dataset, slot: chrono::DateTime<chrono::Utc>) -> RunId {
        RunId::scheduled(&self.client.upstream().source, &dataset, slot)
    }

    /// Captures a dataset: asks page after page until the list ends, gives up a page after some tries and goes on.
    pub async fn capture(&self, meta: RunMeta, most: u32, stop: &Stop) -> Result<Ended> {
        let dataset = meta.dataset;
        let mut open = self.ledger.open(meta).await.context("ask how far the run has come")?;
        if open.state.has_ended() {
            self.leases().forget(&open.state.meta.run);
            return Ok(if open.state.is_complete() { Ended::AlreadyThere } else { Ended::Incomplete });
        }
        if self.ledger.is_anothers(&open) {
            let (run, now) = (open.state.meta.run, self.clock.monotonic());
            if !self.leases().is_over(run, open.last(), self.heartbeat, now) {
                return Ok(Ended::Elsewhere);
            }
            tracing::warn!(%dataset, %run, "taking over the capture of {dataset}: nobody has told of it any more");
            open.state.taken_over();
        }
        match self.pages(&mut open, most, stop).await {
            Ok(ended) => Ok(ended),
            Err(error) if is_taken(&error) => {
                tracing::info!(%dataset, "leaving the capture of {dataset} to another process: {error:#}");
                Ok(Ended::Elsewhere)
            }
            Err(error) => Err(error),
        }
    }

    async fn pages(&self, open: &mut Open, most: u32, stop: &Stop) -> Result<Ended> {
        let dataset = open.state.meta.dataset;
        let kind = if open.is_new() { RunEventKind::Started } else { RunEventKind::Resumed };
        self.ledger.append(open, kind, None).await?;
        let mut page = 1;
        loop {
            if stop.is_stopped() {
                self.ledger.release(open).await?;
                return Ok(Ended::Stopped);
            }
            fail::fail_point!("fetcher::between_pages", |_| std::process::abort());
            match self.page(open, page, most, stop).await {
                Ok(next) => {
                    (self.report)(dataset, open.state.pages(), open.state.planned);
                    let Next::Page(following) = next else { break };
                    page = following;
                }
                Err(error) => {
                    // Told when the base URL is left alone: another process may take the run up.
                    if let Some(AskError::Gone { why, .. }) = error.downcast_ref() {
                        // Without the time: an outage is said once, however often it was met.
                        open.state.warn(format!("the base URL was left alone: {why}"));
                        // One run never mixes sources: where another can be asked, this one ends.
                        let goes_on = self.again && !self.client.has_others();
                        let why = Some(format!("{error:#}"));
                        match (goes_on, open.state.has_any()) {
                            (true, _) => self.ledger.release(open).await?,
                            (false, true) => self.ledger.append(open, RunEventKind::Finished, why).await?,
                            (false, false) => self.ledger.append(open, RunEventKind::Failed, why).await?,
                        }
                    }
                    return Err(error);
                }
            }
        }
        let earlier = self.ledger.before(&open.state.meta).await.context("look at the captures before")?;
        let ended = open.state.clone().event(RunEventKind::Finished, "", open.state.meta.captured_at, None);
        for warning in warnings(&ended, &earlier) {
            tracing::warn!(%dataset, "{dataset} is odd: {warning}");
            open.state.warn(warning);
        }
        let complete = open.state.is_complete();
        let kind = if open.state.has_any() { RunEventKind::Finished } else { RunEventKind::Failed };
        self.ledger.append(open, kind, None).await?;
        self.metrics.ended(dataset, complete, self.clock.now());
        Ok(if complete { Ended::Complete } else { Ended::Incomplete })
    }

    /// One page, and whether another one follows: the same one when it was asked to stop. After a page that was given up
    /// the list is asked on while the plan says that there is more.
    async fn page(&self, open: &mut Open, page: u32, most: u32, stop: &Stop) -> Result<Next> {
        let dataset = open.state.meta.dataset;
        let beyond = |open: &Open| {
            if open.state.planned.is_some_and(|planned| page < planned) {
                Next::Page(page + 1)
            } else {
                Next::End
            }
        };
        if open.state.has(page) {
            return Ok(beyond(open));
        }
        let path = path(dataset, page).with_context(|| format!("{dataset} is no list of an upstream"))?;
        fail::fail_point!("fetcher::before_request", |_| std::process::abort());
        let before = self.client.cost();
        let asked = stop.run_until(self.ask_alive(open, &path)).await;
        open.state.paid(self.client.cost() - before);
        let Some(asked) = asked else { return Ok(Next::Page(page)) };
        let asked = asked?;
        // Where not even the beginning of a list comes, the page is not what is ill: the run waits, if it can.
        if self.again
            && page == 1
            && let Some((url, class, why)) = illness(&asked)
        {
            return Err(self.client.leave(url.to_owned(), class, why).await.into());
        }
        let (answer, envelope) = match asked {
            Ok(asked) => asked,
            Err(error @ (AskError::Mistaken { .. } | AskError::Gone { .. })) => return Err(error.into()),
            Err(error) => {
                let reason = match &error {
                    AskError::Missed { class, .. } => class.row().reason,
                    _ => Reason::UpstreamError,
                };
                if let Some(passed_over) = self.client.speaks(&format!("given up: {reason}")) {
                    tracing::warn!(%dataset, page, passed_over, "page {page} of {dataset} is given up: {error}");
                }
                open.state.warn(format!("page {page}: {error}"));
                open.state.failed(page, reason);
                return Ok(beyond(open));
            }
        };
        if let Ok(envelope) = &envelope {
            let last = envelope.last_visible_page.unwrap_or(page).clamp(page, most.max(page));
            open.state.planned =
                open.state.planned.max(Some(if envelope.has_next_page { last } else { page }));
        }
        let meta = open.state.meta.page(page, open.state.planned, Some(answer.url), Some(answer.status));
        let body = answer.body.clone();
        let looking = tokio::task::spawn_blocking(move || look(&dataset, &body));
        let fate = self.publisher.page(&meta, answer.body, &envelope).await?;
        let looked = looking.await.context("look into a page")?;
        match fate {
            Fate::Raw { seq, duplicate } => {
                self.metrics.published(dataset, duplicate);
                let Ok(envelope) = envelope else { return Ok(Next::End) };
                let (kept, looked) = match self.kept(&dataset, seq, duplicate).await? {
                    Some(kept) => kept,
                    None => (envelope, looked),
                };
                open.state.got(page, kept.rows);
                open.state.looked_into(page, &looked.0, &looked.1);
                let following = next(page, &envelope, most);
                if following == Next::End {
                    open.state.planned = Some(page);
                    if let Some(told) = envelope.last_visible_page.filter(|told| *told > page) {
                        open.state.warn(format!(
                            "fewer pages: the list ended with page {page}, and the upstream tells of {told}"
                        ));
                    }
                }
                Ok(following)
            }
            Fate::Dead(reason) | Fate::Refused(reason) => {
                tracing::warn!(%dataset, page, %reason, "page {page} of {dataset} is given up: {reason}");
                open.state.failed(page, reason);
                if matches!(fate, Fate::Dead(_)) {
                    open.state.put_aside(page, &looked.0);
                }
                Ok(beyond(open))
            }
        }
    }

    /// The page that RAW kept where it had one already: what is told of a run is told of what RAW has.
    async fn kept(
        &self,
        dataset: &Dataset,
        seq: u64,
        duplicate: bool,
    ) -> Result<Option<(Envelope, Looked)>, LedgerError> {
        if !duplicate {
            return Ok(None);
        }
        let Some(body) = self.publisher.kept(seq).await? else { return Ok(None) };
        Ok(envelope::read(&body).ok().map(|envelope| (envelope, look(dataset, &body))))
    }

    /// Asks, and tells meanwhile that this process is alive.
    async fn ask_alive(&self, open: &mut Open, path: &str) -> Result<Asked, LedgerError> {
        let mut asking = std::pin::pin!(self.client.ask(path));
        loop {
            let silent = self.clock.monotonic().duration_since(open.last_append());
            tokio::select! {
                asked = &mut asking => return Ok(asked),
                () = tokio::time::sleep(self.heartbeat.saturating_sub(silent)) => {
                    self.ledger.append(open, RunEventKind::Progress, None).await?;
                }
            }
        }
    }

    fn leases(&self) -> std::sync::MutexGuard<'_, Leases> {
        // A poisoned lock holds a whole map all the same.
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an upstream gives for a page.
type Asked = Result<(Answer, Result<Envelope, Refusal>), AskError>;

/// Where the base URL itself is ill: the address, the class and what happened.
fn illness(asked: &Asked) -> Option<(&str, Class, &str)> {
    let (url, class, why) = match asked {
        Ok((Answer { url, class, .. }, Err(refusal))) => (url, *class, &refusal.message),
        Err(AskError::Missed { url, class, why }) => (url, *class, why),
        _ => return None,
    };
    class.row().failover.then_some((url, class, why))
}

/// The digest of a body, and what its rows are like.
type Looked = (String, PageCensus);

fn look(dataset: &Dataset, body: &[u8]) -> Looked {
    (sha256(body), PageCensus::of(dataset, body))
}

/// Whether an error says that another process has the run now.
fn is_taken(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| matches!(cause.downcast_ref(), Some(LedgerError::Taken { .. })))
}
