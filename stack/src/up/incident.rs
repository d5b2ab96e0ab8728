//! `stack incident`: the upstream of the running sample changes a field, so that there is something to mend; and back.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{folders::Folders, progress::Progress, say, source::Source, state::Ports, tls};
use crate::{process, until};

/// The pages of the ranking that change, all it has, and their rows: one in five.
const PAGES: u32 = 20;
const ROWS: [u32; 5] = [0, 5, 10, 15, 20];
/// Rows that the corrected schema does not take either: fault, page and row.
const WORSE: [(&str, u32, u32); 3] = [("aired-empty", 2, 5), ("aired-empty", 3, 10), ("score-text", 4, 15)];
/// A year alone, as the schema takes it, and the same or a day.
const YEAR: &str = r#""^[0-9]{4}$""#;
const YEAR_OR_DAY: &str = r#""^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$""#;
/// The schema that is corrected.
const SCHEMA: &str = "anime.v1.json";
/// How long the rows may take to die.
const SOON: Duration = Duration::from_secs(60);

/// Lets the simulator send days without a time, captures a ranking, and says what to click or type next.
pub async fn begin(folders: &Folders) -> Result<()> {
    let ports = running(folders)?;
    let deployed = folders.schemas().join(SCHEMA);
    ensure!(
        !is_corrected(&deployed),
        "the corrected schema is deployed ({}), so no row would die; `make incident-undo` first",
        deployed.display()
    );
    let before = dead_letters(&ports).await?;
    calm(&ports).await?;
    let rows = json!(ROWS);
    let everywhere = (1..=PAGES)
        .map(|page| json!({"name": "aired-date", "path": "/v4/top/anime", "page": page, "rows": rows}));
    let worse = WORSE
        .map(|(name, page, row)| json!({"name": name, "path": "/v4/top/anime", "page": page, "rows": [row]}));
    for fault in everywhere.chain(worse) {
        let (status, answer) =
            process::send(ports.jikan_sim_control, "POST", "/faults", &fault.to_string()).await?;
        ensure!(status == 201, "the simulator refuses the fault {fault}: {answer}");
    }
    let corrected = correct(folders)?;
    say("The upstream sends /aired/from as a plain date in one row of five; capturing top.members …");
    let program = folders.programs.join("fetcher");
    let config = folders.service_config("fetcher");
    let captured =
        Command::new(program).arg("--config").arg(config).args(["once", "top.members"]).output().await;
    let captured = captured.context("run the fetcher")?;
    ensure!(
        captured.status.success(),
        "fetcher once top.members: {}",
        String::from_utf8_lossy(&captured.stderr).trim()
    );
    let expected = before + u64::from(PAGES) * ROWS.len() as u64;
    until("the rows to be dead letters", SOON, async || {
        dead_letters(&ports).await.is_ok_and(|now| now >= expected)
    })
    .await?;
    // More than asked for where a capture of the schedule was due meanwhile.
    let came = dead_letters(&ports).await?.saturating_sub(before);
    say(&next(came, &tls::api(folders, &ports), &corrected, &deployed));
    Ok(())
}

/// What has happened, and what to click or type next.
fn next(came: u64, api: &str, corrected: &Path, deployed: &Path) -> String {
    let (file, deployed) = (corrected.display(), deployed.display());
    format!(
        r#"
{came} dead letters came; the other rows of the same pages went on to the charts.
Until `make incident-undo` each later capture of a ranking adds its own.

In the browser: {api}/dead-letters   (make up prints the link that signs you in)
  open the group `schema /aired/from pattern`, dry-run it with the corrected schema {file},
  deploy the schema, replay what passes.

In the terminal:
  bin/kansoku dlq groups
  bin/kansoku dlq dry-run 'path:/aired/from' --schema {file}
  cp {file} {deployed}          # deploys it: the validator takes it up
  bin/kansoku dlq plan 'path:/aired/from state:open'
  bin/kansoku dlq replay PLAN --reason "upstream sends plain dates"

`make incident-undo` puts the upstream and the schema back."#
    )
}

