//! Publishes planned pages run by run: several runs at once, the pages of one run at once, never one run twice.

use std::collections::HashSet;

use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, Utc};
use futures::{StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};
use kansoku_runs::{
    Ledger, LedgerError, Open, Publisher, RunMeta, RunState, envelope, is_unavailable,
    publish::{Fate, sha256},
};
use kansoku_schemas::{Dataset, Reason, RunEventKind, RunId};
use kansoku_service::Stop;

use super::{
    Page, Table,
    parts::{self, Part, Parts, counts},
    sources::Recordings,
};

/// Runs under way at once.
const RUNS: usize = 12;

/// What an import works with.
pub struct Importer {
    /// Tells of runs.
    pub ledger: Ledger,
    /// Publishes pages.
    pub publisher: Publisher,
    /// Ends the reading; what is under way is finished.
    pub stop: Stop,
    /// Whether pages that were brought before are brought again: RAW has dropped them unread.
    pub again: bool,
}

/// The outcome of one part of a run.
pub(super) struct Done {
    pub(super) run: RunId,
    pub(super) table: Table,
    pub(super) trouble: Option<anyhow::Error>,
}

impl Importer {
    /// Publishes what is not there yet. `progress` hears of each capture; `trouble` of each that failed. When NATS, or room
    /// in a stream, stays away, nothing more is read: the same import later goes on where this one ended.
    pub async fn run(
        &self,
        recordings: Recordings,
        now: DateTime<Utc>,
        progress: &mut dyn FnMut(u64),
        trouble: &mut dyn FnMut(&anyhow::Error),
    ) -> Table {
        let mut total = Table::default();
        let mut under_way: FuturesUnordered<LocalBoxFuture<'_, Done>> = FuturesUnordered::new();
        let mut runs: HashSet<RunId> = HashSet::new();
        let mut parts = Parts::of(recordings, now);
        loop {
            let part = if self.stop.is_stopped() { None } else { parts.next(&mut total, progress, trouble) };
            // The next part of a run waits for the part before it; the end waits for all.
            while match &part {
                Some(Part::Pages(pages)) => under_way.len() >= RUNS || runs.contains(&pages[0].run.run),
                // These keep their place: after all before them and before all after them.
                Some(Part::Ordered(_) | Part::End(..)) | None => !under_way.is_empty(),
            } {
                let Some(done) = under_way.next().await else { break };
                runs.remove(&done.run);
                self.settle(done, &mut total, trouble);
            }
            let Some(part) = part else {
                parts.leave(&mut total);
                return total;
            };
            if self.stop.is_stopped() {
                total.captures -= part.counts();
                continue;
            }
            match part {
                Part::Ordered(pages) => {
                    let done = self.part(pages, true).await;
                    self.settle(done, &mut total, trouble);
                }
                Part::End(event, epoch) => {
                    let done = self.ended(*event, epoch).await;
                    self.settle(done, &mut total, trouble);
                }
                Part::Pages(pages) => {
                    runs.insert(pages[0].run.run);
                    under_way.push(Box::pin(self.part(pages, false)));
                }
            }
        }
    }

    fn settle(&self, done: Done, total: &mut Table, trouble: &mut dyn FnMut(&anyhow::Error)) {
        total.add(done.table);
        if let Some(error) = done.trouble {
            if is_unavailable(&error) {
                self.stop.stop();
            }
            trouble(&error);
        }
    }

    /// Publishes some pages of one run, or neighbours of an export.
    async fn part(&self, pages: Vec<Page>, ordered: bool) -> Done {
        let (run, count) = (pages[0].run.run, counts(&pages));
        let name = pages[0].name.clone();
        let mut table = Table::default();
        let published = if ordered {
            self.in_order(pages, &mut table).await
        } else {
            self.publish(pages, &mut table).await
        };
        let trouble = match published {
            Ok(()) => None,
            Err(error) => {
                table.failed += count - table.sum();
                Some(error.context(format!("import {name} and what belongs to its run")))
            }
        };
        Done { run, table, trouble }
    }

