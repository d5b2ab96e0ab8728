//! The whole pipeline: a RAW that is full, then validators and loaders until every message is settled.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use kansoku_stack::{pipeline::Pipeline, process::Running, until};

use crate::{clock::Stopwatch, metrics, proc};

/// How long the validator may take.
const LIMIT: Duration = Duration::from_secs(300);

/// Servers whose RAW holds the archive.
#[derive(Debug)]
pub struct Filled {
    /// The servers.
    pub pipeline: Pipeline,
    /// Pages per second into RAW, each durable.
    pub rate: f64,
    /// Pages in RAW.
    pub pages: u64,
}

/// One run over all rows.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Rows committed.
    pub rows: f64,
    /// Seconds from the start of the programs until every message is settled.
    pub seconds: f64,
    /// Seconds until the last page was in VALID.
    pub judged: f64,
    /// Processor seconds.
    pub processor: Processor,
    /// Where the validator's time went.
    pub validator: Phases,
    /// Where the time of the loader's consumer of VALID went.
    pub loader: Phases,
    /// Resident memory of the (largest) validator afterwards, in MB.
    pub validator_memory: f64,
    /// Resident memory of the (largest) loader afterwards, in MB.
    pub loader_memory: f64,
}

/// Processor seconds by program.
#[derive(Debug, Clone, Copy)]
pub struct Processor {
    /// The validators.
    pub validator: f64,
    /// The loaders.
    pub loader: f64,
    /// All nats-servers.
    pub nats: f64,
    /// Postgres with all its processes.
    pub postgres: f64,
    /// Everything else that ran on the machine.
    pub others: f64,
    /// Of all cores, idle.
    pub idle: f64,
}

/// What one consume loop did, in seconds; the rest of the time it requested messages or had none.
#[derive(Debug, Clone, Copy)]
pub struct Phases {
    /// Carrying out the effect, until it is durable.
    pub effect: f64,
    /// Acknowledging, until that is confirmed.
    pub settling: f64,
}

impl Phases {
    /// Reads them off a service's `/metrics`, for messages of `subject`.
    pub fn read(page: &str, subject: &str) -> Self {
        let sum = |operation: &str| {
            let labels = [format!("_name=\"{operation}\""), format!("_template=\"{subject}\"")];
            metrics::sum(page, "messaging_client_operation_duration_seconds_sum", &labels)
        };
        Self { effect: sum("process"), settling: sum("ack") }
    }
}

impl Measured {
    /// Committed rows per second.
    pub fn rate(&self) -> f64 {
        self.rows / self.seconds
    }

    /// Microseconds of a row in some processor seconds.
    pub fn micros(&self, seconds: f64) -> f64 {
        seconds * 1e6 / self.rows
    }

    /// Microseconds of the processor a row, over all processes.
    pub fn processor(&self) -> f64 {
        let Processor { validator, loader, nats, postgres, .. } = self.processor;
        self.micros(validator + loader + nats + postgres)
    }
}

/// Starts servers of their own, makes the tables, and imports the archive while nobody consumes.
pub async fn fill(archive: &Path) -> Result<Filled> {
    fill_in(Pipeline::start().await?, archive).await
}

/// The same in servers that run.
pub async fn fill_in(pipeline: Pipeline, archive: &Path) -> Result<Filled> {
    let migrated = pipeline.ready("loader").await?.terminate().await?;
    ensure!(migrated.success(), "the loader ended with {migrated}");
    let watch = Stopwatch::start();
    pipeline.import(archive)?;
    let seconds = watch.seconds();
    let pages = pipeline.messages("RAW").await?;
    ensure!(pages > 0, "the import left RAW empty");
    Ok(Filled { pages, rate: pages as f64 / seconds, pipeline })
}

/// Lets everything in RAW through validator and loader.
pub async fn measure(filled: &Filled) -> Result<Measured> {
    measure_with(filled, &[]).await
}

/// The same with further variables in the environment of both.
pub async fn measure_with(filled: &Filled, variables: &[(&str, &str)]) -> Result<Measured> {
    measure_by(filled, 1, variables).await
}

