//! An installation of its own, made and used by the commands that a person types.

use std::{
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Utc};
use kansoku_service::{Clock, SystemClock};
use kansoku_stack::{
    child::{Signal, kill},
    observe::{self, minutes},
    process, tools, until,
    up::{folders::Folders, progress::Progress, state},
};
use serde_json::Value;
use tempfile::TempDir;

use super::recording::Recording;
use crate::prometheus::Prometheus;

/// How long what watches may take until it has seen everything once.
const LIMIT: Duration = Duration::from_secs(90);

/// A running installation; it and its data are gone with this value.
pub(super) struct Installation {
    /// Where it answers.
    pub(super) ports: state::Ports,
    /// Where what watches it answers.
    pub(super) watching: observe::ports::Ports,
    folders: Folders,
    folder: TempDir,
}

/// A message that arrived in the place of Slack.
pub(super) struct Message {
    /// When.
    pub(super) at: DateTime<Utc>,
    /// Where to.
    pub(super) channel: String,
    /// What it is called, such as `TICKET DeadLettersArrive: validator`.
    pub(super) title: String,
    /// What it says.
    pub(super) text: String,
}

impl Installation {
    /// Starts one with some days of history, and what watches it, all windows cut.
    ///
    /// # Errors
    /// Something of it does not start.
    pub(super) async fn start(days: u32, windows_cut: u64) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("kansoku-rehearsal-").tempdir()?;
        let folders = Folders {
            root: tools::root().canonicalize().context("find the project's folder")?,
            data: folder.path().to_path_buf(),
            programs: process::programs()?,
        };
        let (ports, watching) = (state::Ports::default(), observe::ports::Ports::default());
        let mut here = Self { ports, watching, folders, folder };
        here.stack(&["up", "--days", &days.to_string()])?;
        here.stack(&["observe"])?;
        here.ports = state::Ports::of(&here.folders)?;
        here.watching = observe::ports::Ports::of(&here.folders)?;
        here.cut(windows_cut).await?;
        Ok(here)
    }

    /// Lets Prometheus and Alertmanager go on with shorter windows, and waits until both do.
    async fn cut(&self, times: u64) -> Result<()> {
        let own = self.folders.observe();
        minutes::to_seconds(&own.data, times)?;
        let running = Progress::running(&own).context("nothing watches")?;
        for name in ["alertmanager", "prometheus"] {
            let pid = running.processes.get(name).and_then(|record| record.pid);
            kill(pid.with_context(|| format!("find the process of {name}"))?, Signal::HUP)?;
        }
        let port = self.watching.prometheus;
        let is_cut = || async move {
            let config = process::get(port, "/api/v1/status/config").await;
            config.is_ok_and(|(_, config)| config.contains("evaluation_interval: 1s"))
        };
        until("Prometheus to take the shorter windows", LIMIT, is_cut).await?;
        let slack = self.watching.slack;
        let heard = || async move { matches!(process::get(slack, "/watchdog").await, Ok((200, _))) };
        until("the Watchdog", LIMIT, heard).await
    }

    /// Prometheus.
    pub(super) fn prometheus(&self) -> Prometheus {
        Prometheus(self.watching.prometheus)
    }

    /// A file of its data.
    pub(super) fn data(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The end of a service's log.
    pub(super) fn log(&self, service: &str) -> String {
        std::fs::read_to_string(self.folders.log(service)).unwrap_or_default()
    }

    /// Runs `stack` with these arguments, as `make` does; what it printed.
    ///
    /// # Errors
    /// It ends with another status than 0.
    pub(super) fn stack(&self, arguments: &[&str]) -> Result<String> {
        let output = self.run("stack", arguments)?;
        let said = said(&output);
        ensure!(output.status.success(), "stack {}: {said}", arguments.join(" "));
        Ok(self.plain(&said))
    }

    /// Types a command of `kansoku`, and writes down when, what, and what it printed. Its exit code is for whom it says
    /// something to: 1 is "not all passed".
    ///
    /// # Errors
    /// The command makes no sense, is refused or finds no API.
    pub(super) fn kansoku(&self, recording: &mut Recording, arguments: &[&str]) -> Result<String> {
        let at = SystemClock.now();
        let output = self.run("kansoku", arguments)?;
        let (typed, said) = (self.plain(&words(arguments)), self.plain(&said(&output)));
        let code = output.status.code();
        if !matches!(code, Some(0 | 1)) {
            bail!("kansoku {typed} ended with {code:?}: {said}");
        }
        let ended = if code == Some(0) { "" } else { " (exit code 1)" };
        recording.note(at, "hands", format!("`bin/kansoku {typed}`{ended}"), &said);
        Ok(said)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(self.folders.programs.join(program));
        command
            // So its hints read as a person's would.
            .arg0(format!("bin/{program}"))
            .args(arguments)
            .env("KANSOKU_DATA", self.folder.path())
            .env("KANSOKU_API_URL", format!("http://127.0.0.1:{}", self.ports.query_api))
            .env("KANSOKU_TOKEN_FILE", self.data("operator.token"))
            .env_remove("KANSOKU_SLACK_URL_FILE")
            .stdin(Stdio::null());
        command.output().with_context(|| format!("run {program}"))
    }

    /// As it would be in a checkout: this folder is gone afterwards.
    fn plain(&self, text: &str) -> String {
        text.replace(&self.folder.path().display().to_string(), ".data")
    }

    /// The messages that came, the oldest first.
    ///
    /// # Errors
    /// The receiver's file holds something else.
    pub(super) fn messages(&self) -> Result<Vec<Message>> {
        let kept = std::fs::read_to_string(self.data("observe/slack.jsonl")).unwrap_or_default();
        kept.lines().map(message).collect()
    }

    /// Alertmanager's own view of an alert, while it has it.
    pub(super) async fn alerted(&self, name: &str) -> Option<(DateTime<Utc>, String)> {
        let (_, body) = process::get(self.watching.alertmanager, "/api/v2/alerts").await.ok()?;
        let alerts: Value = serde_json::from_str(&body).ok()?;
        let alert = alerts.as_array()?.iter().find(|alert| alert["labels"]["alertname"] == name)?;
        let summary = alert["annotations"]["summary"].as_str()?.to_owned();
        Some((alert["startsAt"].as_str()?.parse().ok()?, summary))
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if let Err(error) = self.stack(&["reset", "--yes"]) {
            eprintln!("rehearse: {error:#}; the installation is in {}", self.folder.path().display());
        }
    }
}

fn message(line: &str) -> Result<Message> {
    let kept: Value = serde_json::from_str(line).context("read a message")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let message = &kept["message"];
    Ok(Message {
        at: text(&kept["received"]).parse().context("read when a message came")?,
        channel: text(&message["channel"]),
        title: text(&message["attachments"][0]["title"]),
        text: text(&message["attachments"][0]["text"]),
    })
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// As a person types them.
fn words(arguments: &[&str]) -> String {
    let quoted = |word: &&str| if word.contains(' ') { format!("\"{word}\"") } else { (*word).to_owned() };
    arguments.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// Copies a file, as `cp` does.
///
/// # Errors
/// It cannot be read or written.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).map(drop).with_context(|| format!("copy {} to {}", from.display(), to.display()))
}
