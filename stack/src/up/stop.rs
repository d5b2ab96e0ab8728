//! `stack down`.

use std::time::Duration;

use anyhow::{Context, Result};

use super::{folders::Folders, state::Progress};
use crate::{
    child::{Signal, alive, kill},
    until,
};

/// Every process has its own limit below this.
const STOP: Duration = Duration::from_secs(90);

/// Stops everything and keeps the data; returns whether anything ran.
pub async fn down(folders: &Folders) -> Result<bool> {
    let Some(progress) = Progress::running(folders) else {
        // What the last one died of is no news any more.
        Progress::forget(folders);
        return Ok(false);
    };
    // It may have ended by itself since.
    if let Err(gone) = kill(progress.pid, Signal::Term)
        && alive(progress.pid)
    {
        return Err(gone).context("ask the supervisor to end");
    }
    until("the supervisor to end", STOP, || async { !alive(progress.pid) }).await?;
    Progress::forget(folders);
    Ok(true)
}
