//! `stack up`: launches the supervisor, shows how it comes along, fills the sample history, says what to try.

use std::{
    io::Write,
    process::{ChildStdin, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Utc};
use tokio::signal::unix::{SignalKind, signal};

use super::{
    fill,
    folders::Folders,
    live, pace,
    progress::Progress,
    say,
    source::{Source, TENRAI, Wanted},
    state::{FIXED, Ports},
    status::{is_waiting, probe, troubles},
    stop,
};
use crate::until;

/// The first start runs initdb and the migrations.
const START: Duration = Duration::from_secs(120);
/// How long what runs may take to be ready again.
const AGAIN: Duration = Duration::from_secs(30);
/// How long servers may take to end whose supervisor was killed.
const ENDING: Duration = Duration::from_secs(10);

/// Brings everything up; on Ctrl-C or an error takes down what it started.
pub async fn run(folders: &Folders, days: u32, wanted: Wanted) -> Result<()> {
    ensure!(
        folders.is_ours() || folders.is_free(),
        "{} holds files that are not Kansoku's: name an empty folder, or one that is not there (KANSOKU_DATA)",
        folders.data.display()
    );
    folders.make()?;
    let _alone = alone(folders)?;
    let (now, before) = (now(), Source::of(folders)?);
    let source = wanted.decide(&before, fill::is_begun(folders), now)?;
    source.save(folders)?;
    let mut term = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    let work = async {
        let launched = launch(folders, source != before).await?;
        match &source {
            Source::Sim { fast } => fill::run(folders, days, fast.map_or(now, |fast| fast.from)).await?,
            Source::Live { .. } => {}
        }
        let fresh = launched.is_some();
        if let Some(mut supervisor) = launched {
            writeln!(supervisor, "handed over").context("hand over to the supervisor")?;
        }
        Ok::<_, anyhow::Error>(fresh)
    };
    let outcome = tokio::select! {
        outcome = work => outcome.map(Some),
        _ = tokio::signal::ctrl_c() => Ok(None),
        _ = term.recv() => Ok(None),
    };
    match outcome {
        Ok(Some(fresh)) => {
            let trouble = match &source {
                Source::Sim { .. } => None,
                Source::Live { .. } => live::trouble(folders).await,
            };
            greet(folders, &source, fresh, now)?;
            if let Some(trouble) = trouble {
                say(&format!("\n{trouble}"));
            }
            Ok(())
        }
        Ok(None) => {
            stop::down(folders).await?;
            bail!("interrupted; everything is stopped, what was stored is kept, `make up` goes on");
        }
        Err(error) => {
            stop::down(folders).await?;
            Err(error.context(format!("bring Kansoku up (the logs are in {})", folders.logs().display())))
        }
    }
}

/// Holds off a second start of the same installation until this one has ended.
fn alone(folders: &Folders) -> Result<std::fs::File> {
    let lock = std::fs::File::create(folders.data.join("up.lock")).context("open the start's lock")?;
    lock.try_lock().ok().context("another `make up` is at work here; wait until it has ended, or end it")?;
    Ok(lock)
}

/// Starts the supervisor where anything has to be started. It ends when what is returned is dropped before a line was
/// written to it.
async fn launch(folders: &Folders, elsewhere: bool) -> Result<Option<ChildStdin>> {
    if let Some(running) = Progress::running(folders) {
        let Some(why) = outlived(folders, &running, elsewhere).await? else { return Ok(None) };
        say(&why);
        stop::down(folders).await?;
    }
    Progress::forget(folders);
    for (name, port) in Ports::of(folders)?.named() {
        // The servers of a supervisor that was killed take a moment to end.
        let freed = || std::future::ready(crate::port::is_free(port));
        if crate::until("the port to be free", ENDING, freed).await.is_err() {
            bail!(
                "port {port} ({name}) is taken by another program; stop that, or delete {} to choose a free one",
                folders.data.join("ports.json").display()
            );
        }
        if FIXED.named().get(name) != Some(&port) {
            say(&format!("  {name} listens on port {port}: the usual one was taken at the first start"));
        }
    }
    let log = std::fs::File::options().create(true).append(true).open(folders.log("supervisor"));
    let log = log.context("open the supervisor's log")?;
    log.set_len(0).context("empty the supervisor's log")?;
    let own = std::env::current_exe().context("find the running program")?;
    let errors = log.try_clone().context("share the supervisor's log")?;
    let mut supervisor = Command::new(own)
        .args(["supervise", "--launched"])
        .env("KANSOKU_ROOT", &folders.root)
        .env("KANSOKU_DATA", &folders.data)
        .stdin(Stdio::piped())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .context("start the supervisor")?;
    let hand = supervisor.stdin.take();
    let mut step = String::new();
    let mut failure = None;
    let mut ready = false;
    until("the services to be ready", START, || {
        if let Some(progress) = Progress::read(folders) {
            if progress.step != step {
                step.clone_from(&progress.step);
                say(&format!("  {step}"));
            }
            failure = progress.error.clone();
            ready = progress.ready;
        }
        let gone = supervisor.try_wait().ok().flatten().is_some();
        let done = ready || failure.is_some() || gone;
        async move { done }
    })
    .await?;
    if let Some(error) = failure {
        bail!("{error}");
    }
    if !ready {
        let log = std::fs::read_to_string(folders.log("supervisor")).unwrap_or_default();
        bail!("the supervisor ended: {}", log.trim());
    }
    Ok(hand)
}

/// Why what runs has to be stopped and started again; `None` where it is up and ready.
async fn outlived(folders: &Folders, running: &Progress, elsewhere: bool) -> Result<Option<String>> {
    if let Some(error) = &running.error {
        return Ok(Some(format!("Starting everything again: {error}")));
    }
    if !running.ready {
        return Ok(Some(format!("Stopping what is not ready here ({})", running.step)));
    }
    if is_outdated(folders) {
        return Ok(Some("Stopping the services of an older build".to_owned()));
    }
    if elsewhere {
        return Ok(Some("Stopping the services that capture from elsewhere".to_owned()));
    }
    let ports = Ports::of(folders)?;
    let mut seen = probe(running, &ports).await;
    if is_waiting(&seen) {
        say(&format!("  waiting: {}", troubles(&seen).unwrap_or_default()));
        let waiting = async {
            let mut again = tokio::time::interval(Duration::from_millis(200));
            while is_waiting(&seen) {
                again.tick().await;
                seen = probe(running, &ports).await;
            }
        };
        let _ = tokio::time::timeout(AGAIN, waiting).await;
    }
    Ok(troubles(&seen).map(|what| format!("Starting everything again: {what}")))
}

/// Whether a program was built after the supervisor started.
fn is_outdated(folders: &Folders) -> bool {
    let modified = |path: std::path::PathBuf| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let Some(started) = modified(folders.log("supervisor")).and_then(|_| modified(folders.data.join("lock")))
    else {
        return true;
    };
    let programs =
        ["stack", "topology", "fetcher", "archive", "validator", "loader", "query-api", "jikan-sim"];
    programs.iter().any(|name| modified(folders.programs.join(name)).is_none_or(|built| built > started))
}

/// What to try where the sample history is there.
const OF_THE_SAMPLE: &str = r#"  bin/nats stream ls                       the streams, and how much is in each
  bin/nats stream view DLQ                 the rows that did not pass, with the reason in their headers
  bin/archive import FOLDER                put recorded payloads of your own on the same road

The first title of one raw page:
  bin/nats stream get RAW 1 --json | python3 -c 'import sys,json,base64; row=json.loads(base64.b64decode(json.load(sys.stdin)["data"]))["data"][0]; print(row.get("title") or row["name"])'"#;

/// What to try where nothing may be there yet.
const OF_A_LIVE_API: &str =
    "  bin/fetcher plan                         what is captured when, and what that costs
  bin/fetcher once top.score --pages 1     the first page now, and not when its time has come
  bin/fetcher runs                         the last runs, and how complete they are
  bin/nats stream ls                       the streams, and how much is in each";

/// The last words of `make up`.
fn greet(folders: &Folders, source: &Source, fresh: bool, now: DateTime<Utc>) -> Result<()> {
    let ports = Ports::of(folders)?;
    let what = match source {
        Source::Sim { fast: None } => "sample data: every title and number is invented".to_owned(),
        Source::Sim { fast: Some(fast) } if fast.caught_up() <= now => {
            "sample data, invented: its time ran fast, and has reached the present".to_owned()
        }
        Source::Sim { fast: Some(fast) } => format!(
            "sample data, invented: its time runs fast, a day in {}, and reaches the present at {}",
            pace::words(fast.day_ms),
            fast.caught_up().format("%Y-%m-%d %H:%M UTC")
        ),
        Source::Live { contact, .. } => {
            format!(
                "live: {TENRAI} is asked at most 60 times a minute, as {contact}; `bin/fetcher plan` says when"
            )
        }
    };
    let next = match source {
        Source::Sim { .. } => OF_THE_SAMPLE,
        Source::Live { .. } => OF_A_LIVE_API,
    };
    let running = if fresh { "Kansoku is up" } else { "Kansoku is up already" };
    say(&format!(
        r#"
{running}: http://127.0.0.1:{}   ({what})

Try next:
{next}

`make env` prints the addresses, `make down` stops everything and keeps the data."#,
        ports.query_api
    ));
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a sample history ends now, and nothing else here asks the time"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
