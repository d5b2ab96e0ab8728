//! What is read, cut into parts that are published at once.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kansoku_runs::RunMeta;
use kansoku_schemas::{RunEvent, RunId};

use super::{
    Page, Plan, Table, plan,
    sources::{Item, Recordings},
};

/// Pages of one run that are held at once; a longer run is told in parts.
pub(super) const PAGES: usize = 32;

/// Cuts what is read into parts.
pub(super) struct Parts {
    recordings: Recordings,
    now: DateTime<Utc>,
    next: Option<Ahead>,
    /// What each run is, as its first page says.
    runs: HashMap<RunId, RunMeta>,
}

/// What is published at once.
pub(super) enum Part {
    /// Pages of one run.
    Pages(Vec<Page>),
    /// Neighbours of an export, whatever their runs.
    Ordered(Vec<Page>),
    /// How a run ended beside a RAW of this epoch.
    End(Box<RunEvent>, u64),
}

impl Part {
    /// As how many things it counts.
    pub(super) fn counts(&self) -> u64 {
        match self {
            Self::Pages(pages) | Self::Ordered(pages) => counts(pages),
            Self::End(..) => 0,
        }
    }
}

/// As how many things these pages count.
pub(super) fn counts(pages: &[Page]) -> u64 {
    pages.iter().map(|page| page.counts).sum()
}

/// What was read last and is of the next part.
enum Ahead {
    Page(Box<Page>),
    End(Box<RunEvent>, u64),
}

impl Parts {
    /// Reads these recordings at this time.
    pub(super) fn of(recordings: Recordings, now: DateTime<Utc>) -> Self {
        Self { recordings, now, next: None, runs: HashMap::new() }
    }

    /// Nothing more is read; what was read ahead counts as not read.
    pub(super) fn leave(&mut self, total: &mut Table) {
        if let Some(Ahead::Page(page)) = self.next.take() {
            total.captures -= page.counts;
        }
    }

    /// The next part: neighbours of one run or of one export, distinct pages, not too many.
    pub(super) fn next(
        &mut self,
        total: &mut Table,
        progress: &mut dyn FnMut(u64),
        trouble: &mut dyn FnMut(&anyhow::Error),
    ) -> Option<Part> {
        let first = match self.next.take() {
            Some(ahead) => ahead,
            None => self.ahead(total, progress, trouble)?,
        };
        let first = match first {
            Ahead::Page(page) => *page,
            Ahead::End(event, epoch) => return Some(Part::End(event, epoch)),
        };
        let (run, is_letter) = (first.run.clone(), first.is_letter);
        let exported = first.exported.is_some();
        let key = |page: &Page| (page.run.run, page.page, page.replay().map(|(id, _)| id.clone()));
        let mut distinct = HashSet::from([key(&first)]);
        let mut part = vec![first];
        while part.len() < PAGES {
            let Some(ahead) = self.ahead(total, progress, trouble) else { break };
            let Ahead::Page(page) = ahead else {
                self.next = Some(ahead);
                break;
            };
            let of_this_run = page.run == run && page.is_letter == is_letter;
            let neighbour = page.exported.is_some() == exported && (exported || of_this_run);
            if !neighbour || !distinct.insert(key(&page)) {
                self.next = Some(Ahead::Page(page));
                break;
            }
            part.push(*page);
        }
        Some(if exported { Part::Ordered(part) } else { Part::Pages(part) })
    }

    /// The next that is to be published; what is left or broken is counted on the way.
    fn ahead(
        &mut self,
        total: &mut Table,
        progress: &mut dyn FnMut(u64),
        trouble: &mut dyn FnMut(&anyhow::Error),
    ) -> Option<Ahead> {
        loop {
            let recorded = match self.recordings.next()? {
                Ok(Item::Recorded(recorded)) => Ok(*recorded),
                Ok(Item::End(event, epoch)) => {
                    total.ends += 1;
                    return Some(Ahead::End(event, epoch));
                }
                Err(error) => Err(error),
            };
            let counts = recorded.as_ref().map_or(1, |recorded| recorded.counts);
            total.captures += counts;
            progress(total.captures);
            match recorded.map(|recorded| plan(recorded, self.now)) {
                Ok(Plan::Take(page)) => {
                    let run = self.runs.entry(page.run.run).or_insert_with(|| page.run.clone());
                    // What was exported finds its run later.
                    let is_elsewhere = (page.exported.is_some() || page.is_letter) && page.run.is_beside(run);
                    match page.is_of(run) {
                        Err(error) if !is_elsewhere => {
                            total.not_taken("its run is another capture", counts);
                            trouble(&error);
                        }
                        _ => return Some(Ahead::Page(page)),
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
