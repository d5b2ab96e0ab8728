//! Publishes recordings in their order, some neighbours at once, whatever their runs: of two messages about one row the later
//! one counts. What is there stays and is not published again, whoever died between publishing it and recording it.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, Error, Result, anyhow, bail};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use kansoku_runs::{
    Ledger, LedgerError, Open, Publisher, RunMeta, RunState, envelope, is_unavailable,
    publish::{PublishOutcome, sha256},
};
use kansoku_schemas::{Dataset, Position, Reason, RunEvent, RunEventKind, RunId};
use kansoku_service::Stop;

use super::{
    Report,
    plan::Page,
    reading::{Chunk, Reading},
    recording::{Exported, Item},
    recover::{put_aside, recover},
};
use crate::counts::add;

/// Requests to RUN at once.
const AT_ONCE: usize = 16;
/// Runs that are remembered between two chunks.
const MAX_RUNS: usize = 1_000;
/// How long what is under way may take once stopping was asked for.
const GRACE: Duration = Duration::from_secs(5);

type Runs = BTreeMap<RunId, Open>;

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
        items: impl Iterator<Item = Result<Item>> + Send + 'static,
        now: DateTime<Utc>,
        report: &mut Report,
    ) {
        let (mut reading, mut runs) = (Reading::of(items, now), Runs::new());
        while !self.stop.is_stopped()
            && let Some(chunk) = reading.next(&self.stop, report).await
        {
            let stopped = async {
                self.stop.stopped().await;
                tokio::time::sleep(GRACE).await;
            };
            tokio::select! {
                () = self.publish(chunk, &mut runs, report) => {}
                // What is not settled may be there; whoever comes next looks.
                () = stopped => break,
            }
            report.show(report.read());
            if runs.len() > MAX_RUNS {
                runs.clear();
            }
        }
    }

    /// Publishes neighbours. What they come to adds up, whatever goes wrong.
    async fn publish(&self, chunk: Chunk, runs: &mut Runs, report: &mut Report) {
        if let Some(first) = chunk.pages.first() {
            let name = first.name.clone();
            let all = report.read() + chunk.pages.iter().map(|page| page.counts).sum::<u64>();
            if let Err(error) = self.try_publish(chunk.pages, runs, report).await {
                // What they come to is not known: their runs are read anew.
                runs.clear();
                report.failed += all - report.read();
                self.problem(error.context(format!("import {name} and what follows it")), report);
            }
        }
        for (event, epoch) in chunk.ends {
            if self.stop.is_stopped() {
                break;
            }
            runs.remove(&event.run);
            match self.end(event, epoch).await {
                Ok(true) => report.runs += 1,
                Ok(false) => {}
                Err(error) => self.problem(error, report),
            }
        }
    }

    /// Says what went wrong. Where NATS stays unavailable the import ends.
    pub(crate) fn problem(&self, error: Error, report: &mut Report) {
        if is_unavailable(&error) {
            self.stop.stop();
        }
        report.problem(&error);
    }

    async fn try_publish(&self, pages: Vec<Page>, runs: &mut Runs, report: &mut Report) -> Result<()> {
        self.open(&pages, runs).await?;
        let mut wanted = Vec::new();
        for mut page in pages {
            let state = &runs[&page.run.run].state;
            let differs = page.replay().is_none() && state.differs(page.page, || sha256(&page.body));
            // RAW may have had one page twice: then it has it twice here too.
            page.is_another = differs && page.exported.is_some();
            if let Some(words) = page.mismatch(&state.meta) {
                report.failed += page.counts;
                report.problem(&anyhow!("{} {words}", page.name));
            } else if differs && !page.is_another && page.envelope.is_ok() {
                report.failed += page.counts;
                report.problem(&other_body(&page));
            } else if self.is_there(state, &page).await? {
                report.absorbed += page.counts;
            } else {
                wanted.push(page);
            }
        }
        self.begin(&mut wanted, runs, report).await?;
        let sent = self.send(&wanted, runs, report).await;
        let kind = if sent.is_ok() { RunEventKind::Finished } else { RunEventKind::Progress };
        let open = runs.values_mut().filter(|open| !open.state.has_ended());
        let ended: Vec<_> =
            stream::iter(open.map(|open| self.append(open, kind))).buffered(AT_ONCE).collect().await;
        sent.and(ended.into_iter().collect())
    }

    /// Reads how far the runs of these pages have come.
    async fn open(&self, pages: &[Page], runs: &mut Runs) -> Result<()> {
        let unknown = pages.iter().filter(|page| !runs.contains_key(&page.run.run));
        let unknown: BTreeMap<RunId, RunMeta> =
            unknown.map(|page| (page.run.run, page.run.clone())).collect();
        let opened = stream::iter(unknown.into_values().map(|meta| self.ledger.open(meta))).buffered(AT_ONCE);
        let mut opened: Vec<Open> = opened.try_collect().await.context("ask how far a run has come")?;
        recover(&self.publisher, &mut opened).await?;
        runs.extend(opened.into_iter().map(|open| (open.state.meta.run, open)));
        Ok(())
    }

    /// A page is there when it is in RAW, or was given up for what is wrong with this body too.
    async fn is_there(&self, state: &RunState, page: &Page) -> Result<bool> {
        if state.gave_up(page.page, Reason::TooLarge) && page.is_too_large() {
            return Ok(true);
        }
        // Each bad body is a dead letter of its own.
        if page.refusal().is_some() {
            return Ok(state.has_put_aside(page.page, &sha256(&page.body)));
        }
        if self.again {
            return Ok(false);
        }
        let Some(id) = page.own_id() else { return Ok(state.has(page.page)) };
        if state.has_replay(&id) {
            return Ok(true);
        }
        let Some(&Exported { epoch, seq, .. }) = page.exported.as_ref() else { return Ok(false) };
        let there = self.publisher.has_at(Position { epoch, seq }, &page.body).await;
        there.with_context(|| format!("look for {} in RAW", page.name))
    }

    /// Appends that the runs of these pages begin, or go on. A run that another process works on is left to it.
    async fn begin(&self, wanted: &mut Vec<Page>, runs: &mut Runs, report: &mut Report) -> Result<()> {
        for page in wanted.iter().filter(|page| page.replay().is_none()) {
            let Some(open) = runs.get_mut(&page.run.run) else { continue };
            open.state.planned = open.state.planned.max(page.pages);
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
            wanted.extract_if(.., |page| page.run.run == run).for_each(|page| report.failed += page.counts);
            report.problem(&error);
        }
        Ok(())
    }

    /// Publishes pages and replays in their order, then what is no page.
    async fn send(&self, wanted: &[Page], runs: &mut Runs, report: &mut Report) -> Result<()> {
        let mut note = |page: &Page, change: &mut dyn FnMut(&mut RunState)| {
            runs.get_mut(&page.run.run).into_iter().for_each(|open| change(&mut open.state));
        };
        let (dead, pages): (Vec<&Page>, Vec<&Page>) =
            wanted.iter().partition(|page| page.refusal().is_some());
        let (large, pages): (Vec<&Page>, Vec<&Page>) =
            pages.into_iter().partition(|page| page.is_too_large());
        for page in large {
            add(&mut report.refused, Reason::TooLarge, page.counts);
            note(page, &mut |state| state.failed(page.page, Reason::TooLarge));
        }
        let messages = pages.iter().map(|page| page.message()).collect();
        let acks = self.publisher.pages(messages).await.context("publish pages")?;
        for (page, ack) in pages.into_iter().zip(acks) {
            let there = if ack.duplicate { self.other_at(page, ack.seq).await? } else { None };
            if let Some(there) = &there {
                report.failed += page.counts;
                report.problem(&other_body(there));
            } else if ack.duplicate {
                report.absorbed += page.counts;
            } else {
                add(&mut report.published, page.run.dataset, page.counts);
            }
            note(page, &mut |state| got(state, there.as_ref().unwrap_or(page)));
        }
        for page in dead {
            let outcome = self.publisher.page(&page.meta(), page.body.clone(), &page.envelope).await;
            match outcome.context("publish what is no page")? {
                PublishOutcome::Dead(reason) => {
                    let why = page.refusal().map_or("", |refusal| &refusal.message);
                    tracing::warn!(%reason, "{} is no page and went to DLQ: {reason}: {why}", page.name);
                    add(&mut report.dead, reason, page.counts);
                    note(page, &mut |state| put_aside(state, page.page, reason, &page.body));
                }
                PublishOutcome::Refused(reason) => {
                    add(&mut report.refused, reason, page.counts);
                    note(page, &mut |state| state.failed(page.page, reason));
                }
                // A page goes with the pages.
                PublishOutcome::Raw { .. } => add(&mut report.published, page.run.dataset, page.counts),
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
        let other = kept.filter(|kept| *kept != page.body);
        Ok(other.map(|body| Page { envelope: envelope::read(&body), body, ..page.clone() }))
    }

    /// Appends how a run ended in the installation that was exported, as far as that is not known here.
    async fn end(&self, event: RunEvent, epoch: u64) -> Result<bool> {
        let (run, meta) = (event.run, RunMeta::of(&event));
        let append = async {
            // What was exported from here is known here, and may have gone on since.
            if self.publisher.raw_epoch().await.context("ask for RAW")? == epoch {
                return Ok(false);
            }
            let mut open = self.ledger.open(meta.clone()).await.context("ask how far a run has come")?;
            if open.state.meta != meta {
                bail!("here it is {}, and there it was {meta}", open.state.meta);
            }
            let is_under_way = !open.is_new() && !open.state.has_ended();
            if is_under_way || !open.state.learn(&event) {
                return Ok(false);
            }
            let appended = self.ledger.append(&mut open, event.event, event.error).await;
            appended.context("append an event of the run").map(|()| true)
        };
        append.await.with_context(|| format!("record how run {run} ended"))
    }

    async fn append(&self, open: &mut Open, kind: RunEventKind) -> Result<()> {
        let run = open.state.meta.run;
        self.ledger.append(open, kind, None).await.map_err(|error| {
            let words = match &error {
                LedgerError::Taken { .. } => format!("two imports of one run at once: {run}"),
                _ => "append an event of a run".to_owned(),
            };
            Error::new(error).context(words)
        })
    }
}

/// Notes that a page with this body is in RAW. What was in RAW goes to RAW, page or not.
fn got(state: &mut RunState, page: &Page) {
    match page.own_id() {
        Some(id) => state.got_replay(&id),
        None => {
            state.got(page.page, page.envelope.as_ref().map_or(0, |envelope| envelope.rows));
            state.brought(page.page, &sha256(&page.body));
        }
    }
}

fn other_body(page: &Page) -> Error {
    let RunMeta { run, dataset, source, captured_at: at, .. } = &page.run;
    let (number, name) = (page.page, &page.name);
    match dataset {
        Dataset::History => {
            anyhow!(
                "another import has brought other rows of {source} at {at} meanwhile: run the same command again"
            )
        }
        _ => anyhow!(
            "page {number} of run {run} is there with another body than {name}, and stays: give this one a run of its own"
        ),
    }
}
