//! Archives: what a patient observer would have recorded of the simulator in the days before an instant.

mod flaws;
mod output;
mod plan;

pub use output::Output;
pub use plan::{Gap, Run, Wanted, plan};

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use kansoku_schemas::{Capture, Catalogue, Dataset, RunId, write_line};

use self::flaws::Flaws;
use crate::{
    SOURCE, api,
    api::Route,
    body::{self, HOST, Paging},
    snapshot::Snapshot,
    tags::TAGS,
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
    pub wanted: Vec<Wanted>,
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

/// Writes the captures in the order in which they were made. `progress` hears of each run before it is written: its number
/// from 0, how many there are, and the instant.
///
/// # Errors
/// When nothing is asked for, when there is no place for the bad rows, and when writing fails.
pub fn write(
    request: &Request,
    writer: &mut impl Write,
    mut progress: impl FnMut(usize, usize, DateTime<Utc>),
) -> Result<Totals> {
    ensure!(request.days > 0, "--days is 0: ask for one day at least");
    let runs = plan(request);
    ensure!(
        !runs.is_empty(),
        "the gap covers every one of the {} days: nothing is left to write",
        request.days
    );
    let world = World::until(request.seed, request.until);
    let flaws = Flaws::plant(request, &world, &runs)?;
    let mut totals = Totals { bad_rows: flaws.len(), ..Totals::default() };
    for (number, run) in runs.iter().enumerate() {
        progress(number, runs.len(), run.captured_at);
        let snapshot = Snapshot::of(&world, run.captured_at);
        totals.runs += 1;
        for capture in captures(run, &snapshot, &flaws)? {
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
    flaws: &'a Flaws,
) -> Result<impl Iterator<Item = Result<(Capture, usize)>> + use<'a>> {
    let total = address(run.dataset, 1).route()?.listed(snapshot).len();
    let pages = pages(run.dataset, total);
    Ok((1..=pages).map(move |page| {
        let address = address(run.dataset, page);
        let body = address.route()?.body(snapshot, &flaws.on(run, page)).map_err(unanswered)?;
        let capture = Capture {
            url: Some(address.url()),
            status: 200,
            headers: headers(snapshot, &address),
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
        let capture = capture.with_body(body);
        let genres = run.dataset == Dataset::Genres;
        let rows = if genres { TAGS.len() } else { body::rows_on(total, Paging::number(page)) };
        Ok((capture, rows))
    }))
}

/// How many pages are captured of a list of this length: four of the endless ones, all of the others.
fn pages(dataset: Dataset, total: usize) -> u32 {
    let all = Paging::number(1).pages(total);
    let endless = matches!(dataset, Dataset::TopScore | Dataset::TopMembers | Dataset::TopFavorites);
    if endless { all.min(4) } else { all }
}

/// Where a page is found.
struct Address {
    path: String,
    query: String,
}

impl Address {
    fn url(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{HOST}{}{mark}{}", self.path, self.query)
    }

    fn route(&self) -> Result<Route> {
        Route::parse(&self.path, &self.query).map_err(unanswered)
    }
}

/// The address that the fetcher would ask for this page.
fn address(dataset: Dataset, page: u32) -> Address {
    let (path, filter) = match dataset {
        Dataset::TopScore => ("top/anime".to_owned(), ""),
        Dataset::TopMembers => ("top/anime".to_owned(), "filter=bypopularity&"),
        Dataset::TopFavorites => ("top/anime".to_owned(), "filter=favorite&"),
        Dataset::TopAiring => ("top/anime".to_owned(), "filter=airing&"),
        Dataset::TopUpcoming => ("top/anime".to_owned(), "filter=upcoming&"),
        Dataset::SeasonNow => ("seasons/now".to_owned(), ""),
        Dataset::SeasonUpcoming => ("seasons/upcoming".to_owned(), ""),
        Dataset::Season { year, season } => (format!("seasons/{year}/{season}"), ""),
        Dataset::Anime | Dataset::History => ("anime".to_owned(), ""),
        Dataset::Genres => {
            return Address { path: "/v4/genres/anime".to_owned(), query: String::new() };
        }
    };
    Address { path: format!("/v4/{path}"), query: format!("{filter}page={page}") }
}

fn headers(snapshot: &Snapshot, address: &Address) -> BTreeMap<String, String> {
    let headers = api::headers(snapshot.at(), &address.path, &address.query);
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn unanswered(refusal: api::Refusal) -> anyhow::Error {
    anyhow::anyhow!("the simulator refuses its own address: {}", String::from_utf8_lossy(&refusal.body()))
}
