//! Publishes what was exported from another RAW in the order that it had there: of two messages about one row the later
//! one counts. Replays are replays again.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use kansoku_runs::{Open, RunMeta, publish::sha256};
use kansoku_schemas::{Reason, RunEventKind, RunId};

use super::{
    Page, Table,
    work::{Importer, got, other_rows},
};

impl Importer {
    /// Publishes neighbours of an export, whatever their runs.
    pub(super) async fn in_order(&self, mut pages: Vec<Page>, table: &mut Table) -> Result<()> {
        let epoch = self.publisher.raw_epoch().await.context("ask for RAW")?;
        let mut runs: BTreeMap<RunId, Open> = BTreeMap::new();
        let mut homes: Vec<(RunMeta, RunId)> = Vec::new();
        for page in &mut pages {
            let known = homes.iter().find(|(there, _)| *there == page.run).map(|(_, here)| *here);
            let here = match known {
                Some(here) => here,
                None => {
                    let open = self.home(&page.run).await?;
                    let here = open.state.meta.run;
                    homes.push((page.run.clone(), here));
                    runs.entry(here).or_insert(open);
                    here
                }
            };
            page.move_to(here);
            page.is_another =
                page.replay().is_none() && runs[&here].state.differs(page.page, || sha256(&page.body));
        }
        let is_of_its_run = |page: &Page| page.is_of(&runs[&page.run.run].state.meta);
        let refused = pages.iter().try_for_each(is_of_its_run);
        let pages: Vec<Page> = pages.into_iter().filter(|page| is_of_its_run(page).is_ok()).collect();
        for page in pages.iter().filter(|page| page.replay().is_none()) {
            let state = runs.get_mut(&page.run.run).map(|open| &mut open.state);
            state.into_iter().for_each(|state| state.planned = state.planned.max(page.pages));
        }
        let (there, wanted): (Vec<Page>, Vec<Page>) =
            pages.into_iter().partition(|page| self.was_brought(&runs[&page.run.run], page, epoch));
        table.absorbed += there.iter().map(|page| page.counts).sum::<u64>();
        let is_wanted = |run: &RunId| wanted.iter().any(|page| page.run.run == *run);
        runs.retain(|run, open| is_wanted(run) || !open.state.has_ended());
        for open in runs.values_mut() {
            let kind = if open.is_new() { RunEventKind::Started } else { RunEventKind::Resumed };
            self.append(open, kind).await?;
        }
        let published = self.send(&wanted, &mut runs, table).await;
        let kind = if published.is_ok() { RunEventKind::Finished } else { RunEventKind::Progress };
        for open in runs.values_mut() {
            self.append(open, kind).await?;
        }
        published.and(refused)
    }

    async fn send(&self, wanted: &[Page], runs: &mut BTreeMap<RunId, Open>, table: &mut Table) -> Result<()> {
        let (large, wanted): (Vec<&Page>, Vec<&Page>) = wanted.iter().partition(|page| page.is_too_large());
        for page in large {
            table.refused(Reason::TooLarge, page.counts);
            if let Some(open) = runs.get_mut(&page.run.run) {
                open.state.failed(page.page, Reason::TooLarge);
            }
        }
        let messages = wanted.iter().map(|page| page.message()).collect();
        let acks = self.publisher.in_order(messages).await.context("publish pages in their order")?;
        let mut refused = Ok(());
        for (page, ack) in wanted.into_iter().zip(acks) {
            let other = if ack.duplicate { self.in_its_place(page, ack.seq).await? } else { None };
            match &other {
                Some(other) => refused = refused.and_then(|()| Err(other_rows(other))),
                None if ack.duplicate => table.absorbed += page.counts,
                None => table.published(&page.run.dataset, page.counts),
            }
            let Some(open) = runs.get_mut(&page.run.run) else { continue };
            match page.replay() {
                Some((id, _)) => open.state.got_replay(id),
                None if page.is_another => open.state.got_replay(&page.id()),
                // What was in RAW goes to RAW, page or not: what it is worth was the validator's to say.
                None => got(&mut open.state, other.as_ref().unwrap_or(page), ack.seq),
            }
        }
        refused
    }

    /// The run here of a run that was exported: the same, but where two installations asked one source in one slot there
    /// are two runs of one name, and the other's is kept beside this one's.
    pub(super) async fn home(&self, there: &RunMeta) -> Result<Open> {
        let open = async |run: RunMeta| self.ledger.open(run).await.context("ask how far a run has come");
        let here = open(there.clone()).await?;
        // A run that was let go of without a page would begin anew as of the export; it is this installation's to capture.
        let captured_at = here.recorded_at().unwrap_or(there.captured_at);
        if !there.is_beside(&RunMeta { captured_at, ..here.state.meta.clone() }) {
            return Ok(here);
        }
        open(RunMeta { run: there.run.beside(there.captured_at), ..there.clone() }).await
    }

    /// Whether a message is in this RAW: by its run, or because it was exported from here.
    fn was_brought(&self, open: &Open, page: &Page, epoch: u64) -> bool {
        let from_here = page.exported.as_ref().is_some_and(|exported| exported.position.epoch == epoch);
        let too_large = || open.state.gave_up(page.page, Reason::TooLarge) && page.is_too_large();
        match page.replay() {
            _ if self.again => too_large(),
            Some((id, _)) => from_here || open.state.has_replay(id),
            None if page.is_another => from_here || open.state.has_replay(&page.id()) || too_large(),
            None => open.state.has(page.page) || too_large(),
        }
    }
}
