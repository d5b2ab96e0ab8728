//! Archives: what would have been captured from the simulator in the days before an instant.

mod bad_rows;
mod output;
mod plan;

pub use output::Output;
pub use plan::{Gap, Run, USUAL, plan};

use std::io::{self, Write};

use anyhow::{Context, Result, anyhow, ensure};
use chrono::{DateTime, Utc};
use kansoku_schemas::{Capture, Catalogue, Dataset, RunId, Target, write_line};

use self::bad_rows::BadRows;
use crate::{
    SOURCE,
    api::{self, Route},
    body::{self, HOST, Paging},
    labels::tags,
    snapshot::Snapshot,
    world::World,
};

/// What to write.
#[derive(Debug, Clone)]
pub struct Request {
    /// The seed of the world.
    pub seed: u64,
    /// How many days back.
    pub days: u32,
    /// Nothing is captured after this instant.
    pub until: DateTime<Utc>,
    /// Days on which nothing was captured.
    pub gap: Option<Gap>,
    /// How many rows are broken on purpose.
    pub bad_rows: usize,
    /// What is captured.
    pub targets: Vec<Target>,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Captures of a dataset.
    pub runs: usize,
    /// Lines.
    pub pages: usize,
    /// Rows of all pages, broken ones included.
    pub rows: usize,
    /// Broken rows.
    pub bad_rows: usize,
    /// Bytes of all bodies.
    pub body_bytes: u64,
}

/// Writes the captures in the order in which they were made. `progress` is called before each run is written: its number
/// from 0, how many there are, and the instant.
///
/// # Errors
/// When nothing is requested, when there is no place for the bad rows, and when writing fails.
pub fn write(
    request: &Request,
    writer: &mut impl Write,
    mut progress: impl FnMut(usize, usize, DateTime<Utc>),
) -> Result<Totals> {
    ensure!(request.days > 0, "--days is 0: give one day at least");
    let runs = plan(request);
    ensure!(
        !runs.is_empty(),
        "the gap covers every one of the {} days: nothing is left to write",
        request.days
    );
    let world = World::until(request.seed, request.until);
    let bad_rows = BadRows::plan(request, &world, &runs)?;
    let mut totals = Totals { bad_rows: bad_rows.len(), ..Totals::default() };
    for (number, run) in runs.iter().enumerate() {
        progress(number, runs.len(), run.captured_at);
        let snapshot = Snapshot::of(&world, run.captured_at);
        totals.runs += 1;
        for capture in captures(run, &snapshot, &bad_rows) {
            let (capture, rows) = capture?;
            totals.pages += 1;
            totals.rows += rows;
            totals.body_bytes += capture.body.as_ref().map_or(0, String::len) as u64;
            write_line(&capture.into(), &mut *writer)
                .or_else(unless_nobody_reads)
                .context("write the archive")?;
        }
    }
    writer.flush().or_else(unless_nobody_reads).context("write the archive")?;
    Ok(totals)
}

/// `archive -o - | head` is not an error.
fn unless_nobody_reads(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

/// The pages of one run and how many rows each has.
fn captures<'a>(
    run: &'a Run,
    snapshot: &'a Snapshot,
    bad_rows: &'a BadRows,
) -> impl Iterator<Item = Result<(Capture, usize)>> + use<'a> {
    let total = rows(run.dataset, snapshot);
    let pages = pages(run.dataset, total);
    (1..=pages).map(move |page| {
        let path = run.dataset.path(page).with_context(|| format!("{} is no list", run.dataset))?;
        let body = Route::List(run.dataset, Paging::number(page)).body(snapshot);
        let body = body.map_err(|refusal| anyhow!("the simulator refuses its own list: {refusal:?}"))?;
        let capture = Capture {
            url: Some(format!("{HOST}/v4/{path}")),
            status: 200,
            headers: api::headers(snapshot.at()).into_iter().collect(),
            captured_at: run.captured_at,
            source: SOURCE.to_owned(),
            catalogue: Catalogue::Sample,
            run: Some(RunId::scheduled(SOURCE, &run.dataset, run.captured_at)),
            dataset: Some(run.dataset),
            page,
            pages: Some(pages),
            epoch: None,
            seq: None,
            nats_headers: None,
            body: None,
            body_base64: None,
        };
        let capture = capture.with_body(bad_rows.on(run, page, body));
        let all = run.dataset == Dataset::Genres;
        Ok((capture, if all { total } else { body::rows_on(total, Paging::number(page)) }))
    })
}

/// How many rows the whole list has.
fn rows(dataset: Dataset, snapshot: &Snapshot) -> usize {
    if dataset == Dataset::Genres { tags().count() } else { snapshot.list(dataset).len() }
}

/// How many pages are captured of a list of this length: four of the endless ones, all of the others.
fn pages(dataset: Dataset, total: usize) -> u32 {
    match dataset {
        Dataset::Genres => 1,
        Dataset::TopScore | Dataset::TopMembers | Dataset::TopFavorites => {
            Paging::number(1).pages(total).min(4)
        }
        _ => Paging::number(1).pages(total),
    }
}
