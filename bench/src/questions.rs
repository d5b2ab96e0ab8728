//! What an answer takes that is read from the database, for each endpoint.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use kansoku_stack::{pipeline::Pipeline, process::Running, tools};

use crate::clock::Stopwatch;

/// Titles in the database: as many as the largest catalogue has.
const TITLES: u32 = 28_000;
/// How often each question is asked.
const TIMES: u32 = 100;
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
pub struct Measured {
    /// Observations in it.
    pub observations: u32,
    /// The questions.
    pub questions: Vec<Question>,
}

/// The n-th of each kind of question; no two of a kind are the same.
fn question(name: &str, n: u32, days: u32) -> String {
    let title = n * 37 % TITLES + 1;
    let day = n % 20 + 12;
    let analytics = "/api/v1/analytics";
    match name {
        "top-anime" => format!("{analytics}/top-anime?catalogue=sample&limit={}&days=60", n % 90 + 10),
        "genre-distribution" => format!("{analytics}/genre-distribution?catalogue=sample&kind=genre"),
        "genre-distribution, a past day" => {
            format!("{analytics}/genre-distribution?catalogue=sample&as_of=2026-10-{day:02}")
        }
        "genre-distribution, a part of a day" => {
            format!("{analytics}/genre-distribution?catalogue=sample&as_of=2026-10-{day:02}T04:30:00Z")
        }
        "genre-distribution, a source of all titles" => {
            format!("{analytics}/genre-distribution?catalogue=sample&source=bench")
        }
        "genre-distribution, a source of few" => {
            format!("{analytics}/genre-distribution?catalogue=sample&source=second")
        }
        "seasonal-trend" => format!("{analytics}/seasonal-trend?catalogue=sample"),
        "seasonal-trend, a past day" => {
            format!("{analytics}/seasonal-trend?catalogue=sample&as_of=2026-10-{day:02}")
        }
        "seasonal-trend, a source of few" => {
            format!("{analytics}/seasonal-trend?catalogue=sample&source=second")
        }
        "a title" => format!("/api/v1/titles/{title}?catalogue=sample"),
        "a title's days" => format!("{analytics}/titles/{title}/days?catalogue=sample"),
        "a title's weeks" => format!("{analytics}/titles/{title}/weeks?catalogue=sample"),
        "similar titles" => {
            // Of December 2025: the whole first year lies within the observations, so there is something to compare.
            let premiered = n * 156 % TITLES + 155;
            format!("{analytics}/titles/{premiered}/similar?catalogue=sample")
        }
        "search" => format!("/api/v1/titles?catalogue=sample&q={:03x}", n * 41 % 4096),
        "search, a typing error" => {
            format!("/api/v1/titles?catalogue=sample&q=smaple%20{:03x}", n * 41 % 4096)
        }
        "journey" => format!("/api/v1/journey/1/{}", (n % days * 2 + 1) * 1_120 + n * 37 % 1_100 + 1),
        "runs" => format!("/api/v1/runs?catalogue=sample&limit={}", n % 90 + 111),
        "runs/days" => format!("/api/v1/runs/days?catalogue=sample&days={}", n % 300 + 10),
        _ => "/api/v1/sources".to_owned(),
    }
}

const QUESTIONS: [&str; 19] = [
    "top-anime",
    "genre-distribution",
    "genre-distribution, a past day",
    "genre-distribution, a part of a day",
    "genre-distribution, a source of all titles",
    "genre-distribution, a source of few",
    "seasonal-trend",
    "seasonal-trend, a past day",
    "seasonal-trend, a source of few",
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
pub async fn measure(observations: u32) -> Result<Measured> {
    let days = (observations / TITLES).max(35);
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
    api.terminate().await?;
    Ok(Measured { observations: days * TITLES, questions })
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
        "-v",
        &format!("titles={TITLES}"),
        "-f",
    ]);
    let output = command.arg(sql.path()).arg(pipeline.database.url()).output().context("run psql")?;
    ensure!(output.status.success(), "fill the database: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Asks until enough answers have been read from the database.
async fn ask(pipeline: &Pipeline, api: &Running, name: &'static str, days: u32) -> Result<Question> {
    let agent = ureq::agent();
    let mut uncached = Vec::new();
    for n in 0..TIMES * 20 {
        if uncached.len() >= TIMES as usize {
            break;
        }
        let path = question(name, n, days);
        let watch = Stopwatch::start();
        let mut answer = agent.get(format!("{}{path}", api.url())).call().with_context(|| path.clone())?;
        answer.body_mut().read_to_vec().context("read an answer")?;
        let took = watch.seconds() * 1e3;
        let status = answer.headers().get("cache-status").and_then(|status| status.to_str().ok());
        if status.is_some_and(|status| status.contains("fwd=miss")) {
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
    pipeline
        .execute(
            "update data_version set version = version + 1; update data_facet set version = version + 1;
             select pg_notify('kansoku_data', '{}')",
        )
        .await
}
