//! The background process that owns every server and service of an installation.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use kansoku_service::{Clock, SystemClock};
use tokio::signal::unix::{SignalKind, signal};

use super::{
    folders::Folders,
    services::{self, Program},
    state::{Ports, Progress, password, set_aside},
};
use crate::{
    child::{self, Child},
    nats, postgres, redis,
};

/// How often the supervisor looks whether a process ended.
const LOOK: Duration = Duration::from_millis(200);
/// A service that ends is started again after 1 s, then 2 s, … at most this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const STOP: Duration = Duration::from_secs(15);

/// Runs until it is asked to end by SIGTERM or SIGINT, or, before it is handed over, until `launcher` is gone.
pub async fn run(folders: Folders, launcher: Option<u32>) -> Result<()> {
    folders.make()?;
    let lock = std::fs::File::create(folders.data.join("lock")).context("open the installation's lock")?;
    lock.try_lock().ok().context("another supervisor has this installation; `make status` shows it")?;
    let mut report = Report::new(folders.clone());
    let mut installation = Installation::new(folders.clone())?;
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let outcome = tokio::select! {
        outcome = installation.run(&mut report) => outcome,
        _ = term.recv() => Ok(()),
        _ = int.recv() => Ok(()),
        () = abandoned(&folders, launcher) => Ok(()),
    };
    if let Err(error) = &outcome {
        eprintln!("{error:#}");
    }
    report.ending(outcome.as_ref().err());
    installation.stop().await;
    let _ = std::fs::remove_file(folders.data.join("handed-over"));
    // What it died of is kept for `make status`.
    if outcome.is_ok() {
        Progress::forget(&folders);
    }
    outcome
}

/// Ends when the launching process is gone before it handed the installation over.
async fn abandoned(folders: &Folders, launcher: Option<u32>) {
    let Some(launcher) = launcher else { return std::future::pending().await };
    let mut look = tokio::time::interval(LOOK);
    while child::alive(launcher) {
        look.tick().await;
    }
    if folders.data.join("handed-over").exists() {
        std::future::pending::<()>().await;
    }
}

/// The progress file.
struct Report {
    folders: Folders,
    progress: Progress,
}

impl Report {
    fn new(folders: Folders) -> Self {
        let progress = Progress {
            pid: std::process::id(),
            step: "starting".to_owned(),
            ready: false,
            error: None,
            processes: BTreeMap::new(),
        };
        Self { folders, progress }
    }

    fn step(&mut self, step: &str) -> Result<()> {
        self.progress.step = step.to_owned();
        self.progress.write(&self.folders)
    }

    fn process(&mut self, name: &str, pid: u32) -> Result<()> {
        self.progress.processes.insert(name.to_owned(), pid);
        self.progress.write(&self.folders)
    }

    fn ready(&mut self) -> Result<()> {
        self.progress.ready = true;
        self.step("ready")
    }

    fn ending(&mut self, error: Option<&anyhow::Error>) {
        self.progress.ready = false;
        self.progress.error = error.map(|error| format!("{error:#}"));
        let _ = self.step("stopping");
    }
}

/// The servers and services; dropped in reverse order of need by [`Installation::stop`].
struct Installation {
    folders: Folders,
    ports: Ports,
    services: Vec<Kept>,
    nats: Option<nats::Server>,
    postgres: Option<postgres::Server>,
    redis: Option<redis::Server>,
}

/// A service and its process; one that ended is started again at `again`, the next time after a longer pause.
struct Kept {
    program: Program,
    child: Option<Child>,
    again: Option<Instant>,
    pause: Duration,
}

impl Kept {
    /// Looks once, and returns the process id of a process that it started.
    fn keep(&mut self, now: Instant) -> Result<Option<u32>> {
        if let Some(status) = self.child.as_mut().and_then(Child::ended) {
            eprintln!("{} ended with {status}; starting it again in {:?}", self.program.name, self.pause);
            self.child = None;
            self.again = Some(now + self.pause);
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        }
        if self.again.is_none_or(|again| now < again) {
            return Ok(None);
        }
        self.again = None;
        let child = self.child.insert(self.program.start()?);
        Ok(Some(child.pid()))
    }
}

