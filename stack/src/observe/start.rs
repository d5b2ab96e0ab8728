//! `stack observe`: starts what watches beside what runs, lets traces go there, says what to look at.

use anyhow::{Context, Result, bail};

use super::{
    environment, files,
    ports::Ports,
    programs::{Found, programs},
};
use crate::{
    child::{Signal, kill},
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
    let names: std::collections::BTreeSet<&str> = wanted.iter().map(|program| program.name).collect();
    Ok(running.ready
        && running.processes.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>() == names)
}

/// Prometheus and Alertmanager read their files anew on SIGHUP.
fn again(folders: &Folders, running: &Progress, found: &Found) -> Result<()> {
    files::write(folders, &Ports::of(folders)?, found)?;
    for name in ["prometheus", "alertmanager"] {
        if let Some(pid) = running.processes.get(name).and_then(|record| record.pid) {
            kill(pid, Signal::HUP).with_context(|| format!("let {name} read its files again"))?;
        }
    }
    Ok(())
}

/// Lets the services that run send their traces to the collector; returns whether any run.
async fn pass_on(folders: &Folders) -> Result<bool> {
    if Progress::running(folders).is_none() {
        return Ok(false);
    }
    let _alone = start::alone(folders)?;
    if let Some(launched) = launch::launch(folders, false).await? {
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

/// The addresses, and what to look at.
fn greet(folders: &Folders, found: &Found, watched: bool) -> Result<()> {
    let ports = Ports::of(folders)?;
    let http = |port: u16| format!("http://127.0.0.1:{port}");
    let mut lines = vec![format!("\nKansoku is watched: {}/alerts", http(ports.prometheus))];
    let mut line = |name: &str, text: String| lines.push(format!("  {name:13} {text}"));
    line("prometheus", format!("{}/targets   what is up, and every metric", http(ports.prometheus)));
    line("alertmanager", format!("{}   alerts that fire now; silence them here", http(ports.alertmanager)));
    let messages = folders.observe().data.join("slack.jsonl");
    match std::env::var_os("KANSOKU_SLACK_URL_FILE") {
        Some(_) => line("slack", "messages go to the webhook of KANSOKU_SLACK_URL_FILE".to_owned()),
        None => line(
            "slack",
            format!("{}   messages as they would arrive (kept in {})", http(ports.slack), messages.display()),
        ),
    }
    match &found.collector {
        Some(_) => line(
            "collector",
            format!("{}   takes OTLP over HTTP; gRPC at {}", http(ports.otlp_http), ports.otlp_grpc),
        ),
        None => line(
            "collector",
            "is not built, so no traces or logs are collected: `scripts/setup.sh observe` builds it"
                .to_owned(),
        ),
    }
    let optional = [
        ("grafana", "KANSOKU_GRAFANA", &found.grafana, format!("{}   dashboards", http(ports.grafana))),
        ("tempo", "KANSOKU_TEMPO", &found.tempo, format!("{}   traces, in Grafana", http(ports.tempo))),
        ("loki", "KANSOKU_LOKI", &found.loki, format!("{}   logs, in Grafana", http(ports.loki))),
    ];
    for (name, variable, program, text) in optional {
        match program {
            Some(_) => line(name, text),
            None => line(
                name,
                format!(
                    "is not here: install its package, or let {variable} name its program, then `make observe` again"
                ),
            ),
        }
    }
    if [&found.grafana, &found.tempo, &found.loki].iter().any(|program| program.is_none()) {
        lines.push("  In containers all of them come along: docker compose -f compose/compose.yaml --profile observability up".to_owned());
    }
    lines.push(String::new());
    lines.push(if !watched {
        "Kansoku itself does not run; `make up` starts it, and its traces go to the collector then."
            .to_owned()
    } else if environment::of(folders).is_empty() {
        "Metrics are watched; no traces are collected.".to_owned()
    } else {
        let kept = |what: &str, by: &Option<_>| by.is_some().then(|| what.to_owned());
        let kept: Vec<String> =
            kept("traces", &found.tempo).into_iter().chain(kept("logs", &found.loki)).collect();
        match kept.as_slice() {
            [] => "Metrics are kept. Traces go to the collector, which keeps none without Tempo.".to_owned(),
            kept => format!("Metrics and {} are kept.", kept.join(" and ")),
        }
    });
    lines.push("`make observe-down` ends this, and leaves Kansoku as it is.".to_owned());
    say(&lines.join("\n"));
    Ok(())
}
