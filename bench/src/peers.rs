//! The peers: Python programs with the fastest libraries, in a virtual environment beside the build.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::{Context, Result, ensure};
use kansoku_stack::process;
use serde::Deserialize;

use crate::{
    pipeline::{Filled, postmaster},
    proc,
};

/// The folder of the programs and of the list of their libraries.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");
const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/json");

/// A Python that has the libraries.
#[derive(Debug)]
pub struct Peers {
    python: PathBuf,
}

/// What a peer prints: without its start.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Measured {
    /// Rows that passed.
    pub rows: f64,
    /// Seconds from the first page to the last.
    pub seconds: f64,
    /// Processor seconds of its own process.
    pub processor: f64,
}

/// The pipeline of the peer.
#[derive(Debug, Clone, Copy)]
pub struct PeerPipeline {
    /// The script.
    pub script: Measured,
    /// Processor seconds of nats-server.
    pub nats: f64,
    /// Processor seconds of Postgres.
    pub postgres: f64,
}

impl PeerPipeline {
    /// Committed rows per second.
    pub fn rate(&self) -> f64 {
        self.script.rows / self.script.seconds
    }

    /// Microseconds of the processor a row, over all processes.
    pub fn processor(&self) -> f64 {
        (self.script.processor + self.nats + self.postgres) * 1e6 / self.script.rows
    }
}

impl Peers {
    /// Installs the libraries, once.
    ///
    /// # Errors
    /// When there is no Python with `venv`, or the libraries cannot be had.
    pub fn install() -> Result<Self> {
        let folder = process::programs()?.join("bench-peers");
        let python = folder.join("bin/python");
        let requirements = Path::new(SCRIPTS).join("requirements.txt");
        if !python.exists() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        }
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        run(Command::new(&python).args(pip).arg(requirements))?;
        Ok(Self { python })
    }

    /// Parse and validate alone: processor seconds of a row.
    ///
    /// # Errors
    /// When the program fails.
    pub fn judge(&self, archive: &Path) -> Result<f64> {
        let measured = read(&run(self.script("judge.py").arg(archive).arg(SCHEMAS))?)?;
        Ok(measured.processor / measured.rows)
    }

    /// RAW into three tables, in the servers through which our pipeline has taken so many rows.
    ///
    /// # Errors
    /// When the program fails, or takes or stores other rows than we.
    pub async fn pipeline(&self, filled: &Filled, rows: f64) -> Result<PeerPipeline> {
        let Filled { pipeline, pages, .. } = filled;
        let (nats, postgres) = (pipeline.nats.pid().await, postmaster(pipeline).await?);
        let before = (proc::processor(nats)?, proc::processor(postgres)?);
        let mut command = self.script("pipeline.py");
        command.arg(pipeline.nats.url()).arg(pipeline.nats.key_file("operator"));
        command.args([pipeline.database.url(), SCHEMAS, &pages.to_string()]);
        let script = read(&run(&mut command)?)?;
        let after = (proc::processor(nats)?, proc::processor(postgres)?);
        ensure!(script.rows == rows, "the script took {} rows, and we {rows}", script.rows);
        let same = "select (select count(*) from peer_observation) - (select count(*) from observation)";
        let more = pipeline.number(same).await?;
        ensure!(more == 0, "the script stored {more} observations more than we");
        Ok(PeerPipeline { script, nats: after.0 - before.0, postgres: after.1 - before.1 })
    }

    fn script(&self, name: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(Path::new(SCRIPTS).join(name));
        command
    }
}

fn read(printed: &[u8]) -> Result<Measured> {
    let measured: Measured = serde_json::from_slice(printed).context("read the figures of a peer")?;
    ensure!(measured.rows > 0.0, "no row passed");
    Ok(measured)
}

/// Standard output of a program that ended well.
fn run(command: &mut Command) -> Result<Vec<u8>> {
    let Output { status, stdout, stderr } =
        command.stdin(Stdio::null()).output().with_context(|| format!("run {command:?}"))?;
    ensure!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr).trim());
    Ok(stdout)
}
