//! `jikan-sim` as a program of its own: what goes wrong is switched, and what was asked is read, at its control port.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use kansoku_stack::{
    process::{Running, Service, send},
    until,
};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(30);
/// How the control port is told on standard output.
const CONTROL: &str = "control http://127.0.0.1:";

/// A running upstream; it ends with this value.
#[derive(Debug)]
pub struct Upstream {
    _running: Running,
    base: String,
    port: u16,
    control: u16,
}

impl Upstream {
    /// Starts `jikan-sim serve` with these arguments and waits until it answers.
    pub async fn start(arguments: &[&str]) -> Result<Self> {
        let service = Service::new("jikan-sim")?.arg("serve");
        let service = ["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"]
            .iter()
            .chain(arguments)
            .fold(service, |service, argument| service.arg(argument));
        let running = service.spawn()?;
        let told = until("jikan-sim to tell its addresses", LIMIT, || async {
            running.logs().lines().any(|line| line.starts_with(CONTROL))
        });
        told.await.with_context(|| running.logs())?;
        let logs = running.logs();
        let line = |start: &str| logs.lines().find_map(|line| line.strip_prefix(start));
        let control = line(CONTROL).and_then(|port| port.parse().ok()).context("read the control port")?;
        let address = line("http://127.0.0.1:").context("read the address")?;
        let port = address.split('/').next().and_then(|port| port.parse().ok()).context("read the port")?;
        Ok(Self { base: format!("http://127.0.0.1:{address}"), _running: running, port, control })
    }

    /// Its base URL, with the version.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Status and body of `GET path`, without the fetcher between.
    pub async fn get(&self, path: &str) -> Result<(u16, String)> {
        send(self.port, "GET", path, "").await
    }

    /// Switches a fault on, as `jikan-sim faults` names it.
    pub async fn switch_on(&self, fault: &Value) -> Result<()> {
        let (status, said) = send(self.control, "POST", "/faults", &fault.to_string()).await?;
        ensure!(status == 201, "{fault}: {said}");
        Ok(())
    }

    /// Switches all faults off.
    pub async fn switch_all_off(&self) -> Result<()> {
        let (status, said) = send(self.control, "DELETE", "/faults", "").await?;
        ensure!(status == 204, "switch the faults off: {said}");
        Ok(())
    }

    /// What the fetcher asked so far, oldest first. What a test asked itself is left out.
    pub async fn requests(&self) -> Result<Vec<Asked>> {
        let (_, said) = send(self.control, "GET", "/requests", "").await?;
        let all: Vec<Value> = serde_json::from_str(&said).context("read the record of requests")?;
        let is_fetcher = |request: &&Value| {
            request["user_agent"].as_str().is_some_and(|agent| agent.starts_with("Kansoku/"))
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(all
            .iter()
            .filter(is_fetcher)
            .map(|request| Asked {
                path: text(&request["path"]),
                query: text(&request["query"]),
                at: text(&request["at"]),
                sha256: text(&request["sha256"]),
                status: request["status"].as_u64().unwrap_or_default(),
                faults: request["faults"].as_array().into_iter().flatten().map(text).collect(),
            })
            .collect())
    }
}

/// One request of a fetcher, as `jikan-sim` recorded it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The path.
    pub path: String,
    /// The query, without its question mark.
    pub query: String,
    /// When, by the simulator's calendar (RFC 3339).
    pub at: String,
    /// The SHA-256 of the body that was sent, in hex.
    pub sha256: String,
    /// The status answered.
    pub status: u64,
    /// The faults that it met.
    pub faults: Vec<String>,
}
