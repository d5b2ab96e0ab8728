//! Starts the supervisor, or finds that it runs and all is well.

use std::{
    io::Write,
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::{
    folders::Folders,
    progress::Progress,
    say,
    state::{FIXED, Ports},
    status::{is_waiting, probe, troubles},
    stop,
    systemd::Systemd,
    telemetry,
};
use crate::until;

/// The first start runs initdb and the migrations.
const START: Duration = Duration::from_secs(120);
/// How long what runs may take to be ready again.
const AGAIN: Duration = Duration::from_secs(30);
/// How long servers may take to end whose supervisor was killed.
const ENDING: Duration = Duration::from_secs(10);

/// A started supervisor. It ends when this is dropped before it was handed over.
pub struct Launched(Option<ChildStdin>);

impl Launched {
    /// One that reads its standard input from here, if it was not started by systemd.
    pub(crate) fn by(hand: Option<ChildStdin>) -> Self {
        Self(hand)
    }

    /// From now on it runs until it is stopped.
    pub fn hand_over(self) -> Result<()> {
        match self.0 {
            Some(mut supervisor) => {
                writeln!(supervisor, "handed over").context("hand over to the supervisor")
            }
            None => Ok(()),
        }
    }
}

/// Starts the supervisor, by systemd where a unit is installed; `None` where it runs and all is ready. `changed` is why what
/// runs has to start again, if it has to.
pub async fn launch(folders: &Folders, changed: Option<&str>) -> Result<Option<Launched>> {
    if let Some(running) = Progress::running(folders) {
        let Some(why) = outlived(folders, &running, changed).await? else { return Ok(None) };
        say(&why);
        stop::down(folders).await?;
    }
    Progress::forget(folders);
    let are_known = Ports::are_chosen(folders);
    for (name, port) in Ports::of(folders)?.named() {
        // The servers of a supervisor that was killed take a moment to end.
        let freed = || std::future::ready(crate::port::is_free(port));
        if until("the port to be free", ENDING, freed).await.is_err() {
            bail!(
                "port {port} ({name}) is taken by another program; stop that, or delete {} to choose a free one",
                folders.data.join("ports.json").display()
            );
        }
        if !are_known && FIXED.named().get(name) != Some(&port) {
            say(&format!("  {name} listens on port {port} from now on: the usual one is taken"));
        }
    }
    telemetry::save(folders)?;
    let systemd = Systemd::here();
    let mut supervisor = if systemd.is_installed(folders) {
        systemd.start(folders)?;
        None
    } else {
        Some(spawn(folders, folders, &["supervise", "--launched"])?)
    };
    let hand = supervisor.as_mut().and_then(|supervisor| supervisor.stdin.take());
    ready(folders, supervisor).await?;
    Ok(Some(Launched(hand)))
}

/// Starts a supervisor of this installation, or of what watches it, which keeps its log in `own`.
pub(crate) fn spawn(folders: &Folders, own: &Folders, arguments: &[&str]) -> Result<Child> {
    let log = std::fs::File::options().create(true).append(true).open(own.log("supervisor"));
    let log = log.context("open the supervisor's log")?;
    log.set_len(0).context("empty the supervisor's log")?;
    let errors = log.try_clone().context("share the supervisor's log")?;
    Command::new(std::env::current_exe().context("find the running program")?)
        .args(arguments)
        .envs(telemetry::environment(folders))
        .env("KANSOKU_ROOT", &folders.root)
        .env("KANSOKU_DATA", &folders.data)
        .stdin(Stdio::piped())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .context("start the supervisor")
}

/// Shows how the supervisor comes along, until everything is ready.
pub(crate) async fn ready(folders: &Folders, mut supervisor: Option<Child>) -> Result<()> {
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
        let gone = supervisor.as_mut().is_some_and(|own| own.try_wait().ok().flatten().is_some());
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
    Ok(())
}

/// Why what runs has to be stopped and started again; `None` where it is up and ready.
async fn outlived(folders: &Folders, running: &Progress, other: Option<&str>) -> Result<Option<String>> {
    if let Some(error) = &running.error {
        return Ok(Some(format!("Starting everything again: {error}")));
    }
    if !running.ready {
        return Ok(Some(format!("Stopping what is not ready here ({})", running.step)));
    }
    if is_outdated(folders) {
        return Ok(Some("Stopping the services of an older build".to_owned()));
    }
    if let Some(other) = other {
        return Ok(Some(other.to_owned()));
    }
    let changed = telemetry::changed(folders, running.pid, Systemd::here().is_installed(folders));
    if !changed.is_empty() {
        return Ok(Some(format!("Starting everything again with {} as set now", changed.join(", "))));
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
    let programs = [
        "stack",
        "topology",
        "fetcher",
        "archive",
        "validator",
        "loader",
        "replayer",
        "query-api",
        "jikan-sim",
    ];
    programs.iter().any(|name| modified(folders.programs.join(name)).is_none_or(|built| built > started))
}
