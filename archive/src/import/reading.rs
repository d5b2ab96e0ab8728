//! What is read of recordings before it is published: some neighbours at a time.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, anyhow};
use chrono::{DateTime, Utc};
use kansoku_runs::RunMeta;
use kansoku_schemas::{RunEvent, RunId};
use kansoku_service::Stop;
use tokio::sync::mpsc::{self, error::TryRecvError};

use super::{
    Report,
    group::Groups,
    plan::{Page, plan},
    recording::{Item, Recording, wrong},
};
use crate::counts::add;

/// Items that are published at once, and that are read ahead, at most.
const CHUNK: usize = 64;

/// Neighbours: pages, each place in a run once, and how runs ended that come behind them.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) pages: Vec<Page>,
    pub(super) ends: Vec<(RunEvent, u64)>,
}

/// Recordings as they are read.
pub(super) struct Reading {
    items: mpsc::Receiver<Result<Item>>,
    now: DateTime<Utc>,
    /// A page that is in the chunk already: what comes of that one decides about it.
    held: Option<Page>,
    groups: Groups,
    /// What each run is, as its first page says.
    runs: HashMap<RunId, RunMeta>,
}

impl Reading {
    /// Reads in a thread of its own: a pipe that gives nothing must not keep the process.
    pub(super) fn of(items: impl Iterator<Item = Result<Item>> + Send + 'static, now: DateTime<Utc>) -> Self {
        let (sender, receiver) = mpsc::channel(CHUNK);
        std::thread::spawn(move || {
            for item in items {
                if sender.blocking_send(item).is_err() {
                    return;
                }
            }
        });
        Self { items: receiver, now, held: None, groups: Groups::default(), runs: HashMap::new() }
    }

    /// What is there at the moment, up to a chunk; `None` when nothing more will come.
    pub(super) async fn next(&mut self, stop: &Stop, report: &mut Report) -> Option<Chunk> {
        let mut chunk = Chunk::default();
        chunk.pages.extend(self.held.take());
        let place = |page: &Page| (page.run.run, page.page, page.own_id());
        let mut places: HashSet<_> = chunk.pages.iter().map(place).collect();
        while chunk.pages.len() + chunk.ends.len() < CHUNK && !stop.is_stopped() {
            let item = match self.items.try_recv() {
                Ok(item) => item,
                Err(TryRecvError::Empty) if chunk.pages.is_empty() && chunk.ends.is_empty() => {
                    match stop.run_until(self.items.recv()).await.flatten() {
                        Some(item) => item,
                        None => break,
                    }
                }
                Err(_) => break,
            };
            match item {
                Ok(Item::Recording(recording)) => {
                    let Some(page) = self.page(*recording, report) else { continue };
                    if !places.insert(place(&page)) {
                        self.held = Some(page);
                        break;
                    }
                    chunk.pages.push(page);
                }
                Ok(Item::End(event, epoch)) => {
                    report.ends += 1;
                    chunk.ends.push((*event, epoch));
                }
                Err(error) => {
                    report.failed += 1;
                    report.problem(&error);
                }
            }
        }
        let is_over = chunk.pages.is_empty() && chunk.ends.is_empty();
        if is_over && !stop.is_stopped() {
            std::mem::take(&mut self.groups).finish().iter().for_each(|missing| report.notice(missing));
        }
        (!is_over).then_some(chunk)
    }

    /// The page of a recording, unless it is left out.
    fn page(&mut self, recording: Recording, report: &mut Report) -> Option<Page> {
        let (name, counts) = (recording.name.clone(), recording.counts);
        let planned = plan(recording, self.now).and_then(|mut page| {
            if page.is_alone && page.run.dataset.is_ranked() {
                self.groups.join(&mut page).iter().for_each(|missing| report.notice(missing));
            }
            let run = self.runs.entry(page.run.run).or_insert_with(|| page.run.clone());
            let mismatch = page.mismatch(run).map(|words| wrong("its run is another capture", words));
            mismatch.map_or(Ok(page), Err)
        });
        let (kind, words) = match planned {
            Ok(page) => return Some(page),
            Err(left_out) => left_out,
        };
        add(&mut report.not_taken, kind, counts);
        if let Some(words) = words {
            report.problem(&anyhow!("{name} {words}"));
        }
        None
    }
}
