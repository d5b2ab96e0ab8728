//! The background process that owns every server and service of an installation.

use std::{io::BufRead, path::Path, time::Duration};

use anyhow::{Context, Result};
use futures::future::join_all;
use kansoku_service::{Clock, SystemClock};
use tokio::{
    select,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

use super::{
    folders::Folders,
    logs, nats_health,
    progress::{self, Progress},
    services,
    state::{Ports, password, set_aside},
    supervised::{Now, Supervised},
    telemetry,
    tls::Certificates,
};
use crate::{nats, postgres, redis, server::Options};

/// How often the supervisor checks whether a process ended.
pub(crate) const CHECK: Duration = Duration::from_millis(200);
pub(crate) const ROTATE: Duration = Duration::from_secs(10);
/// How long the servers may take to answer at the start, and how long the services.
const READY: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(60));

/// How long a service may take to stop; its own limit is 10 s.
const SERVICE_STOP: Duration = Duration::from_secs(15);
const NATS_STOP: Duration = Duration::from_secs(20);
const POSTGRES_STOP: Duration = Duration::from_secs(30);
const REDIS_STOP: Duration = Duration::from_secs(10);
/// How long all may take: the services together, then the servers together, and whoever has to be killed.
pub const STOP_LIMIT: Duration = Duration::from_secs(15 + 30 + 2 * 10 + 5);

/// Runs until it is asked to end by SIGTERM or SIGINT. One that was `launched` by `stack up` also ends when its standard
/// input does before it was handed over there.
pub async fn run(folders: Folders, launched: bool) -> Result<()> {
    if launched {
        // Out of the terminal's group, whose Ctrl-C is for `stack up`; fails for one that leads a group already.
        let _ = rustix::process::setsid();
    }
    folders.make()?;
    let _lock = progress::lock(&folders).await?;
    telemetry::save(&folders)?;
    let mut installation = Installation::new(folders.clone())?;
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let outcome = select! {
        outcome = installation.run() => outcome,
        _ = term.recv() => Ok(()),
        _ = int.recv() => Ok(()),
        () = abandoned(), if launched => Ok(()),
    };
    if let Err(error) = &outcome {
        eprintln!("{error:#}");
    }
    installation.stop(outcome.as_ref().err()).await;
    // What it died of is kept for `make status`.
    if outcome.is_ok() {
        Progress::forget(&folders);
    }
    outcome
}

/// Ends when the launching process is gone before it handed the installation over, by a line.
pub(crate) async fn abandoned() {
    let (gone, abandoned) = oneshot::channel();
    // A thread of its own, which nothing waits for: reading standard input cannot be cancelled.
    std::thread::spawn(move || {
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(length) if length > 0 => {}
            _ => drop(gone.send(())),
        }
    });
    if abandoned.await.is_err() {
        std::future::pending::<()>().await;
    }
}

pub(crate) fn now() -> Now {
    Now { monotonic: SystemClock.monotonic(), wall: SystemClock.now() }
}

