//! The page in a browser on this machine: how soon it shows what counts, whether it stands still, and whether it keeps up with
//! a pointer.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use kansoku_stack::{pipeline::Pipeline, tools};
use serde::{Deserialize, de::DeserializeOwned};

/// What the browser prints.
#[derive(Debug, Clone, Deserialize)]
pub struct Measured {
    /// Each page at each width.
    pub pages: Vec<Page>,
    /// Frames a second while the crosshair moves over 2,000 days.
    pub frames: Vec<f64>,
}

/// One page, opened several times by somebody who was never there.
#[derive(Debug, Clone, Deserialize)]
pub struct Page {
    /// What it is called.
    pub name: String,
    /// How wide the window is, in pixels.
    pub width: u32,
    /// Milliseconds until the largest paint.
    pub paint: Vec<f64>,
    /// How much has moved, as browsers count it.
    pub shift: Vec<f64>,
}

/// Opens the built page over a database that is full.
pub async fn measure(pipeline: &Pipeline, times: u32) -> Result<Measured> {
    browse(pipeline, "measure.mjs", times, "").await
}

/// How many ms after its answer a list of dead letters is drawn, by an operator's token.
pub async fn list(pipeline: &Pipeline, times: u32, token: &str) -> Result<Vec<f64>> {
    browse(pipeline, "measureList.mjs", times, token).await
}

/// What a script of the page prints that drives a browser.
async fn browse<T: DeserializeOwned>(
    pipeline: &Pipeline,
    script: &str,
    times: u32,
    token: &str,
) -> Result<T> {
    let web = tools::root().join("web");
    let service = pipeline
        .service("query-api")?
        .env("QUERY_API_LIMITS__REQUESTS_PER_MINUTE", "0")
        .env("QUERY_API_WEB__DIR", web.join("dist"));
    let mut api = service.spawn()?;
    api.ready().await?;
    let mut browse = Command::new("node");
    browse.current_dir(web.join("scripts")).args([script, &api.url(), &times.to_string()]);
    browse.env("KANSOKU_TOKEN", token);
    let output = tokio::task::spawn_blocking(move || browse.output())
        .await
        .context("wait for the browser")?
        .context("run node")?;
    api.terminate().await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    serde_json::from_slice(&output.stdout).context("read what the browser measured")
}
