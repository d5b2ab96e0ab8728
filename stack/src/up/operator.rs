//! The operator of this installation: set up once, with a token for the command line and a sign-in link for the browser.

use std::{path::PathBuf, process::Stdio};

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

use super::folders::{Folders, write_private};

/// Whom the audit names.
const NAME: &str = "operator";
const RIGHTS: &str = "read,act,edit";

/// A new sign-in link; the operator is made where there is none yet, or where their token is gone.
pub async fn link(folders: &Folders) -> Result<String> {
    let token = token_file(folders);
    if token.is_file()
        && let Ok(link) = command(folders, &["link", NAME]).await
    {
        return Ok(link);
    }
    // Fails where there is none, which is what is wanted.
    let _ = command(folders, &["remove", NAME]).await;
    let made = command(folders, &["add", NAME, "--rights", RIGHTS]).await?;
    write_private(&token, &format!("{made}\n"))?;
    command(folders, &["link", NAME]).await
}

/// The token of the operator, which `bin/kansoku` reads.
fn token_file(folders: &Folders) -> PathBuf {
    folders.data.join("operator.token")
}

/// What `query-api operator …` prints.
async fn command(folders: &Folders, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(folders.programs.join("query-api"));
    command.arg("--config").arg(folders.service_config("query-api")).arg("operator").args(arguments);
    let done =
        command.stdin(Stdio::null()).kill_on_drop(true).output().await.context("run query-api operator")?;
    let words = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "query-api operator {}: {}", arguments.join(" "), words.trim());
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}
