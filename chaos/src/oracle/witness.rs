//! What was sent and accepted: the simulator's record of its answers, and the archive's export of RAW.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    io::BufRead as _,
};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    fault::Fault,
    stage::{Injected, Stage},
};

/// So long after a fault somebody may still ask again for what it cost: the fetcher's deadline for a page.
const GRACE: TimeDelta = TimeDelta::seconds(7);

/// An answer of the upstream with status 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was asked.
    pub address: String,
    /// The SHA-256 of its body, in hex.
    pub sha256: String,
    /// Whether a fault was on that may have cost it, or the run was over.
    pub may_be_wasted: bool,
}

/// A row as the upstream sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its `mal_id`.
    pub id: i64,
    /// The simulator broke it on purpose.
    pub is_broken: bool,
}

/// A page of RAW.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawPage {
    /// Its sequence.
    pub seq: u64,
    /// Its run.
    pub run: String,
    /// Its number.
    pub page: u32,
    /// The SHA-256 of its body, in hex.
    pub sha256: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// All that the witnesses say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Witness {
    /// Answers with status 200.
    pub answers: Vec<Answer>,
    /// How many answers had another status.
    pub refused: usize,
    /// All that was ever in RAW, by its sequence: from the archive's files where RAW has dropped it.
    pub raw: Vec<RawPage>,
    /// Sequences that were in RAW, and are neither there nor in a file.
    pub dropped: Vec<u64>,
    /// Whether operators gave commands.
    pub commanded: bool,
    /// Sequences of what they replayed: of these this witness says no more.
    pub replays: BTreeSet<u64>,
}

/// A line of the export.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Page {
        run: String,
        page: u32,
        seq: u64,
        body: String,
        #[serde(default)]
        nats_headers: BTreeMap<String, Value>,
    },
    /// How a run ended.
    End(serde::de::IgnoredAny),
}

/// Hears both.
pub(super) async fn hear(stage: &Stage) -> Result<Witness> {
    let windows: Vec<_> = stage
        .injected()
        .into_iter()
        .filter(|done| done.fault.may_waste_answers())
        .map(|done| (done.from - GRACE, done.to + GRACE))
        .collect();
    let is_command = |done: &Injected| matches!(done.fault, Fault::Command { .. });
    let commanded = stage.injected().iter().any(is_command);
    let mut witness = Witness { commanded, ..Witness::default() };
    let asked = stage.upstream.requests().await?;
    let at = |asked: &str| asked.parse::<DateTime<Utc>>().map(|at| stage.real(at));
    // What was asked in the last moment, the fetcher had in hand when it was told to end.
    let end = asked.last().map(|last| at(&last.at)).transpose().context("read when the upstream answered")?;
    for asked in asked {
        if asked.status != 200 {
            witness.refused += 1;
            continue;
        }
        let at = at(&asked.at).context("read when the upstream answered")?;
        let is_last = end.is_some_and(|end| end - at < TimeDelta::seconds(1));
        witness.answers.push(Answer {
            address: format!("{}?{}", asked.path, asked.query),
            sha256: asked.sha256,
            may_be_wasted: is_last || windows.iter().any(|(from, to)| (*from..*to).contains(&at)),
        });
    }
    let file = tempfile::Builder::new().suffix(".jsonl").tempfile().context("make a file")?;
    let arguments =
        ["export", "--force", "--json"].map(OsStr::new).into_iter().chain([file.path().as_os_str()]);
    let exported = tokio::task::block_in_place(|| stage.pipeline.archiver(arguments))?;
    ensure!(
        exported.status.success(),
        "archive export: {}",
        String::from_utf8_lossy(&exported.stderr).trim()
    );
    let (messages, last) =
        (stage.pipeline.messages("RAW").await?, stage.pipeline.state("RAW", "last_seq").await?);
    let (mut raw, mut replays) = (BTreeMap::new(), BTreeSet::new());
    read(std::fs::File::open(file.path()).context("open the export")?, &mut raw, &mut replays)?;
    let exported = raw.len() + replays.len();
    ensure!(messages == exported as u64, "RAW has {messages} messages, its export {exported}");
    for kept in stage.archived()? {
        let file = std::fs::File::open(&kept).with_context(|| format!("open {}", kept.display()))?;
        read(zstd::Decoder::new(file).context("decompress an archive file")?, &mut raw, &mut replays)?;
    }
    witness.dropped = (1..=last).filter(|seq| !raw.contains_key(seq) && !replays.contains(seq)).collect();
    witness.replays = replays;
    witness.raw = raw.into_values().collect();
    Ok(witness)
}

/// Reads an archive. What two of them have, they have to the byte.
fn read(
    archive: impl std::io::Read,
    pages: &mut BTreeMap<u64, RawPage>,
    replays: &mut BTreeSet<u64>,
) -> Result<()> {
    for line in std::io::BufReader::new(archive).lines() {
        let line = line.context("read an archive")?;
        let entry: Entry = serde_json::from_str(&line).context("read a line of an archive")?;
        let Entry::Page { run, page, seq, body, nats_headers } = entry else { continue };
        if nats_headers.contains_key("Dlq-Root") {
            replays.insert(seq);
            continue;
        }
        let sha256 = hex::encode(Sha256::digest(&body));
        let page = RawPage { seq, run, page, sha256, rows: rows(&body)? };
        let known = pages.insert(seq, page.clone());
        ensure!(known.is_none_or(|known| known == page), "two archives have another message {seq}");
    }
    Ok(())
}

/// The rows of a body. A score is never a text: so the simulator breaks rows.
fn rows(body: &str) -> Result<Vec<Row>> {
    let body: Value = serde_json::from_str(body).context("read a body")?;
    let rows = body["data"].as_array().context("find the rows of a body")?;
    rows.iter()
        .map(|row| {
            let id = row["mal_id"].as_i64().context("find the id of a row")?;
            Ok(Row { id, is_broken: row["score"].is_string() })
        })
        .collect()
}