    async fn publish(&self, mut pages: Vec<Page>, table: &mut Table) -> Result<()> {
        let run = &pages[0].run;
        let mut open = if pages[0].is_letter {
            self.home(run).await?
        } else {
            self.ledger.open(run.clone()).await.context("ask how far the run has come")?
        };
        let here = open.state.meta.run;
        pages.iter_mut().for_each(|page| page.move_to(here));
        pages[0].is_of(&open.state.meta)?;
        let (other, pages): (Vec<_>, Vec<_>) =
            pages.into_iter().partition(|page| has_another_body(&open, page));
        let (there, wanted): (Vec<_>, Vec<_>) =
            pages.into_iter().partition(|page| self.is_there(&open, page));
        table.absorbed += counts(&there);
        // What is there stays, so these rows are counted as failed.
        let mut refused = other.first().map_or(Ok(()), |page| Err(other_rows(page)));
        if wanted.is_empty() && open.state.has_ended() {
            return refused;
        }
        let planned = wanted.iter().chain(&there).filter_map(|page| page.pages).max();
        open.state.planned = open.state.planned.max(planned);
        // Before they are published: whoever finds the run begun has to know whether it has the same rows.
        for page in wanted.iter().filter(|page| page.run.dataset == Dataset::History) {
            open.state.note_body(page.page, &sha256(&page.body));
        }
        let kind = if open.is_new() { RunEventKind::Started } else { RunEventKind::Resumed };
        self.append(&mut open, kind).await?;
        let run = &open.state.meta;
        let sent = wanted.iter().map(async |page| {
            let meta = run.page(page.page, page.pages, page.url.clone(), Some(page.status));
            (page, self.publisher.page(&meta, page.body.clone(), &page.envelope).await)
        });
        let sent: Vec<_> = futures::stream::iter(sent).buffered(parts::PAGES).collect().await;
        let mut first_error: Option<anyhow::Error> = None;
        for (page, fate) in sent {
            match fate {
                Ok(Fate::Raw { seq, duplicate: false }) => {
                    got(&mut open.state, page, seq);
                    table.published(&page.run.dataset, page.counts)
                }
                // An import that died before it told of this page brought it: what RAW has is what is told.
                Ok(Fate::Raw { seq, duplicate: true }) => match self.in_its_place(page, seq).await {
                    Ok(Some(other)) => {
                        got(&mut open.state, &other, seq);
                        refused = refused.and_then(|()| Err(other_rows(&other)));
                    }
                    Ok(None) => {
                        got(&mut open.state, page, seq);
                        table.absorbed += page.counts;
                    }
                    Err(error) => first_error = first_error.or(Some(error)),
                },
                Ok(Fate::Dead(reason)) => {
                    let (name, why) =
                        (&page.name, page.envelope.as_ref().err().map_or("", |refusal| &refusal.message));
                    tracing::warn!(%reason, "{name} is no page and went to DLQ: {reason}: {why}");
                    open.state.failed(page.page, reason);
                    open.state.put_aside(page.page, &sha256(&page.body));
                    table.dead(reason, page.counts);
                }
                Ok(Fate::Refused(reason)) => {
                    open.state.failed(page.page, reason);
                    table.refused(reason, page.counts);
                }
                Err(error) => {
                    first_error =
                        first_error.or_else(|| Some(anyhow::Error::new(error).context("publish a page")))
                }
            }
        }
        let kind = if first_error.is_none() { RunEventKind::Finished } else { RunEventKind::Progress };
        self.append(&mut open, kind).await?;
        first_error.map_or(refused, Err)
    }

    /// The page that RAW has in the place of this one, if it is another.
    pub(super) async fn in_its_place(&self, page: &Page, seq: u64) -> Result<Option<Page>> {
        let kept = self.publisher.kept(seq).await.context("look at the page that is there")?;
        if kept.is_none() && self.again {
            let name = &page.name;
            bail!("{name}: RAW has dropped it and takes it again once its duplicate window (2 h) has passed");
        }
        Ok(kept.filter(|kept| *kept != page.body).map(|body| Page {
            envelope: envelope::read(&body),
            body,
            ..page.clone()
        }))
    }

    /// A page is there when it is in RAW, or was given up for what is wrong with this body too.
    fn is_there(&self, open: &Open, page: &Page) -> bool {
        // The same page may have come well later, or badly in another way: each bad body is a letter of its own.
        if page.envelope.is_err() && open.state.has_put_aside(page.page, &sha256(&page.body)) {
            return true;
        }
        let as_large = || open.state.gave_up(page.page, Reason::TooLarge) && page.is_too_large();
        let is_in_raw = open.state.has(page.page) && page.envelope.is_ok() && !self.again;
        is_in_raw || as_large()
    }

    pub(super) async fn append(&self, open: &mut Open, kind: RunEventKind) -> Result<()> {
        let told = self.ledger.append(open, kind, None).await;
        told.map_err(|error| match error {
            LedgerError::Taken { .. } => anyhow::Error::new(error).context("two imports of one run at once"),
            other => anyhow::Error::new(other).context("tell of the run"),
        })
    }
}

/// Tells the state of its run that a page with this body is in RAW; of a history's page, where.
pub(super) fn got(state: &mut RunState, page: &Page, seq: u64) {
    state.got(page.page, page.envelope.as_ref().map_or(0, |envelope| envelope.rows));
    let digest = sha256(&page.body);
    if page.run.dataset == Dataset::History {
        state.kept(page.page, &digest, seq);
    } else {
        state.brought(page.page, &digest);
    }
}

/// Whether a page is there with another body: a run is not named by what it holds.
fn has_another_body(open: &Open, page: &Page) -> bool {
    page.envelope.is_ok() && open.state.differs(page.page, || sha256(&page.body))
}

pub(super) fn other_rows(page: &Page) -> anyhow::Error {
    let RunMeta { run, dataset, source, captured_at: at, .. } = &page.run;
    if *dataset != Dataset::History {
        let (number, name) = (page.page, &page.name);
        return anyhow!(
            "page {number} of run {run} is there with another body than {name}, and stays: give this one a run of its own"
        );
    }
    anyhow!("another import has brought other rows of {source} at {at} meanwhile: run the same command again")
}
