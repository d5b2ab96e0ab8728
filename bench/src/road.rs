//! The whole road: a RAW that is full, then one validator and one loader until every message is settled.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use kansoku_stack::{pipeline::Pipeline, until};

use crate::{
    clock::Stopwatch,
    journey::{Journey, Phases, Processor},
    metrics, proc,
};

/// How long the validator may take.
const LIMIT: Duration = Duration::from_secs(300);

/// Servers whose RAW holds the archive.
#[derive(Debug)]
pub struct Filled {
    /// The servers.
    pub pipeline: Pipeline,
    /// Pages per second into RAW, each durable.
    pub fill: f64,
    pages: u64,
}

/// Starts servers of their own and imports the archive while nobody consumes.
pub async fn fill(archive: &Path) -> Result<Filled> {
    let pipeline = Pipeline::start().await?;
    let watch = Stopwatch::start();
    pipeline.import(archive)?;
    let seconds = watch.seconds();
    let pages = pipeline.messages("RAW").await?;
    ensure!(pages > 0, "the import left RAW empty");
    Ok(Filled { pages, fill: pages as f64 / seconds, pipeline })
}

/// Lets everything in RAW go down the road.
pub async fn travel(filled: &Filled) -> Result<Journey> {
    let Filled { pipeline, pages, .. } = filled;
    let (nats, postgres) = (pipeline.nats.pid().await, postmaster(pipeline).await?);
    let before = (proc::processor(nats)?, proc::processor(postgres)?, proc::machine()?);
    let watch = Stopwatch::start();
    let validator = pipeline.service("validator")?.spawn()?;
    let loader = pipeline.service("loader")?.spawn()?;
    until("every page to be judged", LIMIT, || async {
        pipeline.messages("VALID").await.is_ok_and(|valid| valid >= *pages)
    })
    .await?;
    let judged = watch.seconds();
    pipeline.at_rest().await?;
    let seconds = watch.seconds();
    let (busy, idle) = proc::machine()?;
    let ours = Processor {
        validator: proc::processor(validator.pid())?,
        loader: proc::processor(loader.pid())?,
        nats: proc::processor(nats)? - before.0,
        postgres: proc::processor(postgres)? - before.1,
        others: 0.0,
        nobody: idle - before.2.1,
    };
    let others = busy - before.2.0 - ours.validator - ours.loader - ours.nats - ours.postgres;
    let processor = Processor { others: others.max(0.0), ..ours };
    let (_, of_validator) = validator.get("/metrics").await.context("ask the validator for its numbers")?;
    let (_, of_loader) = loader.get("/metrics").await.context("ask the loader for its numbers")?;
    let rows = pipeline.number("select sum(cardinality(committed)) from page").await?;
    ensure!(rows > 0, "no row was committed");
    let commit = ["_name=\"commit\"".to_owned()];
    Ok(Journey {
        rows: rows as f64,
        seconds,
        judged,
        processor,
        judging: metrics::sum(&of_validator, "kansoku_validator_judge_duration_seconds_sum", &[]),
        validator: Phases::read(&of_validator, "raw.{dataset}"),
        loader: Phases::read(&of_loader, "valid.{dataset}"),
        committing: metrics::sum(&of_loader, "db_client_operation_duration_seconds_sum", &commit),
        commits: metrics::sum(&of_loader, "kansoku_loader_batch_pages_count", &[]),
        validator_memory: proc::resident(validator.pid())?,
        loader_memory: proc::resident(loader.pid())?,
    })
}

/// The process that is parent to all others of the database server.
async fn postmaster(pipeline: &Pipeline) -> Result<u32> {
    let pid = pipeline.number("select split_part(pg_read_file('postmaster.pid'), chr(10), 1)").await?;
    u32::try_from(pid).context("read the process id of Postgres")
}
