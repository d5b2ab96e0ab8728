//! Publishes planned pages run by run: several runs at once, the pages of one run at once, never one run twice.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result, anyhow, bail};
use chrono::{DateTime, Utc};
use futures::{StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};
use kansoku_schemas::{Dataset, PageCensus, Reason, RunEventKind, RunId};
use kansoku_service::Stop;

use super::{Page, Plan, Table, plan, sources::Recordings};
use crate::{
    envelope,
    link::is_away,
    publish::{Fate, Publisher, sha256},
    runs::{Ledger, LedgerError, Open, RunMeta, Story},
};

/// Runs under way at once.
const RUNS: usize = 12;
/// Pages of one run that are held at once; a longer run is told in parts.
const PAGES: usize = 32;

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
struct Done {
    run: RunId,
    table: Table,
    trouble: Option<anyhow::Error>,
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
        let mut parts = Parts { recordings, now, next: None, runs: HashMap::new() };
        loop {
            let part = if self.stop.is_stopped() { None } else { parts.next(&mut total, progress, trouble) };
            // The next part of a run waits for the part before it; the end waits for all.
            while match &part {
                // What was exported keeps its order: it goes after all before it and before all after it.
                Some(part) if part[0].exported.is_some() => !under_way.is_empty(),
                Some(part) => under_way.len() >= RUNS || runs.contains(&part[0].run.run),
                None => !under_way.is_empty(),
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
                total.captures -= counts(&part);
                continue;
            }
            if part[0].exported.is_some() {
                self.settle(self.part(part).await, &mut total, trouble);
                continue;
            }
            runs.insert(part[0].run.run);
            under_way.push(Box::pin(self.part(part)));
        }
    }

    fn settle(&self, done: Done, total: &mut Table, trouble: &mut dyn FnMut(&anyhow::Error)) {
        total.add(done.table);
        if let Some(error) = done.trouble {
            if is_away(&error) {
                self.stop.stop();
            }
            trouble(&error);
        }
    }

    /// Publishes some pages of one run, or neighbours of an export.
    async fn part(&self, pages: Vec<Page>) -> Done {
        let (run, count) = (pages[0].run.run, counts(&pages));
        let name = pages[0].name.clone();
        let mut table = Table::default();
        let published = if pages[0].exported.is_some() {
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

    async fn publish(&self, pages: Vec<Page>, table: &mut Table) -> Result<()> {
        let mut open =
            self.ledger.open(pages[0].run.clone()).await.context("ask how far the run has come")?;
        pages[0].is_of(&open.story.meta)?;
        let (other, pages): (Vec<_>, Vec<_>) =
            pages.into_iter().partition(|page| holds_other_rows(&open, page));
        let (there, wanted): (Vec<_>, Vec<_>) =
            pages.into_iter().partition(|page| self.is_there(&open, page));
        table.absorbed += counts(&there);
        // What is there stays, so these rows are counted as failed.
        let mut refused = other.first().map_or(Ok(()), |page| Err(other_rows(page)));
        if wanted.is_empty() && open.story.has_ended() {
            return refused;
        }
        let planned = wanted.iter().chain(&there).filter_map(|page| page.pages).max();
        open.story.planned = open.story.planned.max(planned);
        // Before they are published: whoever finds the run begun has to know whether it has the same rows.
        for page in wanted.iter().filter(|page| page.run.dataset == Dataset::History) {
            open.story.looked_into(page.page, &sha256(&page.body), &PageCensus::default());
        }
        let kind = if open.is_new() { RunEventKind::Started } else { RunEventKind::Resumed };
        self.tell(&mut open, kind).await?;
        let run = &open.story.meta;
        let sent = wanted.iter().map(async |page| {
            let meta = run.page(page.page, page.pages, page.url.clone(), Some(page.status));
            (page, self.publisher.page(&meta, page.body.clone(), &page.envelope).await)
        });
        let sent: Vec<_> = futures::stream::iter(sent).buffered(PAGES).collect().await;
        let mut first_error: Option<anyhow::Error> = None;
        for (page, fate) in sent {
            match fate {
                Ok(Fate::Raw { seq, duplicate: false }) => {
                    got(&mut open.story, page, seq);
                    table.published(&page.run.dataset, page.counts)
                }
                // An import that died before it told of this page brought it: what RAW has is what is told.
                Ok(Fate::Raw { seq, duplicate: true }) => match self.in_its_place(page, seq).await {
                    Ok(Some(other)) => {
                        got(&mut open.story, &other, seq);
                        refused = refused.and_then(|()| Err(other_rows(&other)));
                    }
                    Ok(None) => {
                        got(&mut open.story, page, seq);
                        table.absorbed += page.counts;
                    }
                    Err(error) => first_error = first_error.or(Some(error)),
                },
                Ok(Fate::Dead(reason)) => {
                    let (name, why) =
                        (&page.name, page.envelope.as_ref().err().map_or("", |refusal| &refusal.message));
                    tracing::warn!(%reason, "{name} is no page and went to DLQ: {reason}: {why}");
                    open.story.failed(page.page, reason);
                    table.dead(reason, page.counts);
                }
                Ok(Fate::Refused(reason)) => {
                    open.story.failed(page.page, reason);
                    table.refused(reason, page.counts);
                }
                Err(error) => {
                    first_error =
                        first_error.or_else(|| Some(anyhow::Error::new(error).context("publish a page")))
                }
            }
        }
        let kind = if first_error.is_none() { RunEventKind::Finished } else { RunEventKind::Progress };
        self.tell(&mut open, kind).await?;
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
        let same_fault = |refusal: &envelope::Refusal| open.story.gave_up(page.page, refusal.reason);
        let as_large = || open.story.gave_up(page.page, Reason::TooLarge) && page.is_too_large();
        let is_in_raw = open.story.has(page.page) && !self.again;
        is_in_raw || page.envelope.as_ref().err().is_some_and(same_fault) || as_large()
    }

    pub(super) async fn tell(&self, open: &mut Open, kind: RunEventKind) -> Result<()> {
        let told = self.ledger.tell(open, kind, None).await;
        told.map_err(|error| match error {
            LedgerError::Taken { .. } => anyhow::Error::new(error).context("two imports of one run at once"),
            other => anyhow::Error::new(other).context("tell of the run"),
        })
    }
}

/// Tells the story of its run that a page is in RAW; of a history's page, with what in it and where.
pub(super) fn got(story: &mut Story, page: &Page, seq: u64) {
    story.got(page.page, page.envelope.as_ref().map_or(0, |envelope| envelope.rows));
    if page.run.dataset == Dataset::History {
        story.kept(page.page, &sha256(&page.body), seq);
    }
}

/// Whether a page of a history is there with other rows: its run is named by its instant, not by what it holds.
fn holds_other_rows(open: &Open, page: &Page) -> bool {
    page.run.dataset == Dataset::History && open.story.differs(page.page, &sha256(&page.body))
}

pub(super) fn other_rows(page: &Page) -> anyhow::Error {
    let (source, at) = (&page.run.source, page.run.captured_at);
    anyhow!("another import has brought other rows of {source} at {at} meanwhile: run the same command again")
}

/// As how many things these pages count.
fn counts(pages: &[Page]) -> u64 {
    pages.iter().map(|page| page.counts).sum()
}

/// Cuts the recordings into parts: neighbours of one run or of one export, distinct pages, not too many.
struct Parts {
    recordings: Recordings,
    now: DateTime<Utc>,
    next: Option<Page>,
    /// What each run is, as its first page says.
    runs: HashMap<RunId, RunMeta>,
}

impl Parts {
    /// Nothing more is read; what was read ahead counts as not read.
    fn leave(&mut self, total: &mut Table) {
        total.captures -= self.next.take().map_or(0, |page| page.counts);
    }

    fn next(
        &mut self,
        total: &mut Table,
        progress: &mut dyn FnMut(u64),
        trouble: &mut dyn FnMut(&anyhow::Error),
    ) -> Option<Vec<Page>> {
        let first = match self.next.take() {
            Some(page) => page,
            None => self.page(total, progress, trouble)?,
        };
        let run = first.run.run;
        let exported = first.exported.is_some();
        let key = |page: &Page| (page.run.run, page.page, page.replay().map(|(id, _)| id.clone()));
        let mut distinct = HashSet::from([key(&first)]);
        let mut part = vec![first];
        while part.len() < PAGES {
            let Some(page) = self.page(total, progress, trouble) else { break };
            let neighbour = page.exported.is_some() == exported && (exported || page.run.run == run);
            if !neighbour || !distinct.insert(key(&page)) {
                self.next = Some(page);
                break;
            }
            part.push(page);
        }
        Some(part)
    }

    /// The next recording that is to be published; what is left or broken is counted on the way.
    fn page(
        &mut self,
        total: &mut Table,
        progress: &mut dyn FnMut(u64),
        trouble: &mut dyn FnMut(&anyhow::Error),
    ) -> Option<Page> {
        loop {
            let recorded = self.recordings.next()?;
            let counts = recorded.as_ref().map_or(1, |recorded| recorded.counts);
            total.captures += counts;
            progress(total.captures);
            match recorded.map(|recorded| plan(recorded, self.now)) {
                Ok(Plan::Take(page)) => {
                    let run = self.runs.entry(page.run.run).or_insert_with(|| page.run.clone());
                    match page.is_of(run) {
                        Ok(()) => return Some(*page),
                        Err(error) => {
                            total.not_taken("its run is another capture", counts);
                            trouble(&error);
                        }
                    }
                }
                Ok(Plan::Leave(name)) => total.not_taken(name, counts),
                Ok(Plan::Refuse(name, error)) => {
                    total.not_taken(name, counts);
                    trouble(&error);
                }
                Err(error) => {
                    total.failed += 1;
                    trouble(&error);
                }
            }
        }
    }
}

impl Table {
    /// Adds the counts of a part.
    pub(crate) fn add(&mut self, part: Self) {
        let add = |into: &mut std::collections::BTreeMap<String, u64>,
                   from: std::collections::BTreeMap<String, u64>| {
            for (name, count) in from {
                *into.entry(name).or_default() += count;
            }
        };
        add(&mut self.published, part.published);
        add(&mut self.dead, part.dead);
        add(&mut self.refused, part.refused);
        add(&mut self.not_taken, part.not_taken);
        self.absorbed += part.absorbed;
        self.failed += part.failed;
    }
}
