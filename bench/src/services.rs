//! What a service costs when it has nothing to do, and how soon it is ready.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use kansoku_stack::{
    pipeline::Pipeline,
    process::{Running, Service},
    until,
};

use crate::{browse, clock::Stopwatch, fetching, proc};

/// The services, in the order in which the data flows.
pub const SERVICES: [&str; 5] = ["fetcher", "archive", "validator", "loader", "query-api"];

const LIMIT: Duration = Duration::from_secs(60);
/// How often readiness is polled: fine enough for an aim in hundreds of milliseconds.
const POLL: Duration = Duration::from_millis(2);

/// One service.
#[derive(Debug, Clone)]
pub struct Cost {
    /// Its name.
    pub service: &'static str,
    /// Milliseconds from the start of the process to readiness, per start.
    pub ready: Vec<f64>,
    /// Resident memory right after each start, in MB.
    pub fresh: Vec<f64>,
    /// Resident memory once all have captured, archived, judged, stored, answered and are idle, in MB.
    pub idle: f64,
}

/// Starts each service `starts` times alone; then all together for one round of captures from the simulator, the archive,
/// and what a person asks for who looks at a month of it.
pub async fn measure(starts: usize, folder: &Path, recorded: &Path) -> Result<Vec<Cost>> {
    let pipeline = Pipeline::start().await?;
    let (simulator, port) = fetching::simulator().await?;
    // The default schedule, without the pauses that a public upstream is owed.
    let config = fetching::config(folder, "fetcher.toml", port, 1, "")?;
    let archive = folder.join("kept");
    let service = |name: &str| {
        let service = pipeline.service(name)?;
        anyhow::Ok(match name {
            "fetcher" => service.arg("--config").arg(config.as_os_str()).arg("run"),
            "archive" => service.env("ARCHIVE_KEEP__DIR", &archive).arg("keep"),
            _ => service,
        })
    };

    // Once before it counts, so that the tables are there and the programs in the page cache.
    let mut costs = Vec::new();
    for name in ["loader", "validator", "query-api", "fetcher", "archive"] {
        time_to_ready(service(name)?).await?.0.terminate().await?;
    }
    for name in SERVICES {
        let mut cost = Cost { service: name, ready: Vec::new(), fresh: Vec::new(), idle: 0.0 };
        for _ in 0..starts {
            let (mut running, seconds) = time_to_ready(service(name)?).await?;
            cost.ready.push(seconds * 1e3);
            cost.fresh.push(proc::resident(running.pid())?);
            running.terminate().await?;
        }
        costs.push(cost);
    }
    let mut together = Vec::new();
    for name in SERVICES {
        together.push(time_to_ready(service(name)?).await?.0);
    }
    let wanted = "select count(*) from run where state = 'complete'";
    until("a round of captures", LIMIT, || async {
        pipeline.number(wanted).await.is_ok_and(|runs| runs >= 5)
    })
    .await?;
    pipeline.import(recorded)?;
    pipeline.at_rest().await?;
    let api = together.last().context("find the API among the services")?;
    let url = api.url();
    tokio::task::spawn_blocking(move || browse::look_around(&url))
        .await
        .context("wait for the browsers")??;
    for (cost, running) in costs.iter_mut().zip(&together) {
        cost.idle = proc::resident(running.pid())?;
    }
    drop(simulator);
    Ok(costs)
}

async fn time_to_ready(service: Service) -> Result<(Running, f64)> {
    let watch = Stopwatch::start();
    let running = service.spawn()?;
    let mut interval = tokio::time::interval(POLL);
    let ready = async {
        loop {
            interval.tick().await;
            if matches!(running.get("/readyz").await, Ok((200, _))) {
                return watch.seconds();
            }
        }
    };
    let ready = tokio::time::timeout(LIMIT, ready).await;
    let seconds = ready.with_context(|| format!("wait for a service; it wrote:\n{}", running.logs()))?;
    Ok((running, seconds))
}