/// Puts the upstream and the schemas back. What was captured stays: rows in the charts, dead letters and their history.
pub async fn undo(folders: &Folders) -> Result<()> {
    let ports = running(folders)?;
    calm(&ports).await?;
    let (corrected, deployed) = (corrected_file(folders), folders.schemas().join(SCHEMA));
    let is_ours = || Some(fs::read(&deployed).ok()? == fs::read(&corrected).ok()?);
    if is_ours().unwrap_or(false) {
        fs::remove_file(&deployed).context("take the corrected schema back")?;
        say("The corrected schema is not deployed any more.");
    } else if deployed.exists() {
        say(&format!("{} is not the one that this made, and stays.", deployed.display()));
    }
    say(
        "The upstream sends dates with a time again. Dead letters that are still open pass only by the corrected schema: deploy it again to replay them, or edit or discard them.",
    );
    Ok(())
}

fn running(folders: &Folders) -> Result<Ports> {
    ensure!(Progress::running(folders).is_some(), "nothing runs here; `make up` starts the sample");
    ensure!(
        matches!(Source::of(folders)?, Source::Sim { .. }),
        "this is for the sample: here a live API is captured, which nobody but its people can change"
    );
    Ports::of(folders)
}

async fn calm(ports: &Ports) -> Result<()> {
    let answer = process::send(ports.jikan_sim_control, "DELETE", "/faults", "").await;
    let (status, _) =
        answer.context("reach the simulator's control port; `make down` and `make up` open it")?;
    ensure!(status == 204, "the simulator does not switch its faults off: status {status}");
    Ok(())
}

/// How many messages DLQ has.
async fn dead_letters(ports: &Ports) -> Result<u64> {
    let (_, text) = process::get(ports.nats_monitor, "/jsz?streams=true").await.context("ask nats-server")?;
    let answer: Value = serde_json::from_str(&text).context("read the answer of nats-server")?;
    let streams = answer["account_details"].as_array().into_iter().flatten();
    let streams = streams.flat_map(|account| account["stream_detail"].as_array().into_iter().flatten());
    let mut dlq = streams.filter(|stream| stream["name"] == "DLQ");
    dlq.next().and_then(|stream| stream["state"]["messages"].as_u64()).context("DLQ is not there")
}

fn corrected_file(folders: &Folders) -> PathBuf {
    folders.data.join("incident").join(SCHEMA)
}

/// Whether this schema takes days without a time.
fn is_corrected(deployed: &Path) -> bool {
    fs::read_to_string(deployed).is_ok_and(|text| text.contains(YEAR_OR_DAY))
}

/// Writes the schema that takes days without a time.
fn correct(folders: &Folders) -> Result<PathBuf> {
    let text =
        fs::read_to_string(folders.root.join("schemas/json").join(SCHEMA)).context("read the schema")?;
    ensure!(text.contains(YEAR), "the schema has another pattern for a year than {YEAR}");
    let file = corrected_file(folders);
    fs::create_dir_all(file.parent().unwrap_or(&folders.data))
        .context("make a folder for the corrected schema")?;
    fs::write(&file, text.replace(YEAR, YEAR_OR_DAY)).context("write the corrected schema")?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_that_came_is_said() {
        let words =
            next(404, "http://h:7400", Path::new("/d/incident/x.json"), Path::new("/d/schemas/x.json"));
        assert!(words.contains("\n404 dead letters came;"), "{words}");
        assert!(words.contains("cp /d/incident/x.json /d/schemas/x.json "), "{words}");
    }

    #[test]
    fn a_schema_that_takes_plain_dates_is_the_corrected_one() {
        let folder = tempfile::tempdir().unwrap();
        let deployed = folder.path().join(SCHEMA);
        assert!(!is_corrected(&deployed));
        let text = include_str!("../../../schemas/json/anime.v1.json");
        fs::write(&deployed, text).unwrap();
        assert!(!is_corrected(&deployed));
        fs::write(&deployed, text.replace(YEAR, YEAR_OR_DAY)).unwrap();
        assert!(is_corrected(&deployed));
    }
}
