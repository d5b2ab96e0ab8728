//! How the processes of an installation are: what `make status` shows, and what `make up` mends.

use std::{fmt, time::Duration};

use anyhow::Result;
use serde::Deserialize;

use super::{
    folders::Folders,
    progress::{Progress, Record},
    services,
    state::Ports,
    tls,
};
use crate::{observe::greet, process};

/// How often a process that is alive is probed before it counts as one that does not answer, and how far apart.
const TIMES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(300);

/// How one process is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It has ended, and is started again after a pause.
    Ended,
    /// It runs, and has no page that says more.
    Runs,
    /// It is ready; what it does without, where it does without something.
    Ready(Option<String>),
    /// It runs and cannot do its work, because of this.
    Waits(String),
}

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// What the supervisor says of it.
    pub record: Record,
    /// How it is.
    pub state: State,
}

impl Seen {
    /// What is wrong with it.
    fn trouble(&self) -> Option<String> {
        match &self.state {
            State::Ended => Some(format!("{} has ended and is started again", self.name)),
            State::Waits(why) => Some(format!("{} is not ready ({why})", self.name)),
            State::Runs | State::Ready(_) => None,
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, record: Record { pid, since, restarts, last_end }, state } = self;
        let since = since.format("%Y-%m-%d %H:%M:%S UTC");
        match pid {
            Some(pid) => write!(out, "{name:12} runs as {pid} since {since}")?,
            None => write!(out, "{name:12} does not run since {since}")?,
        }
        match state {
            State::Ended => write!(out, ", is started again")?,
            State::Runs => {}
            State::Ready(None) => write!(out, ", ready")?,
            State::Ready(Some(without)) => write!(out, ", ready ({without})")?,
            State::Waits(why) => write!(out, ", not ready: {why}")?,
        }
        match last_end {
            Some(why) => write!(out, "; restarts: {restarts}, the last end: {why}"),
            None => Ok(()),
        }
    }
}

/// Probes each process, in the order of their names.
pub async fn probe(progress: &Progress, ports: &Ports) -> Vec<Seen> {
    let mut seen = Vec::with_capacity(progress.processes.len());
    for (name, record) in &progress.processes {
        let answer = match services::ready(name, ports).filter(|_| record.pid.is_some()) {
            Some((port, path)) => Some(answer(port, path).await),
            None => None,
        };
        let state = state(record.pid.is_some(), answer);
        seen.push(Seen { name: name.clone(), record: record.clone(), state });
    }
    seen
}

