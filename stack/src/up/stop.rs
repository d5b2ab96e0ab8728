//! `stack down`.

use anyhow::{Context, Result};

use super::{
    folders::Folders,
    progress::{Progress, is_supervised},
    supervise::STOP_LIMIT,
};
use crate::{
    child::{Signal, kill},
    until,
};

/// Stops everything and keeps the data; returns whether anything ran.
pub async fn down(folders: &Folders) -> Result<bool> {
    let Some(progress) = Progress::running(folders) else {
        // What the last one died of is no news any more.
        Progress::forget(folders);
        return Ok(false);
    };
    // It may have ended by itself since.
    if let Err(gone) = kill(progress.pid, Signal::TERM)
        && is_supervised(folders)
    {
        return Err(gone).context("ask the supervisor to end");
    }
    until("the supervisor to end", STOP_LIMIT, || std::future::ready(!is_supervised(folders))).await?;
    Progress::forget(folders);
    Ok(true)
}
