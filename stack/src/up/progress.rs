//! What the supervisor writes down for the other commands: how far it has come, and how each process is.

use std::{collections::BTreeMap, fs::File, time::Duration};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::folders::{Folders, write_private};
use crate::until;

/// A command that only asks whether a supervisor runs holds the lock for a moment.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// How far the supervisor has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The supervisor's process id.
    pub pid: u32,
    /// What it does now, for a person.
    pub step: String,
    /// Whether everything answered once, and nothing is being stopped.
    pub ready: bool,
    /// Why it gave up.
    pub error: Option<String>,
    /// Each server and service.
    pub processes: BTreeMap<String, Record>,
}

/// How one process is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its process id; `None` while it waits to be started again.
    pub pid: Option<u32>,
    /// Since when it runs, or does not.
    pub since: DateTime<Utc>,
    /// How often it was started again.
    pub restarts: u32,
    /// How it ended the last time.
    pub last_end: Option<String>,
}

impl Progress {
    /// Of a supervisor that begins.
    pub fn new() -> Self {
        let (pid, step) = (std::process::id(), "starting".to_owned());
        Self { pid, step, ready: false, error: None, processes: BTreeMap::new() }
    }

    /// What a supervisor wrote last.
    pub fn read(folders: &Folders) -> Option<Self> {
        let text = std::fs::read_to_string(folders.data.join("progress.json")).ok()?;
        serde_json::from_str(&text).ok().or_else(|| Self::of_another_build(&text))
    }

    /// All that is understood of what another build wrote, so that it can be stopped.
    fn of_another_build(text: &str) -> Option<Self> {
        let value: serde_json::Value = serde_json::from_str(text).ok()?;
        let pid = u32::try_from(value["pid"].as_u64()?).ok()?;
        Some(Self { pid, step: "the services of another build".to_owned(), ..Self::new() })
    }

    /// The running supervisor's progress; `None` when no supervisor runs.
    pub fn running(folders: &Folders) -> Option<Self> {
        Self::read(folders).filter(|_| is_supervised(folders))
    }

    /// Deletes what was written.
    pub fn forget(folders: &Folders) {
        let _ = std::fs::remove_file(folders.data.join("progress.json"));
    }

    /// Replaces what was written.
    pub fn write(&self, folders: &Folders) -> Result<()> {
        write_private(&folders.data.join("progress.json"), &serde_json::to_string_pretty(self)?)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes the lock that a supervisor holds as long as it lives.
pub async fn lock(folders: &Folders) -> Result<File> {
    let lock = File::create(folders.data.join("lock")).context("open the installation's lock")?;
    let taken = until("the installation's lock", LOCK_WAIT, || std::future::ready(lock.try_lock().is_ok()));
    taken.await.context("another supervisor has this installation; `make status` shows it")?;
    Ok(lock)
}

/// Whether a supervisor holds the installation's lock; the system takes it from one that was killed.
pub fn is_supervised(folders: &Folders) -> bool {
    File::open(folders.data.join("lock")).is_ok_and(|lock| lock.try_lock_shared().is_err())
}