fn server(
    name: &'static str,
    stop_limit: Duration,
    options: &(impl Options + Clone + Send + 'static),
) -> Result<Supervised> {
    let options = options.clone();
    Supervised::start(name, stop_limit, Box::new(move || options.spawn()), now())
}

/// The servers and services.
struct Installation {
    folders: Folders,
    ports: Ports,
    progress: Progress,
    servers: Vec<Supervised>,
    services: Vec<Supervised>,
}

impl Installation {
    fn new(folders: Folders) -> Result<Self> {
        let ports = Ports::of(&folders)?;
        Ok(Self { folders, ports, progress: Progress::new(), servers: Vec::new(), services: Vec::new() })
    }

    async fn run(&mut self) -> Result<()> {
        if let Some(kept) = set_aside(&self.folders)? {
            self.step(&format!("keeping the database of an earlier installation in {}", kept.display()))?;
            // Long enough to be shown.
            tokio::time::sleep(CHECK).await;
        }
        let (nats, postgres, redis) = self.start_servers().await?;
        postgres.ensure_database("kansoku").await?;
        self.step("making the streams and consumers")?;
        services::apply_topology(&self.folders, &nats).await?;
        services::write_context(&self.folders, &nats)?;
        let addresses = services::Addresses {
            nats: nats.url(),
            postgres: postgres.url_with("kansoku", None),
            redis: redis.url(),
            certificates: Certificates::of(&self.folders),
        };
        self.start_services(&addresses).await?;
        self.progress.ready = true;
        self.step("ready")?;
        self.watch(&nats.folder.join("store")).await
    }

    async fn start_servers(&mut self) -> Result<(nats::Options, postgres::Options, redis::Options)> {
        self.folders.make_for_postgres()?;
        self.step("starting nats-server, Postgres and Redis")?;
        let (log, ports) = (|name: &str| self.folders.log(name), &self.ports);
        let certificates = Certificates::of(&self.folders);
        if let Some(certificates) = &certificates {
            certificates.ensure(SystemClock.now()).context("make the certificates")?;
        }
        let tls = |name: &str| certificates.as_ref().map(|all| all.both(name));
        let nats = nats::Options {
            folder: self.folders.nats(),
            log: log("nats-server"),
            port: ports.nats,
            monitor: ports.nats_monitor,
            member: None,
            tls: tls("nats-server"),
        };
        let postgres = postgres::Options {
            data: self.folders.postgres(),
            log: log("postgres"),
            port: ports.postgres,
            password: Some(password(&self.folders)?),
            durable: true,
            tls: tls("postgres"),
        };
        let redis = redis::Options { log: log("redis"), port: ports.redis, tls: tls("redis-server") };
        self.servers = vec![
            server("nats-server", NATS_STOP, &nats)?,
            server("postgres", POSTGRES_STOP, &postgres)?,
            server("redis-server", REDIS_STOP, &redis)?,
        ];
        self.write()?;
        let [in_nats, in_postgres, in_redis] = &mut self.servers[..] else { unreachable!("three servers") };
        tokio::try_join!(
            in_nats.ready(READY.0, || nats.answers()),
            in_postgres.ready(READY.0, || postgres.answers()),
            in_redis.ready(READY.0, || redis.answers()),
        )?;
        Ok((nats, postgres, redis))
    }

    async fn start_services(&mut self, addresses: &services::Addresses) -> Result<()> {
        let programs = services::programs(&self.folders, &self.ports, addresses)?;
        self.step("starting the services")?;
        let ready: Vec<_> = programs.iter().map(|program| program.ready).collect();
        for program in programs {
            let name = program.name;
            let start = Box::new(move || program.start());
            self.services.push(Supervised::start(name, SERVICE_STOP, start, now())?);
        }
        self.write()?;
        for (service, (port, path)) in self.services.iter_mut().zip(ready) {
            let answers = || async move { matches!(crate::process::get(port, path).await, Ok((200, _))) };
            service.ready(READY.1, answers).await?;
        }
        Ok(())
    }

    /// Starts again what ends, restarts a nats-server that does not recover, rotates the logs.
    async fn watch(&mut self, store: &Path) -> Result<()> {
        let (mut check, mut rotate) = (tokio::time::interval(CHECK), tokio::time::interval(ROTATE));
        let monitor = self.ports.nats_monitor;
        let (sick, mut is_sick) = tokio::sync::mpsc::channel(1);
        let watching = nats_health::watch(monitor, store, sick);
        tokio::pin!(watching);
        loop {
            select! {
                _ = check.tick() => {
                    // Each of them is checked, whatever the others say.
                    let changed = self.all().map(|process| process.check(now())).filter(|changed| *changed).count();
                    if changed > 0 {
                        self.write()?;
                    }
                }
                _ = rotate.tick() => {
                    if let Err(error) = logs::rotate(&self.folders.logs()) {
                        eprintln!("rotate the logs: {error}");
                    }
                }
                Some(why) = is_sick.recv() => {
                    self.all().filter(|process| process.name == "nats-server").for_each(|nats| nats.restart(why.clone(), now()));
                }
                () = &mut watching => {}
            }
        }
    }

    /// Services first, then the servers they need; those of a kind at once, each with a limit of its own.
    async fn stop(&mut self, error: Option<&anyhow::Error>) {
        self.progress.ready = false;
        self.progress.error = error.map(|error| format!("{error:#}"));
        if let Err(error) = self.step("stopping") {
            eprintln!("{error:#}");
        }
        join_all(self.services.iter_mut().map(Supervised::stop)).await;
        join_all(self.servers.iter_mut().map(Supervised::stop)).await;
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Supervised> {
        self.servers.iter_mut().chain(&mut self.services)
    }

    fn step(&mut self, step: &str) -> Result<()> {
        self.progress.step = step.to_owned();
        self.write()
    }

    fn write(&mut self) -> Result<()> {
        let all = self.servers.iter().chain(&self.services);
        self.progress.processes =
            all.map(|process| (process.name.to_owned(), process.record().clone())).collect();
        self.progress.write(&self.folders).context("write down how far the start has come")
    }
}
