//! `stack down`, `stack reset` and `stack env`.

use std::time::Duration;

use anyhow::{Context, Result};

use super::{
    folders::Folders,
    state::{Ports, Progress, password},
};
use crate::{
    child::{Signal, alive, kill},
    nats, until,
};

/// Every process has its own limit below this.
const STOP: Duration = Duration::from_secs(90);

/// Stops everything and keeps the data; returns whether anything ran.
pub async fn down(folders: &Folders) -> Result<bool> {
    let Some(progress) = Progress::running(folders) else { return Ok(false) };
    kill(progress.pid, Signal::Term).context("ask the supervisor to end")?;
    until("the supervisor to end", STOP, || async { !alive(progress.pid) }).await?;
    Ok(true)
}

/// Stops everything and deletes the data.
pub async fn reset(folders: &Folders) -> Result<()> {
    down(folders).await?;
    for folder in [folders.data.clone(), folders.of_postgres()] {
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("delete {}", folder.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Prints the addresses as shell assignments.
pub fn env(folders: &Folders) -> Result<()> {
    if !folders.data.join("ports.json").is_file() {
        anyhow::bail!("nothing was set up here yet; `make up` does");
    }
    let ports = Ports::of(folders)?;
    let mut text = String::new();
    if Progress::running(folders).is_none() {
        text += "# not running now; `make up` starts it\n";
    }
    for (name, value) in [
        ("KANSOKU_URL", format!("http://127.0.0.1:{}", ports.query_api)),
        ("NATS_URL", format!("nats://127.0.0.1:{}", ports.nats)),
        ("NATS_NKEY", nats::key_file(&folders.nats(), "operator").display().to_string()),
        // The operator may listen on inboxes of its own only, and no variable but this one tells the CLI their prefix.
        ("NATS_CONTEXT", folders.nats().join("operator.json").display().to_string()),
        (
            "DATABASE_URL",
            format!("postgres://kansoku:{}@127.0.0.1:{}/kansoku", password(folders)?, ports.postgres),
        ),
        ("REDIS_URL", format!("redis://127.0.0.1:{}/", ports.redis)),
        ("JIKAN_SIM_URL", format!("http://127.0.0.1:{}/v4", ports.jikan_sim)),
    ] {
        text += &format!("{name}={value}\n");
    }
    Ok(kansoku_service::print(&text)?)
}
