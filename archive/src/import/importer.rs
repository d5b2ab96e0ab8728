//! Publishes recordings in their order, some neighbours at once, whatever their runs: of two messages about one row the later
//! one counts. What is there stays and is not published again, whoever died between publishing it and saying so.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use kansoku_nats::{Stored, dead_letter, id, page, subject};
use kansoku_runs::{
    Ledger, LedgerError, Open, Publisher, RunMeta, RunState, envelope, is_unavailable,
    publish::{PublishOutcome, sha256},
};
use kansoku_schemas::{Dataset, Reason, RunEvent, RunEventKind, RunId};
use kansoku_service::Stop;

pub use super::chunk::Report;
use super::{
    Page, Table,
    chunk::{Chunk, Reading, Then},
    sources::Item,
};

/// Requests to RUN at once.
const AT_ONCE: usize = 16;
/// Runs that are remembered between two chunks.
const MAX_RUNS: usize = 1_000;
/// How long what is under way may take once stopping was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// What an import works with.
pub struct Importer {
    /// Appends events of runs.
    pub ledger: Ledger,
    /// Publishes pages.
    pub publisher: Publisher,
    /// Ends the reading.
    pub stop: Stop,
    /// Whether pages that were brought before are brought again: RAW has dropped them unread.
    pub again: bool,
}

impl Importer {
    /// Publishes what is not there yet. When NATS, or room in a stream, stays unavailable, nothing more is read: the same
    /// import later goes on where this one ended.
    pub async fn run(
        &self,
        recordings: impl Iterator<Item = Result<Item>> + Send + 'static,
        now: DateTime<Utc>,
        mut report: Report<'_>,
    ) -> Table {
        let (mut total, mut reading) = (Table::default(), Reading::of(recordings));
        let mut runs: BTreeMap<RunId, Open> = BTreeMap::new();
        let mut chunk = Chunk::default();
        loop {
            let is_over = reading.fill(&mut chunk, &self.stop, now, &mut total, &mut report).await;
            let pages = std::mem::take(&mut chunk.pages);
            chunk.keys.clear();
            let captures = counts(&pages);
            if !pages.is_empty() {
                let settled = match self.in_time(self.publish(pages, &mut runs)).await {
                    Some(settled) => settled,
                    None => {
                        // It may be there; whoever comes next looks.
                        total.captures -= captures;
                        break;
                    }
                };
                let (table, problems) = settled;
                total.add(table);
                self.hear(&problems, &mut report);
            }
            match chunk.then.take() {
                Some(Then::End(event, epoch)) if !self.stop.is_stopped() => {
                    runs.remove(&event.run);
                    match self.in_time(self.end(*event, epoch)).await {
                        Some(Ok(appended)) => total.runs += u64::from(appended),
                        Some(Err(error)) => self.hear(&[error], &mut report),
                        None => {}
                    }
                }
                Some(Then::Page(page)) if self.stop.is_stopped() => total.captures -= page.counts,
                Some(Then::Page(page)) => chunk.add(*page),
                _ => {}
            }
            if is_over && chunk.pages.is_empty() || self.stop.is_stopped() {
                break;
            }
            if runs.len() > MAX_RUNS {
                runs.clear();
            }
        }
        total.captures -= counts(&chunk.pages);
        if !self.stop.is_stopped() {
            reading.groups.finish().iter().for_each(|missing| (report.notice)(missing));
        }
        total
    }

