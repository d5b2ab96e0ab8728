//! One fetcher without limits: from the simulator into a durable RAW. And with them: what waiting costs.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use kansoku_stack::{
    pipeline::Pipeline,
    process::{Running, Service},
    until,
};

use crate::{archive, clock::Stopwatch, proc};

const LIMIT: Duration = Duration::from_secs(120);
/// Captured again and again: the longest lists of the simulator.
const LISTS: [&str; 3] = ["top.score", "top.members", "top.favorites"];
const ROUNDS: usize = 15;
/// How long an idle fetcher is watched.
const IDLE: Duration = Duration::from_secs(10);

/// What fetching costs.
#[derive(Debug, Clone, Copy)]
pub struct Fetching {
    /// Pages in RAW per second.
    pub rate: f64,
    /// The mean size of a page, in kB.
    pub page: f64,
    /// Milliseconds of a page, of which the simulator's and nats-server's processors and the fetcher's own.
    pub each: f64,
    /// Processor milliseconds of a page in the simulator.
    pub simulator: f64,
    /// In nats-server.
    pub nats: f64,
    /// In the fetcher.
    pub fetcher: f64,
    /// Processor of a fetcher that waits, in percent of a core.
    pub idle: f64,
    /// The most resident memory of a fetcher that captures a thousand pages within limits, in MB.
    pub memory: f64,
}

/// Measures it with servers of its own.
pub async fn measure(folder: &Path) -> Result<Fetching> {
    let pipeline = Pipeline::start().await?;
    let (simulator, port) = simulator().await?;
    let before = (proc::processor(simulator.pid())?, proc::processor(pipeline.nats.pid().await)?);
    let watch = Stopwatch::start();
    let fast = config(folder, "fast.toml", port, 1, "")?;
    let mut once = pipeline.service("fetcher")?;
    once = once.arg("--config").arg(&fast).arg("once").arg("--pages").arg("2000");
    for _ in 0..ROUNDS {
        once = LISTS.iter().fold(once, |once, list| once.arg(list));
    }
    let mut once = once.spawn()?;
    let mut own = 0.0;
    let mut poll = tokio::time::interval(Duration::from_millis(20));
    // What a process used is gone with it, so it is read while it runs.
    while let Ok(used) = proc::processor(once.pid()) {
        own = used;
        if once.ended().is_some() {
            break;
        }
        poll.tick().await;
    }
    let seconds = watch.seconds();
    let status = once.wait(LIMIT).await?;
    ensure!(status.success(), "the captures failed:\n{}", once.logs());
    let pages = pipeline.messages("RAW").await? as f64;
    let bytes = pipeline.bytes("RAW").await? as f64;
    let of = |used: f64| used * 1e3 / pages;
    let processor = (
        proc::processor(simulator.pid())? - before.0,
        proc::processor(pipeline.nats.pid().await)? - before.1,
    );
    let memory = within_limits(&pipeline, folder, port).await?;
    let idle = at_rest(&pipeline, folder, port).await?;
    Ok(Fetching {
        rate: pages / seconds,
        page: bytes / pages / 1e3,
        each: seconds * 1e3 / pages,
        simulator: of(processor.0),
        nats: of(processor.1),
        fetcher: of(own),
        idle,
        memory,
    })
}

/// The most memory while about a thousand pages come at fifty a second.
async fn within_limits(pipeline: &Pipeline, folder: &Path, port: u16) -> Result<f64> {
    let config = config(folder, "slow.toml", port, 20, "")?;
    let backfill = pipeline.service("fetcher")?;
    let backfill = backfill.arg("--config").arg(&config).arg("backfill");
    let before = pipeline.messages("RAW").await?;
    let mut backfill = backfill.arg("--season").arg("1990-winter..2026-fall").spawn()?;
    let mut most: f64 = 0.0;
    let mut poll = tokio::time::interval(Duration::from_millis(200));
    while backfill.ended().is_none() {
        most = most.max(proc::resident(backfill.pid()).unwrap_or_default());
        if pipeline.messages("RAW").await? - before >= 1_000 {
            break;
        }
        poll.tick().await;
    }
    Ok(most)
}

/// Percent of a core that a fetcher takes whose next capture is hours away.
async fn at_rest(pipeline: &Pipeline, folder: &Path, port: u16) -> Result<f64> {
    // It catches up on the last slot, and the next one is far away.
    let schedule = "\n[[schedule]]\ndataset = \"genres\"\ncron = \"0 0 29 2 *\"\npages = 1\njitter_s = 0\n";
    let config = config(folder, "rest.toml", port, 1, schedule)?;
    let service = pipeline.service("fetcher")?.arg("--config").arg(&config).arg("run");
    let before = pipeline.messages("RAW").await?;
    let mut running = service.spawn()?;
    running.ready().await?;
    until("the catch-up", LIMIT, || async {
        pipeline.messages("RAW").await.is_ok_and(|messages| messages > before)
    })
    .await?;
    let before = proc::processor(running.pid())?;
    let watch = Stopwatch::start();
    tokio::time::sleep(IDLE).await;
    let used = proc::processor(running.pid())? - before;
    Ok(used / watch.seconds() * 100.0)
}

/// Starts the simulator and waits until it answers.
pub(crate) async fn simulator() -> Result<(Running, u16)> {
    let port = kansoku_stack::port::free()?;
    let listen = format!("127.0.0.1:{port}");
    let service = Service::new("jikan-sim")?.arg("serve").arg("--listen").arg(&listen);
    let running = service.arg("--seed").arg(archive::SEED).spawn()?;
    let answers =
        || async { kansoku_stack::process::get(port, "/livez").await.is_ok_and(|(status, _)| status == 200) };
    until("the simulator to answer", LIMIT, answers).await?;
    Ok((running, port))
}

/// Writes the configuration of a fetcher that captures from the simulator.
pub(crate) fn config(
    folder: &Path,
    name: &str,
    port: u16,
    interval_ms: u32,
    more: &str,
) -> Result<std::path::PathBuf> {
    let file = folder.join(name);
    let text = format!(
        "[client]\ninterval_ms = {interval_ms}\n\n[[upstream]]\nurl = \"http://127.0.0.1:{port}/v4\"\n\
         source = \"jikan-sim\"\ncatalogue = \"sample\"\n{more}"
    );
    std::fs::write(&file, text).context("write the fetcher's configuration")?;
    Ok(file)
}
