//! The background process that owns what watches an installation.

use std::time::Duration;

use anyhow::{Context, Result};
use futures::future::join_all;
use tokio::{
    select,
    signal::unix::{SignalKind, signal},
};

use super::{
    ports::Ports,
    programs::{Found, programs},
};
use crate::{
    process,
    up::{
        folders::Folders,
        logs,
        progress::{self, Progress},
        services::Program,
        supervise::{CHECK, ROTATE, abandoned, now},
        supervised::Supervised,
    },
};

/// How long one may take to answer at the start, and to stop.
const READY: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(20);

/// Those without which it makes no sense to go on.
const NEEDED: [&str; 4] = ["slack", "alertmanager", "collector", "prometheus"];

/// Runs until it is asked to end, or until who launched it is gone before it was handed over.
pub async fn run(folders: Folders) -> Result<()> {
    // Out of the terminal's group, whose Ctrl-C is for `stack observe`.
    let _ = rustix::process::setsid();
    let own = folders.observe();
    let _lock = progress::lock(&own).await?;
    let programs = programs(&folders, &Ports::of(&folders)?, &Found::here()?);
    let mut watchers = Watchers { own, progress: Progress::new(), processes: Vec::new() };
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let outcome = select! {
        outcome = watchers.run(programs) => outcome,
        _ = term.recv() => Ok(()),
        _ = int.recv() => Ok(()),
        () = abandoned() => Ok(()),
    };
    watchers.stop(outcome.as_ref().err()).await;
    if outcome.is_ok() {
        Progress::forget(&watchers.own);
    }
    outcome
}

struct Watchers {
    own: Folders,
    progress: Progress,
    processes: Vec<Supervised>,
}

impl Watchers {
    async fn run(&mut self, programs: Vec<Program>) -> Result<()> {
        for program in programs {
            let (name, (port, path)) = (program.name, program.ready);
            self.step(&format!("starting {name}"))?;
            let mut process = Supervised::start(name, STOP, Box::new(move || program.start()), now())?;
            // The others take long, and are started again if they end.
            let waited = if NEEDED.contains(&name) {
                let answers = || async move { matches!(process::get(port, path).await, Ok((200, _))) };
                process.ready(READY, answers).await
            } else {
                Ok(())
            };
            self.processes.push(process);
            waited?;
        }
        self.progress.ready = true;
        self.step("ready")?;
        let (mut check, mut rotate) = (tokio::time::interval(CHECK), tokio::time::interval(ROTATE));
        loop {
            select! {
                _ = check.tick() => {
                    let changed = self.processes.iter_mut().map(|process| process.check(now()));
                    if changed.filter(|changed| *changed).count() > 0 {
                        self.write()?;
                    }
                }
                _ = rotate.tick() => {
                    if let Err(error) = logs::rotate(&self.own.logs()) {
                        eprintln!("rotate the logs: {error}");
                    }
                }
            }
        }
    }

    async fn stop(&mut self, error: Option<&anyhow::Error>) {
        self.progress.ready = false;
        self.progress.error = error.map(|error| format!("{error:#}"));
        if let Err(error) = self.step("stopping") {
            eprintln!("{error:#}");
        }
        join_all(self.processes.iter_mut().map(Supervised::stop)).await;
    }

    fn step(&mut self, step: &str) -> Result<()> {
        self.progress.step = step.to_owned();
        self.write()
    }

    fn write(&mut self) -> Result<()> {
        let record = |process: &Supervised| (process.name.to_owned(), process.record().clone());
        self.progress.processes = self.processes.iter().map(record).collect();
        self.progress.write(&self.own).context("write down how far the start has come")
    }
}