    /// The outcome of some work, unless stopping was asked for and it takes too long.
    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let stopped = async {
            self.stop.stopped().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            done = work => Some(done),
            () = stopped => None,
        }
    }

    fn hear(&self, problems: &[anyhow::Error], report: &mut Report<'_>) {
        for error in problems {
            if is_unavailable(error) {
                self.stop.stop();
            }
            (report.problem)(error);
        }
    }

    /// Publishes neighbours. What they come to adds up, whatever goes wrong.
    async fn publish(
        &self,
        pages: Vec<Page>,
        runs: &mut BTreeMap<RunId, Open>,
    ) -> (Table, Vec<anyhow::Error>) {
        let (all, name) = (counts(&pages), pages[0].name.clone());
        let (mut table, mut problems) = (Table::default(), Vec::new());
        let published = self.try_publish(pages, runs, &mut table, &mut problems).await;
        if let Err(error) = published {
            table.failed += all - table.sum();
            // What they come to is not known: their runs are read anew.
            runs.clear();
            problems.push(error.context(format!("import {name} and what follows it")));
        }
        (table, problems)
    }

    async fn try_publish(
        &self,
        pages: Vec<Page>,
        runs: &mut BTreeMap<RunId, Open>,
        table: &mut Table,
        problems: &mut Vec<anyhow::Error>,
    ) -> Result<()> {
        self.open(&pages, runs).await?;
        let epoch = match pages.iter().any(|page| page.exported.is_some()) {
            true => Some(self.publisher.raw_epoch().await.context("ask for RAW")?),
            false => None,
        };
        let mut wanted = Vec::new();
        for mut page in pages {
            let state = &runs[&page.run.run].state;
            let differs = page.replay().is_none() && state.differs(page.page, || sha256(&page.body));
            // RAW may have had one page twice: then it has it twice here too.
            page.is_another = differs && page.exported.is_some();
            let is_other = differs && !page.is_another && page.envelope.is_ok();
            let problem = page.mismatch(&state.meta).or_else(|| is_other.then(|| other_body(&page)));
            if let Some(problem) = problem {
                table.failed += page.counts;
                problems.push(problem);
            } else if self.is_there(&runs[&page.run.run], &page, epoch) {
                table.absorbed += page.counts;
            } else {
                wanted.push(page);
            }
        }
        self.begin(&mut wanted, runs, table, problems).await?;
        let sent = self.send(&wanted, runs, table, problems).await;
        let kind = if sent.is_ok() { RunEventKind::Finished } else { RunEventKind::Progress };
        let open = runs.values_mut().filter(|open| !open.state.has_ended());
        let ended: Vec<_> =
            stream::iter(open.map(|open| self.append(open, kind))).buffered(AT_ONCE).collect().await;
        sent.and(ended.into_iter().collect())
    }

    /// Reads how far the runs of these pages have come.
    async fn open(&self, pages: &[Page], runs: &mut BTreeMap<RunId, Open>) -> Result<()> {
        let unknown: BTreeMap<RunId, &RunMeta> = pages
            .iter()
            .filter(|page| !runs.contains_key(&page.run.run))
            .map(|page| (page.run.run, &page.run))
            .collect();
        let open = |meta: RunMeta| self.ledger.open(meta);
        let opened = stream::iter(unknown.into_values().cloned().map(open)).buffered(AT_ONCE);
        let mut opened: Vec<Open> = opened.try_collect().await.context("ask how far a run has come")?;
        self.recover(&mut opened).await?;
        runs.extend(opened.into_iter().map(|open| (open.state.meta.run, open)));
        Ok(())
    }

    /// A page is there when it is in RAW, or was given up for what is wrong with this body too.
    fn is_there(&self, open: &Open, page: &Page, epoch: Option<u64>) -> bool {
        let state = &open.state;
        if state.gave_up(page.page, Reason::TooLarge) && page.is_too_large() {
            return true;
        }
        // Each bad body is a dead letter of its own.
        if page.is_dead() {
            return state.has_put_aside(page.page, &sha256(&page.body));
        }
        let from_here = page.exported.as_ref().is_some_and(|exported| Some(exported.position.epoch) == epoch);
        let is_in_raw = match page.replay() {
            Some((id, _)) => from_here || state.has_replay(id),
            None if page.is_another => from_here || state.has_replay(&page.id()),
            None => state.has(page.page),
        };
        is_in_raw && !self.again
    }

    /// Of runs that were left under way, pages may be there that no event has: they are looked for, however long ago it was.
    async fn recover(&self, opened: &mut [Open]) -> Result<()> {
        let mut left: BTreeMap<Dataset, DateTime<Utc>> = BTreeMap::new();
        for open in opened.iter() {
            let Some(since) = open.unrecorded_since() else { continue };
            let first = left.entry(open.state.meta.dataset).or_insert(since);
            *first = since.min(*first);
        }
        for (dataset, since) in left {
            let places = [("RAW", subject::raw(&dataset)), ("DLQ", format!("dlq.fetch.*.{dataset}"))];
            for (stream, subject) in &places {
                let mut visit = |stored: &Stored| {
                    let Ok(meta) = page::meta(&stored.headers) else { return };
                    let open = opened.iter_mut().find(|open| open.state.meta.run == meta.run);
                    if let Some(open) = open.filter(|open| open.unrecorded_since().is_some()) {
                        recovered(&mut open.state, meta.page, stored);
                    }
                };
                let looked = self.publisher.since((stream, subject), since, &mut visit).await;
                looked.context("look for pages that an import left")?;
            }
        }
        Ok(())
    }

    /// Appends that the runs of these pages begin, or go on. A run that another process works on is left to it.
    async fn begin(
        &self,
        wanted: &mut Vec<Page>,
        runs: &mut BTreeMap<RunId, Open>,
        table: &mut Table,
        problems: &mut Vec<anyhow::Error>,
    ) -> Result<()> {
        for page in wanted.iter().filter(|page| page.replay().is_none()) {
            let Some(open) = runs.get_mut(&page.run.run) else { continue };
            open.state.planned = open.state.planned.max(page.planned());
            if page.run.dataset == Dataset::History {
                // Before they are published: whoever finds the run begun has to know whether it has the same rows.
                open.state.note_body(page.page, &sha256(&page.body));
            }
        }
        let is_wanted = |run: &RunId| wanted.iter().any(|page| page.run.run == *run);
        let begins =
            runs.iter_mut().filter(|(run, open)| is_wanted(run) || !open.is_new() && !open.state.has_ended());
        let begun = begins.map(async |(run, open)| {
            let kind = if open.is_new() { RunEventKind::Started } else { RunEventKind::Resumed };
            (*run, self.append(open, kind).await)
        });
        let begun: Vec<_> = stream::iter(begun).buffered(AT_ONCE).collect().await;
        for (run, begun) in begun {
            let Err(error) = begun else { continue };
            if is_unavailable(&error) {
                return Err(error);
            }
            runs.remove(&run);
            let lost: u64 = wanted.extract_if(.., |page| page.run.run == run).map(|page| page.counts).sum();
            table.failed += lost;
            problems.push(error);
        }
        Ok(())
    }

    /// Publishes pages and replays in their order, then what is no page.
    async fn send(
        &self,
        wanted: &[Page],
        runs: &mut BTreeMap<RunId, Open>,
        table: &mut Table,
        problems: &mut Vec<anyhow::Error>,
    ) -> Result<()> {
        let mut state = |page: &Page, change: &mut dyn FnMut(&mut RunState)| {
            if let Some(open) = runs.get_mut(&page.run.run) {
                change(&mut open.state);
            }
        };
        let (dead, pages): (Vec<&Page>, Vec<&Page>) = wanted.iter().partition(|page| page.is_dead());
        let (large, pages): (Vec<&Page>, Vec<&Page>) =
            pages.into_iter().partition(|page| page.is_too_large());
        for page in large {
            table.refused(Reason::TooLarge, page.counts);
            state(page, &mut |state| state.failed(page.page, Reason::TooLarge));
        }
        let messages = pages.iter().map(|page| page.message()).collect();
        let acks = self.publisher.pages(messages).await.context("publish pages")?;
        for (page, ack) in pages.into_iter().zip(acks) {
            let there = if ack.duplicate { self.other_at(page, ack.seq).await? } else { None };
            match &there {
                Some(there) => {
                    table.failed += page.counts;
                    problems.push(other_body(there));
                }
                None if ack.duplicate => table.absorbed += page.counts,
                None => table.published(&page.run.dataset, page.counts),
            }
            state(page, &mut |state| got(state, there.as_ref().unwrap_or(page)));
        }
        for page in dead {
            let fate = self.publisher.page(&page.meta(), page.body.clone(), &page.envelope).await;
            match fate.context("publish what is no page")? {
                PublishOutcome::Dead(reason) => {
                    let why = page.refusal().map_or("", |refusal| &refusal.message);
                    tracing::warn!(%reason, "{} is no page and went to DLQ: {reason}: {why}", page.name);
                    table.dead(reason, page.counts);
                    state(page, &mut |state| put_aside(state, page, reason));
                }
                PublishOutcome::Refused(reason) => {
                    table.refused(reason, page.counts);
                    state(page, &mut |state| state.failed(page.page, reason));
                }
                // A page goes with the pages.
                PublishOutcome::Raw { .. } => table.published(&page.run.dataset, page.counts),
            }
        }
        Ok(())
    }

    /// The page that RAW has in the place of this one, if it is another.
    async fn other_at(&self, page: &Page, seq: u64) -> Result<Option<Page>> {
        let kept = self.publisher.kept(seq).await.context("look at the page that is there")?;
        if kept.is_none() && self.again {
            let name = &page.name;
            bail!("{name}: RAW has dropped it and takes it again once its duplicate window (2 h) has passed");
        }
        Ok(kept.filter(|kept| *kept != page.body).map(|body| page.with_body(body)))
    }

    /// Appends how a run ended in the installation that was exported, as far as that is not known here.
    async fn end(&self, event: RunEvent, epoch: u64) -> Result<bool> {
        let run = event.run;
        let append = async {
            // What was exported from here is known here, and may have gone on since.
            if self.publisher.raw_epoch().await.context("ask for RAW")? == epoch {
                return Ok(false);
            }
            let meta = RunMeta::of(&event);
            let mut open = self.ledger.open(meta.clone()).await.context("ask how far a run has come")?;
            if open.state.meta != meta {
                bail!("here it is {}, and there it was {meta}", open.state.meta);
            }
            let is_under_way = !open.is_new() && !open.state.has_ended();
            if is_under_way || !open.state.learn(&event) {
                return Ok(false);
            }
            self.ledger
                .append(&mut open, event.event, event.error)
                .await
                .context("append an event of the run")?;
            Ok(true)
        };
        append.await.with_context(|| format!("record how run {run} ended"))
    }

    async fn append(&self, open: &mut Open, kind: RunEventKind) -> Result<()> {
        let run = open.state.meta.run;
        self.ledger.append(open, kind, None).await.map_err(|error| match error {
            LedgerError::Taken { .. } => {
                anyhow::Error::new(error).context(format!("two imports of one run at once: {run}"))
            }
            other => anyhow::Error::new(other).context("append an event of a run"),
        })
    }
}

