//! `stack observe`: starts what watches beside what runs, lets traces go there, says what to look at.

use std::{collections::BTreeSet, process::Command};

use anyhow::{Context, Result, bail, ensure};

use super::{
    files,
    greet::greet,
    ports::Ports,
    programs::{Found, programs},
};
use crate::{
    child::{Signal, kill},
    tools,
    up::{
        folders::Folders,
        launch::{self, Launched},
        progress::Progress,
        say, start, stop,
    },
};

/// Prometheus keeps so much at most, and what it cannot write it forgets.
const ROOM: u64 = 1 << 30;

/// Starts it, or lets what runs already read its files again.
pub async fn run(folders: &Folders) -> Result<()> {
    if !folders.is_ours() {
        bail!("nothing was set up here yet; `make up` does, then `make observe` again");
    }
    let own = folders.observe();
    std::fs::create_dir_all(own.logs())
        .with_context(|| format!("make the folder {}", own.logs().display()))?;
    let _alone = start::alone(&own).context("start what watches")?;
    warn_of_a_full_disk(&own)?;
    let found = Found::here()?;
    if let Some(running) = Progress::running(&own) {
        if is_as_found(folders, &running, &found)? {
            again(folders, &running, &found)?;
        } else {
            say("Starting what watches again: other programs are here, or it is not ready");
            stop::down(&own).await?;
            begin(folders, &own, &found).await?;
        }
    } else {
        begin(folders, &own, &found).await?;
    }
    let watched = pass_on(folders).await?;
    greet(folders, &found, watched)
}

async fn begin(folders: &Folders, own: &Folders, found: &Found) -> Result<()> {
    Progress::forget(own);
    let usual = Ports::default();
    let ports = Ports::choose(folders)?;
    if ports != usual {
        say("  some ports are others than the usual ones, which were taken");
    }
    files::write(folders, &ports, found)?;
    let mut supervisor = launch::spawn(folders, own, &["supervise-observe"])?;
    let hand = supervisor.stdin.take();
    let ready = launch::ready(own, Some(supervisor)).await;
    if let Err(error) = ready {
        stop::down(own).await?;
        return Err(error.context(format!("start what watches (the logs are in {})", own.logs().display())));
    }
    Launched::by(hand).hand_over()
}

/// Whether all programs that are here run, and no others.
fn is_as_found(folders: &Folders, running: &Progress, found: &Found) -> Result<bool> {
    let wanted = programs(folders, &Ports::of(folders)?, found);
    let wanted: BTreeSet<&str> = wanted.iter().map(|program| program.name).collect();
    let runs: BTreeSet<&str> = running.processes.keys().map(String::as_str).collect();
    Ok(running.ready && runs == wanted)
}

/// Prometheus and Alertmanager read their files anew on SIGHUP.
fn again(folders: &Folders, running: &Progress, found: &Found) -> Result<()> {
    files::write(folders, &Ports::of(folders)?, found)?;
    let at = |path: &str| folders.observe().data.join(path);
    // They would go on with what they had, and say so in their logs alone.
    check(Command::new("promtool").args(["check", "config"]).arg(at("prometheus/prometheus.yaml")))?;
    check(Command::new("amtool").arg("check-config").arg(at("alertmanager/alertmanager.yaml")))?;
    for name in ["prometheus", "alertmanager"] {
        if let Some(pid) = running.processes.get(name).and_then(|record| record.pid) {
            kill(pid, Signal::HUP).with_context(|| format!("let {name} read its files again"))?;
        }
    }
    Ok(())
}

/// Runs the check of a program's files, where that is here.
fn check(command: &mut Command) -> Result<()> {
    let Ok(program) = tools::find(&command.get_program().to_string_lossy()) else { return Ok(()) };
    let output = Command::new(&program).args(command.get_args()).output();
    let output = output.with_context(|| format!("run {}", program.display()))?;
    let said = [output.stdout, output.stderr].concat();
    ensure!(
        output.status.success(),
        "a file is refused, and what ran goes on: {}",
        String::from_utf8_lossy(&said).trim()
    );
    Ok(())
}

/// Lets the services that run send their traces to the collector; returns whether any run.
async fn pass_on(folders: &Folders) -> Result<bool> {
    if Progress::running(folders).is_none() {
        return Ok(false);
    }
    let _alone = start::alone(folders)?;
    if let Some(launched) = launch::launch(folders, None).await? {
        launched.hand_over()?;
    }
    Ok(true)
}

fn warn_of_a_full_disk(own: &Folders) -> Result<()> {
    let disk = rustix::fs::statvfs(&own.data)
        .with_context(|| format!("look at the disk of {}", own.data.display()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free < ROOM {
        say(&format!(
            "  only {} MiB are free for {}: Prometheus and the others lose what they cannot write",
            free >> 20,
            own.data.display()
        ));
    }
    Ok(())
}
