//! A flood: every row that comes is rejected.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use kansoku_stack::{pipeline::in_flight, until};

use crate::{clock::Stopwatch, pipeline as whole, proc};

const LIMIT: Duration = Duration::from_secs(600);
/// Between two questions: nats-server answers with the state of everything, on the cores that are measured.
const PAUSE: Duration = Duration::from_millis(200);

/// One flood.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Rows that died a second, until all are in the tables.
    pub rate: f64,
    /// The same rows a second where all are good.
    pub clean: f64,
    /// Processor microseconds of a dead row: validator, loader, nats-server, Postgres.
    pub processor: [f64; 4],
    /// Seconds until the last page was judged, and until all was in the tables.
    pub seconds: (f64, f64),
}

/// Lets the same captures through, as they are and with a fault in each row.
pub async fn measure(archive: &Path, folder: &Path) -> Result<Measured> {
    let clean = whole::measure(&whole::fill(archive).await?).await?;
    let text = std::fs::read_to_string(archive).context("read the archive")?;
    let file = folder.join("flood.jsonl");
    let broken = text.replace(r#"\"members\":"#, r#"\"members\":\"many\",\"were\":"#);
    std::fs::write(&file, broken).context("write an archive")?;
    let filled = whole::fill(&file).await?;
    let pipeline = &filled.pipeline;
    let (nats, postgres) = (pipeline.nats.pid().await, whole::postmaster(pipeline).await?);
    let before = (proc::processor(nats)?, proc::processor(postgres)?);
    let watch = Stopwatch::start();
    let validator = pipeline.service("validator")?.spawn()?;
    let loader = pipeline.service("loader")?.spawn()?;
    let judged = || async {
        tokio::time::sleep(PAUSE).await;
        pipeline.messages("VALID").await.is_ok_and(|valid| valid >= filled.pages)
    };
    until("every page to be judged", LIMIT, judged).await?;
    let first = watch.seconds();
    until("every message to be settled", LIMIT, || async {
        tokio::time::sleep(PAUSE).await;
        in_flight(pipeline.nats.monitor()).await.is_ok_and(|messages| messages == 0)
    })
    .await?;
    let seconds = watch.seconds();
    let dead = pipeline.number("select count(*) from dead_letter where version > 0").await?;
    ensure!(dead > 0, "no row died");
    let each = |seconds: f64| seconds * 1e6 / dead as f64;
    let processor = [
        each(proc::processor(validator.pid())?),
        each(proc::processor(loader.pid())?),
        each(proc::processor(nats)? - before.0),
        each(proc::processor(postgres)? - before.1),
    ];
    Ok(Measured { rate: dead as f64 / seconds, clean: clean.rate(), processor, seconds: (first, seconds) })
}