/// As how many captures these pages count.
fn counts(pages: &[Page]) -> u64 {
    pages.iter().map(|page| page.counts).sum()
}

/// Notes that a page with this body is in RAW. What was in RAW goes to RAW, page or not.
fn got(state: &mut RunState, page: &Page) {
    match page.replay() {
        Some((id, _)) => state.got_replay(id),
        None if page.is_another => state.got_replay(&page.id()),
        None => {
            state.got(page.page, page.envelope.as_ref().map_or(0, |envelope| envelope.rows));
            state.brought(page.page, &sha256(&page.body));
        }
    }
}

/// Notes what is stored of a run that no event has.
fn recovered(state: &mut RunState, number: u32, stored: &Stored) {
    let (run, digest) = (state.meta.run, sha256(&stored.body));
    let stored_id = stored.headers.get("Nats-Msg-Id").unwrap_or_default();
    if let Some((reason, _)) = dead_letter::refusal(&stored.headers) {
        state.failed(number, reason);
        state.put_aside(number, &digest);
    } else if stored_id == id::raw(&run, number) {
        state.got(number, envelope::read(&stored.body).map_or(0, |envelope| envelope.rows));
        state.brought(number, &digest);
    } else {
        state.got_replay(stored_id);
    }
}

/// Notes that a body that is no page is in DLQ.
fn put_aside(state: &mut RunState, page: &Page, reason: Reason) {
    state.failed(page.page, reason);
    state.put_aside(page.page, &sha256(&page.body));
}

fn other_body(page: &Page) -> anyhow::Error {
    let RunMeta { run, dataset, source, captured_at: at, .. } = &page.run;
    if *dataset == Dataset::History {
        return anyhow!(
            "another import has brought other rows of {source} at {at} meanwhile: run the same command again"
        );
    }
    let (number, name) = (page.page, &page.name);
    anyhow!(
        "page {number} of run {run} is there with another body than {name}, and stays: give this one a run of its own"
    )
}

impl Page {
    /// The same page with another body.
    fn with_body(&self, body: bytes::Bytes) -> Self {
        Self { envelope: envelope::read(&body), body, ..self.clone() }
    }
}