/// The same by so many validators and as many loaders.
pub async fn measure_by(filled: &Filled, workers: usize, variables: &[(&str, &str)]) -> Result<Measured> {
    let Filled { pipeline, pages, .. } = filled;
    let postgres = postmaster(pipeline).await?;
    let before = (nats(pipeline).await?, proc::processor(postgres)?, proc::machine()?);
    let watch = Stopwatch::start();
    let [validators, loaders] = ["validator", "loader"].map(|name| {
        (0..workers).map(|_| pipeline.service(name)?.envs(variables).spawn()).collect::<Result<Vec<_>>>()
    });
    let (validators, loaders) = (validators?, loaders?);
    until("every page to be judged", LIMIT, || async {
        pipeline.messages("VALID").await.is_ok_and(|valid| valid >= *pages)
    })
    .await?;
    let judged = watch.seconds();
    pipeline.at_rest().await?;
    let seconds = watch.seconds();
    let (busy, idle) = proc::machine()?;
    let ours = Processor {
        validator: processor(&validators)?,
        loader: processor(&loaders)?,
        nats: nats(pipeline).await? - before.0,
        postgres: proc::processor(postgres)? - before.1,
        others: 0.0,
        idle: idle - before.2.1,
    };
    let others = busy - before.2.0 - ours.validator - ours.loader - ours.nats - ours.postgres;
    let rows = pipeline.number("select sum(cardinality(committed)) from page").await?;
    ensure!(rows > 0, "no row was committed");
    Ok(Measured {
        rows: rows as f64,
        seconds,
        judged,
        processor: Processor { others: others.max(0.0), ..ours },
        validator: phases(&validators, "raw.{dataset}").await?,
        loader: phases(&loaders, "valid.{dataset}").await?,
        validator_memory: memory(&validators)?,
        loader_memory: memory(&loaders)?,
    })
}

/// Processor seconds of all processes of one service.
fn processor(processes: &[Running]) -> Result<f64> {
    processes.iter().map(|process| proc::processor(process.pid())).sum()
}

/// Those of all nats-servers.
async fn nats(pipeline: &Pipeline) -> Result<f64> {
    let mut seconds = 0.0;
    for server in std::iter::once(&pipeline.nats).chain(&pipeline.peers) {
        seconds += proc::processor(server.pid().await)?;
    }
    Ok(seconds)
}

/// The largest of all processes of one service.
fn memory(processes: &[Running]) -> Result<f64> {
    processes.iter().try_fold(0.0, |largest: f64, process| Ok(largest.max(proc::resident(process.pid())?)))
}

/// Where the time of all processes of one service went.
async fn phases(processes: &[Running], subject: &str) -> Result<Phases> {
    let mut all = Phases { effect: 0.0, settling: 0.0 };
    for process in processes {
        let (_, page) = process.get("/metrics").await.context("read the metrics of a service")?;
        let Phases { effect, settling } = Phases::read(&page, subject);
        all = Phases { effect: all.effect + effect, settling: all.settling + settling };
    }
    Ok(all)
}

/// The process that is parent to all others of the database server.
pub async fn postmaster(pipeline: &Pipeline) -> Result<u32> {
    let pid = pipeline.number("select split_part(pg_read_file('postmaster.pid'), chr(10), 1)").await?;
    u32::try_from(pid).context("read the process id of Postgres")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_those_of_one_subject() {
        let page = "messaging_client_operation_duration_seconds_sum{messaging_operation_name=\"process\",\
                    messaging_destination_template=\"raw.{dataset}\",error_type=\"\"} 2.5\n\
                    messaging_client_operation_duration_seconds_sum{messaging_operation_name=\"ack\",\
                    messaging_destination_template=\"raw.{dataset}\",error_type=\"\"} 0.5\n\
                    messaging_client_operation_duration_seconds_sum{messaging_operation_name=\"process\",\
                    messaging_destination_template=\"run.{dataset}.{run}\",error_type=\"\"} 9\n";
        let Phases { effect, settling } = Phases::read(page, "raw.{dataset}");
        assert_eq!((effect, settling), (2.5, 0.5));
    }
}
