//! The real collector of traces and logs, where it is built.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::Result;
use kansoku_stack::{
    child::{Child, Signal, Start},
    port, process,
    server::{self, Server},
    tools,
};

/// Its name as a target of faults and as a job.
pub const COLLECTOR: &str = "collector";
const PROGRAM: &str = "otelcol";

/// What is missing, and how to get it.
pub fn lacks() -> Option<String> {
    let found = tools::find(PROGRAM);
    found.is_err().then(|| "the collector is not built: `scripts/setup.sh observe` builds it".to_owned())
}

/// How it is set up.
#[derive(Debug)]
pub struct Options {
    folder: PathBuf,
    ports: [u16; 3],
}

/// A running collector.
pub type Collector = Server<Options>;

impl Options {
    /// With the project's own configuration and free ports; its log goes into a folder.
    ///
    /// # Errors
    /// No port is free.
    pub fn new(folder: PathBuf) -> Result<Self> {
        Ok(Self { folder, ports: [port::free()?, port::free()?, port::free()?] })
    }

    /// The port of its metrics.
    pub fn metrics(&self) -> u16 {
        self.ports[2]
    }
}

impl server::Options for Options {
    const LIMIT: Duration = Duration::from_secs(20);

    fn spawn(&self) -> Result<Child> {
        let file = tools::root().join("observability/collector/collector.yaml");
        let [grpc, http, metrics] = self.ports;
        let mut command = Command::new(tools::find(PROGRAM)?);
        command
            .arg(format!("--config={}", file.display()))
            .env("OTLP_GRPC", format!("127.0.0.1:{grpc}"))
            .env("OTLP_HTTP", format!("127.0.0.1:{http}"))
            .env("METRICS_PORT", metrics.to_string());
        let log = self.folder.join("collector.log");
        Child::start(Start { name: COLLECTOR, command, log, user: None, end: Signal::TERM })
    }

    async fn answers(&self) -> bool {
        matches!(process::get(self.ports[2], "/metrics").await, Ok((200, _)))
    }
}
