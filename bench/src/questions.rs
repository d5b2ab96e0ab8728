//! What an answer of the API takes, read from the database and cached, and how soon a commit is visible in one.

use std::{
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use kansoku_stack::{pipeline::Pipeline, process::Running, tools};

use crate::{
    clock::Stopwatch,
    http::{Connection, serve_one},
};

/// Titles in the database, and how often one is observed.
const TITLES: u32 = 5_000;
/// How often each question is asked.
const TIMES: u32 = 100;
/// Connections that ask for the cached answer at once.
const AT_ONCE: usize = 8;
/// How often all of them together ask.
const CACHED: usize = 20_000;
/// Commits whose first sight is timed.
const COMMITS: u32 = 60;
/// A commit that takes longer to show is a fault.
const LIMIT: Duration = Duration::from_secs(10);
/// What commits of 5,000 observations each raise, in the loader's words.
const RAISE: &str = "update data_version set version = version + 1 where catalogue = 'sample'";
const CACHED_QUESTION: &str = "/api/v1/analytics/top-anime?catalogue=sample&limit=25&days=60";

/// One kind of question.
#[derive(Debug, Clone)]
pub struct Question {
    /// Its name.
    pub name: &'static str,
    /// Milliseconds of each answer that was read from the database.
    pub uncached: Vec<f64>,
}

/// All that was measured over one database.
#[derive(Debug, Clone)]
pub struct Answers {
    /// Observations in it.
    pub observations: u32,
    /// The questions.
    pub questions: Vec<Question>,
    /// Cached answers a second.
    pub cached: f64,
    /// Answers a second of the peer that holds the same bytes in memory.
    pub fixed: f64,
    /// Milliseconds from a commit to the answer that shows it.
    pub visible: Vec<f64>,
}

/// The n-th of each kind of question; no two of a kind are the same.
fn question(name: &str, n: u32, days: u32) -> String {
    let title = n * 37 % TITLES + 1;
    let day = n % days.min(27) + 1;
    let analytics = "/api/v1/analytics";
    match name {
        "top-anime" => format!("{analytics}/top-anime?catalogue=sample&limit={}&days=60", n % 90 + 10),
        "genre-distribution" => format!("{analytics}/genre-distribution?catalogue=sample&kind=genre"),
        "genre-distribution, a past day" => {
            format!("{analytics}/genre-distribution?catalogue=sample&as_of=2026-10-{day:02}")
        }
        "seasonal-trend" => format!("{analytics}/seasonal-trend?catalogue=sample"),
        "seasonal-trend, a past day" => {
            format!("{analytics}/seasonal-trend?catalogue=sample&as_of=2026-10-{day:02}")
        }
        "a title" => format!("/api/v1/titles/{title}?catalogue=sample"),
        "a title's days" => format!("{analytics}/titles/{title}/days?catalogue=sample"),
        "a title's weeks" => format!("{analytics}/titles/{title}/weeks?catalogue=sample"),
        "similar titles" => format!("{analytics}/titles/{title}/similar?catalogue=sample"),
        "search" => format!("/api/v1/titles?catalogue=sample&q={:03x}", n * 41 % 4096),
        "search, a typing error" => {
            format!("/api/v1/titles?catalogue=sample&q=smaple%20{:03x}", n * 41 % 4096)
        }
        "journey" => format!("/api/v1/journey/1/{}", 200 + title),
        "runs" => format!("/api/v1/runs?catalogue=sample&limit={}", n % 90 + 10),
        "runs/days" => format!("/api/v1/runs/days?catalogue=sample&days={}", n % 300 + 10),
        _ => "/api/v1/sources".to_owned(),
    }
}

const QUESTIONS: [&str; 15] = [
    "top-anime",
    "genre-distribution",
    "genre-distribution, a past day",
    "seasonal-trend",
    "seasonal-trend, a past day",
    "a title",
    "a title's days",
    "a title's weeks",
    "similar titles",
    "search",
    "search, a typing error",
    "journey",
    "runs",
    "runs/days",
    "sources",
];

/// Fills a database of its own with so many observations, and asks.
pub async fn measure(observations: u32) -> Result<Answers> {
    let days = (observations / TITLES).max(30);
    let pipeline = Pipeline::start().await?;
    pipeline.ready("loader").await?.terminate().await?;
    fill(&pipeline, days)?;
    let service = pipeline.service("query-api")?.env("QUERY_API_LIMITS__REQUESTS_PER_MINUTE", "0");
    let mut api = service.spawn()?;
    api.ready().await?;
    let mut questions = Vec::new();
    for name in QUESTIONS {
        questions.push(ask(&pipeline, &api, name, days).await.with_context(|| format!("ask: {name}"))?);
    }
    let port = api.port();
    let body = Connection::open(port)?.get(CACHED_QUESTION)?.body;
    let cached = rate(port, CACHED_QUESTION)?;
    let fixed = rate(serve_one(body)?, "/")?;
    let mut visible = Vec::new();
    for number in 0..COMMITS {
        visible.push(commit_to_visible(&pipeline, port, number).await?);
    }
    Ok(Answers { observations: days * TITLES, questions, cached, fixed, visible })
}

fn fill(pipeline: &Pipeline, days: u32) -> Result<()> {
    let sql = tempfile::NamedTempFile::new().context("make a file")?;
    std::fs::write(sql.path(), include_str!("questions.sql")).context("write a file")?;
    let mut command = Command::new(tools::postgres_bin()?.join("psql"));
    command.args([
        "-X",
        "-q",
        "-o",
        "/dev/null",
        "-v",
        "ON_ERROR_STOP=1",
        "-v",
        &format!("days={days}"),
        "-f",
    ]);
    let output = command.arg(sql.path()).arg(pipeline.database.url()).output().context("run psql")?;
    ensure!(output.status.success(), "fill the database: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Asks until enough answers have been read from the database.
async fn ask(pipeline: &Pipeline, api: &Running, name: &'static str, days: u32) -> Result<Question> {
    let mut connection = Connection::open(api.port())?;
    let mut uncached = Vec::new();
    for n in 0..TIMES * 20 {
        if uncached.len() >= TIMES as usize {
            break;
        }
        let path = question(name, n, days);
        let watch = Stopwatch::start();
        let answer = connection.get(&path)?;
        let took = watch.seconds() * 1e3;
        ensure!(answer.status == 200, "{path}: {}", answer.status);
        if answer.is_read_anew {
            uncached.push(took);
        } else {
            raise(pipeline).await?;
        }
    }
    ensure!(
        uncached.len() >= TIMES as usize / 2,
        "only {} answers were read from the database",
        uncached.len()
    );
    Ok(Question { name, uncached })
}

/// A new state of the data, without a change to it.
async fn raise(pipeline: &Pipeline) -> Result<()> {
    pipeline.execute(&format!("{RAISE}; select pg_notify('kansoku_data', '{{}}')")).await
}

/// Answers a second to all connections together.
fn rate(port: u16, path: &str) -> Result<f64> {
    let asked = AtomicUsize::new(0);
    let watch = Stopwatch::start();
    std::thread::scope(|scope| {
        let ask = || {
            let mut connection = Connection::open(port)?;
            while asked.fetch_add(1, Ordering::Relaxed) < CACHED {
                ensure!(connection.get(path)?.status == 200, "an answer is not 200");
            }
            Ok(())
        };
        let all: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(ask)).collect();
        all.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow::anyhow!("a client panicked"))?)
    })?;
    Ok(CACHED as f64 / watch.seconds())
}

/// Milliseconds until the answer about a title has the number that was committed.
async fn commit_to_visible(pipeline: &Pipeline, port: u16, number: u32) -> Result<f64> {
    let mut connection = Connection::open(port)?;
    let path = "/api/v1/titles/7?catalogue=sample";
    connection.get(path)?;
    let favorites = 900_000 + number;
    let commit = format!(
        "begin; update title_daily set favorites = {favorites} where catalogue = 'sample' and mal_id = 7 and day = '2026-11-14';
         update title_latest set favorites = {favorites} where catalogue = 'sample' and mal_id = 7;
         {RAISE}; select pg_notify('kansoku_data', '{{}}'); commit"
    );
    pipeline.execute(&commit).await?;
    let watch = Stopwatch::start();
    let shown = format!("\"favorites\":{favorites}");
    loop {
        if String::from_utf8_lossy(&connection.get(path)?.body).contains(&shown) {
            return Ok(watch.seconds() * 1e3);
        }
        ensure!(watch.seconds() < LIMIT.as_secs_f64(), "a commit does not show within {LIMIT:?}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
