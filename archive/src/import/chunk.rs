//! What is read of recordings before it is published: some neighbours at a time.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use chrono::{DateTime, Utc};
use kansoku_runs::RunMeta;
use kansoku_schemas::{RunEvent, RunId};
use kansoku_service::Stop;
use tokio::sync::mpsc;

use super::{Page, Plan, Table, group::Groups, plan, sources::Item};

/// Pages that are published at once, at most.
const CHUNK: usize = 64;
/// Recordings that are read ahead.
const AHEAD: usize = 64;

/// What was read and not published yet.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) pages: Vec<Page>,
    pub(super) keys: HashSet<(RunId, u32, Option<String>)>,
    /// Behind the pages: a page that has to wait for the next chunk, or how a run ended.
    pub(super) then: Option<Then>,
}

pub(super) enum Then {
    Page(Box<Page>),
    End(Box<RunEvent>, u64),
}

/// Who hears of each capture, and of what went wrong.
pub struct Report<'a> {
    /// Takes the number of captures so far.
    pub progress: &'a mut dyn FnMut(u64),
    /// Takes what was wrong.
    pub problem: &'a mut dyn FnMut(&anyhow::Error),
    /// Takes what is no error and worth to know.
    pub notice: &'a mut dyn FnMut(&str),
}

/// Recordings as they are read.
pub(super) struct Reading {
    recordings: mpsc::Receiver<Result<Item>>,
    /// The runs of captures that name none.
    pub(super) groups: Groups,
    /// What each run is, as its first page says.
    runs: HashMap<RunId, RunMeta>,
}

impl Reading {
    /// Reads in a thread of its own: a pipe that gives nothing must not keep the process.
    pub(super) fn of(recordings: impl Iterator<Item = Result<Item>> + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel(AHEAD);
        std::thread::spawn(move || {
            for item in recordings {
                if sender.blocking_send(item).is_err() {
                    return;
                }
            }
        });
        Self { recordings: receiver, groups: Groups::default(), runs: HashMap::new() }
    }

    /// Reads until the chunk is full, or nothing more is there at the moment; whether nothing more will come.
    pub(super) async fn fill(
        &mut self,
        chunk: &mut Chunk,
        stop: &Stop,
        now: DateTime<Utc>,
        total: &mut Table,
        report: &mut Report<'_>,
    ) -> bool {
        while chunk.pages.len() < CHUNK && chunk.then.is_none() {
            let item = match self.recordings.try_recv() {
                Ok(item) => item,
                Err(mpsc::error::TryRecvError::Disconnected) => return true,
                Err(mpsc::error::TryRecvError::Empty) if !chunk.pages.is_empty() => return false,
                Err(mpsc::error::TryRecvError::Empty) => match stop.run_until(self.recordings.recv()).await {
                    Some(Some(item)) => item,
                    _ => return true,
                },
            };
            let recorded = match item {
                Ok(Item::Recorded(recorded)) => *recorded,
                Ok(Item::End(event, epoch)) => {
                    total.ends += 1;
                    chunk.then = Some(Then::End(event, epoch));
                    return false;
                }
                Err(error) => {
                    total.captures += 1;
                    total.failed += 1;
                    (report.problem)(&error);
                    continue;
                }
            };
            let counts = recorded.counts;
            total.captures += counts;
            (report.progress)(total.captures);
            match plan(recorded, now) {
                Plan::Leave(name) => total.not_taken(name, counts),
                Plan::Refuse(name, error) => {
                    total.left_out(name, counts, &error);
                    (report.problem)(&error);
                }
                Plan::Take(mut page) => {
                    if page.is_alone && page.run.dataset.is_ranked() {
                        self.groups.join(&mut page).iter().for_each(|missing| (report.notice)(missing));
                    }
                    let run = self.runs.entry(page.run.run).or_insert_with(|| page.run.clone());
                    if let Some(error) = page.mismatch(run) {
                        total.left_out("its run is another capture", counts, &error);
                        (report.problem)(&error);
                    } else {
                        chunk.add(*page);
                    }
                }
            }
        }
        false
    }
}

impl Chunk {
    pub(super) fn add(&mut self, page: Page) {
        let key = (page.run.run, page.page, page.replay().map(|(id, _)| id.clone()));
        if self.keys.insert(key) {
            self.pages.push(page);
        } else {
            self.then = Some(Then::Page(Box::new(page)));
        }
    }
}
