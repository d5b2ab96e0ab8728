//! The sample history: written by the simulator, imported by `archive`, judged and stored like everything else.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use kansoku_service::count;
use serde::{Deserialize, Serialize};

use super::{
    folders::{Folders, write_private},
    say,
    source::SEED,
    state::Ports,
};
use crate::{
    child::{Child, Signal, Start},
    pipeline::in_flight,
};

const LIMIT: Duration = Duration::from_secs(600);
/// The planted oddities of the sample: a gap of two days that ended three weeks ago, and a dozen bad rows.
const GAP: &str = "22:2";
const BAD_ROWS: &str = "12";
const DAYS: u32 = 120;

/// What was decided at the first start, so that an interrupted fill goes on with the same captures.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    until: String,
    days: u32,
    done: bool,
}

/// Whether a sample history was begun here.
pub fn is_begun(folders: &Folders) -> bool {
    file(folders).exists()
}

fn file(folders: &Folders) -> PathBuf {
    folders.data.join("sample.json")
}

/// Fills the sample history up to an instant unless it is there, and waits until it is stored.
pub async fn run(folders: &Folders, days: Option<u32>, until: DateTime<Utc>) -> Result<()> {
    let file = file(folders);
    let mut sample = match std::fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text).with_context(|| format!("read {}", file.display()))?,
        Err(_) => Sample {
            until: until.to_rfc3339_opts(SecondsFormat::Secs, true),
            days: days.unwrap_or(DAYS),
            done: false,
        },
    };
    if let Some(other) = days.filter(|days| *days != sample.days) {
        say(&format!(
            "The sample history here has {}; for {other}: `make reset`, which deletes the data, then `make up DAYS={other}`",
            count(sample.days.into(), "day")
        ));
    }
    if sample.done {
        return Ok(());
    }
    let save = |sample: &Sample| write_private(&file, &serde_json::to_string_pretty(sample)?);
    if sample.days == 0 {
        sample.done = true;
        return save(&sample);
    }
    save(&sample)?;
    say(&format!(
        "Filling {} of sample history (invented titles), through the pipeline that every page takes",
        count(sample.days.into(), "day")
    ));
    let archive = folders.data.join("sample.jsonl.zst");
    write_archive(folders, &sample, &archive).await?;
    import(folders, &archive).await?;
    stored(folders).await?;
    let _ = std::fs::remove_file(&archive);
    sample.done = true;
    save(&sample)
}

async fn write_archive(folders: &Folders, sample: &Sample, archive: &std::path::Path) -> Result<()> {
    let mut command = Command::new(folders.programs.join("jikan-sim"));
    command.args(["archive", "--days", &sample.days.to_string(), "--until", &sample.until]);
    // They are on days before the last one.
    let bad_rows = if sample.days > 1 { BAD_ROWS } else { "0" };
    command
        .args(["--seed", &SEED.to_string(), "--gap", GAP, "--bad-rows", bad_rows, "--output"])
        .arg(archive);
    finish("jikan-sim", command, folders).await
}

async fn import(folders: &Folders, archive: &std::path::Path) -> Result<()> {
    let mut command = tokio::process::Command::new(folders.programs.join("archive"));
    command.arg("--config").arg(folders.service_config("archive")).arg("import").arg(archive);
    let mut running =
        command.stdin(Stdio::null()).kill_on_drop(true).spawn().context("start archive import")?;
    let status = running.wait().await.context("wait for archive import")?;
    if !status.success() {
        bail!("archive import ended with {status}; what it says stands above");
    }
    Ok(())
}

async fn finish(name: &str, command: Command, folders: &Folders) -> Result<()> {
    let log = folders.log(&format!("{name}-archive"));
    let mut child = Child::start(Start { name, command, log, user: None, end: Signal::TERM })?;
    let status = child.wait(LIMIT).await?;
    if !status.success() {
        bail!("{name} ended with {status}: {}", child.tail().trim());
    }
    Ok(())
}

/// Waits until no consumer has a message waiting or unsettled.
async fn stored(folders: &Folders) -> Result<()> {
    let monitor = Ports::of(folders)?.nats_monitor;
    let waiting = async {
        let mut poll = tokio::time::interval(Duration::from_millis(500));
        let mut said = None;
        loop {
            poll.tick().await;
            match in_flight(monitor).await {
                Ok(0) => return,
                Ok(left) if said != Some(left) => {
                    say(&format!("  {} on the way to the database", count(left, "message")));
                    said = Some(left);
                }
                Ok(_) | Err(_) => {}
            }
        }
    };
    let waited = tokio::time::timeout(LIMIT, waiting).await;
    waited.context("wait for the history to be stored; /readyz of the validator and the loader says why it does not come")
}