/// What a process responds. A connection may be cut for reasons of its own, so it is probed some times.
async fn answer(port: u16, path: &str) -> Result<(u16, String)> {
    let mut probes = 1;
    loop {
        let answer = process::get(port, path).await;
        if answer.is_ok() || probes == TIMES {
            return answer;
        }
        probes += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

/// What is wrong with them, in words: which have ended, or else which are not ready.
pub fn troubles(seen: &[Seen]) -> Option<String> {
    let words = |ended: bool| -> Vec<String> {
        let of = seen.iter().filter(|seen| (seen.state == State::Ended) == ended);
        of.filter_map(Seen::trouble).collect()
    };
    // The others are not ready because of it.
    let words = Some(words(true)).filter(|ended| !ended.is_empty()).unwrap_or_else(|| words(false));
    (!words.is_empty()).then(|| words.join(", "))
}

/// Whether some are not ready; they may still come by themselves.
pub fn is_waiting(seen: &[Seen]) -> bool {
    seen.iter().any(|seen| matches!(seen.state, State::Waits(_) | State::Ended))
}

fn state(runs: bool, answer: Option<Result<(u16, String)>>) -> State {
    match answer {
        _ if !runs => State::Ended,
        None => State::Runs,
        Some(Ok((200, body))) => State::Ready(reasons(&body)),
        Some(Ok((status, body))) => {
            State::Waits(reasons(&body).unwrap_or_else(|| format!("it answers with status {status}")))
        }
        Some(Err(_)) => State::Waits("it does not answer".to_owned()),
    }
}

/// What is unavailable, as `/readyz` tells it.
fn reasons(body: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Report {
        dependencies: std::collections::BTreeMap<String, Condition>,
    }
    #[derive(Deserialize)]
    struct Condition {
        reason: Option<String>,
    }
    let report: Report = serde_json::from_str(body).ok()?;
    let reasons = report.dependencies.into_iter();
    let reasons = reasons.filter_map(|(name, Condition { reason })| Some(format!("{name}: {}", reason?)));
    Some(reasons.collect::<Vec<_>>().join("; ")).filter(|words| !words.is_empty())
}

/// Prints what runs, and whether it is ready.
pub async fn print(folders: &Folders) -> Result<()> {
    let text = match Progress::running(folders) {
        Some(progress) => {
            let ports = Ports::of(folders)?;
            words(&progress, &probe(&progress, &ports).await, &tls::api(folders, &ports))
        }
        None => match Progress::read(folders).and_then(|progress| progress.error) {
            Some(error) => format!("Kansoku is not running: {error}; `make up` starts it again.\n"),
            None => "Kansoku is not running; `make up` starts it.\n".to_owned(),
        },
    };
    let watched = greet::line(folders).unwrap_or_default();
    Ok(kansoku_service::print(&(text + &watched))?)
}

fn words(progress: &Progress, seen: &[Seen], api: &str) -> String {
    let first = match (&progress.error, progress.ready, troubles(seen)) {
        (Some(error), ..) => format!("Kansoku is ending: {error}; `make up` starts it again"),
        (None, false, _) => format!("Kansoku is not ready: {}", progress.step),
        (None, true, Some(what)) => format!("Kansoku is not ready: {what}"),
        (None, true, None) => format!("Kansoku is ready: {api}"),
    };
    let lines: String = seen.iter().map(|seen| format!("  {seen}\n")).collect();
    format!("{first} (supervisor {})\n{lines}", progress.pid)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const MISSING: &str =
        r#"{"ready":false,"dependencies":{"nats":{"ready":false,"reason":"gone"},"redis":{"ready":true}}}"#;

    fn seen(pid: Option<u32>, restarts: u32, last_end: Option<&str>, state: State) -> Seen {
        let last_end = last_end.map(str::to_owned);
        let record = Record { pid, since: DateTime::UNIX_EPOCH, restarts, last_end };
        Seen { name: "loader".to_owned(), record, state }
    }

    #[test]
    fn a_process_is_what_it_and_its_page_say() {
        let answer = |status, body: &str| Some(Ok((status, body.to_owned())));
        assert_eq!(state(false, answer(200, "")), State::Ended);
        assert_eq!(state(true, None), State::Runs);
        assert_eq!(state(true, answer(200, "alive\n")), State::Ready(None));
        assert_eq!(state(true, answer(200, MISSING)), State::Ready(Some("nats: gone".to_owned())));
        assert_eq!(state(true, answer(503, MISSING)), State::Waits("nats: gone".to_owned()));
        assert_eq!(state(true, answer(500, "")), State::Waits("it answers with status 500".to_owned()));
        let refused = Some(Err(anyhow::anyhow!("connect")));
        assert_eq!(state(true, refused), State::Waits("it does not answer".to_owned()));
    }

    #[test]
    fn a_line_says_since_when_and_how_often_it_was_restarted() {
        let line = seen(Some(7), 0, None, State::Ready(None)).to_string();
        assert_eq!(line, "loader       runs as 7 since 1970-01-01 00:00:00 UTC, ready");
        let line = seen(Some(9), 2, Some("ended with signal: 9 (SIGKILL)"), State::Ready(None)).to_string();
        assert!(
            line.ends_with(", ready; restarts: 2, the last end: ended with signal: 9 (SIGKILL)"),
            "{line}"
        );
        let line = seen(None, 0, Some("ended with exit status: 1"), State::Ended).to_string();
        assert!(
            line.starts_with("loader       does not run since 1970-01-01 00:00:00 UTC, is started again;"),
            "{line}"
        );
    }

    #[test]
    fn nothing_is_ready_beside_a_process_that_has_ended() {
        let progress = |ready, error: Option<&str>| Progress {
            pid: 7,
            step: "ready".to_owned(),
            ready,
            error: error.map(str::to_owned),
            ..Progress::new()
        };
        let (fine, ended) =
            ([seen(Some(8), 0, None, State::Ready(None))], [seen(None, 0, Some("it broke"), State::Ended)]);
        let first = |progress: &Progress, seen: &[Seen]| {
            words(progress, seen, "http://127.0.0.1:7400").lines().next().unwrap().to_owned()
        };
        assert_eq!(
            first(&progress(true, None), &fine),
            "Kansoku is ready: http://127.0.0.1:7400 (supervisor 7)"
        );
        let said = first(&progress(true, None), &ended);
        assert_eq!(said, "Kansoku is not ready: loader has ended and is started again (supervisor 7)");
        let said = first(&progress(false, Some("nats-server ended")), &ended);
        assert_eq!(said, "Kansoku is ending: nats-server ended; `make up` starts it again (supervisor 7)");
    }
}