impl Installation {
    fn new(folders: Folders) -> Result<Self> {
        let ports = Ports::of(&folders)?;
        Ok(Self { folders, ports, services: Vec::new(), nats: None, postgres: None, redis: None })
    }

    async fn run(&mut self, report: &mut Report) -> Result<()> {
        if let Some(kept) = set_aside(&self.folders)? {
            report.step(&format!("keeping the database of an earlier installation in {}", kept.display()))?;
            // Long enough to be shown.
            tokio::time::sleep(LOOK).await;
        }
        let password = password(&self.folders)?;
        self.folders.make_for_postgres()?;
        report.step("starting nats-server, Postgres and Redis")?;
        let (log, ports) = (|name: &str| self.folders.log(name), self.ports.clone());
        let servers = tokio::try_join!(
            nats::Server::start(nats::Options {
                folder: self.folders.nats(),
                log: log("nats-server"),
                port: ports.nats,
                monitor: ports.nats_monitor,
            }),
            postgres::Server::start(postgres::Options {
                data: self.folders.postgres(),
                log: log("postgres"),
                port: ports.postgres,
                password: Some(password.clone()),
                durable: true,
            }),
            redis::Server::start(redis::Options { log: log("redis"), port: ports.redis }),
        );
        let (nats, postgres, redis) = servers?;
        report.process("nats-server", nats.pid().await)?;
        report.process("postgres", postgres.pid().await)?;
        report.process("redis-server", redis.pid().await)?;
        let nats = self.nats.insert(nats);
        let postgres = self.postgres.insert(postgres);
        let redis = self.redis.insert(redis);
        postgres.ensure_database("kansoku").await?;
        report.step("making the streams and consumers")?;
        services::apply_topology(&self.folders, nats).await?;
        services::write_context(&self.folders, nats)?;
        let addresses =
            services::Addresses { nats: nats.url(), postgres: postgres.url("kansoku"), redis: redis.url() };
        for program in services::programs(&self.folders, &self.ports, &addresses)? {
            self.services.push(Kept { program, child: None, again: None, pause: Duration::from_secs(1) });
        }
        report.step("starting the services")?;
        for kept in &mut self.services {
            kept.child = Some(kept.program.start()?);
        }
        for kept in &mut self.services {
            if let Some(child) = &mut kept.child {
                report.process(kept.program.name, child.pid())?;
                let (port, path) = kept.program.ready;
                let answers = || async move { matches!(crate::process::get(port, path).await, Ok((200, _))) };
                child.ready(Duration::from_secs(60), answers).await?;
            }
        }
        report.ready()?;
        self.watch(report).await
    }

    /// Starts again what ended; a server that ends takes the installation down, for its data needs a person's look.
    async fn watch(&mut self, report: &mut Report) -> Result<()> {
        let mut look = tokio::time::interval(LOOK);
        loop {
            look.tick().await;
            if let (Some(nats), Some(postgres), Some(redis)) = (&self.nats, &self.postgres, &self.redis) {
                for (name, runs) in [
                    ("nats-server", nats.runs().await),
                    ("postgres", postgres.runs().await),
                    ("redis", redis.runs().await),
                ] {
                    let log = self.folders.log(name);
                    anyhow::ensure!(runs, "{name} ended; its log is {}", log.display());
                }
            }
            for kept in &mut self.services {
                if let Some(pid) = kept.keep(SystemClock.monotonic())? {
                    report.process(kept.program.name, pid)?;
                }
            }
        }
    }

    /// Services first, in the direction of the data, then the servers they need.
    async fn stop(&mut self) {
        for kept in &mut self.services {
            if let Some(mut child) = kept.child.take()
                && let Err(error) = child.stop(STOP).await
            {
                eprintln!("{error:#}");
            }
        }
        if let Some(server) = self.nats.take() {
            report_error(server.stop().await);
        }
        if let Some(server) = self.redis.take() {
            report_error(server.stop().await);
        }
        if let Some(server) = self.postgres.take() {
            report_error(server.stop().await);
        }
    }
}

fn report_error(outcome: Result<()>) {
    if let Err(error) = outcome {
        eprintln!("{error:#}");
    }
}
