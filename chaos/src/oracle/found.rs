//! What streams and tables have, by queries of our own.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use kansoku_stack::{pipeline::Pipeline, world::user};
use serde_json::Value;

/// What streams and tables have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// VALID: each message by the RAW sequence that it judges.
    pub valid: Vec<u64>,
    /// How many messages VALID has dropped, being full: its oldest, which the loader has read.
    pub valid_dropped: u64,
    /// DLQ: each message by its root.
    pub letters: Vec<String>,
    /// RUN: what the last event of each run says that it got.
    pub got: Vec<(String, u32)>,
    /// The table of pages: RAW sequence and rows received.
    pub pages: Vec<(u64, u64)>,
    /// The tables of observations: run and title or genre.
    pub stored: Vec<(String, i64)>,
    /// What the pages say of themselves: stored, duplicate.
    pub counted: (i64, i64),
    /// The table of dead letters: root and state.
    pub dead: Vec<(String, String)>,
    /// The table of their messages: root.
    pub known: Vec<String>,
}

impl Found {
    /// Leaves out what came of replays. One that fails leaves nothing but another letter of its root.
    pub fn without(&mut self, replays: &BTreeSet<u64>) {
        self.valid.retain(|seq| !replays.contains(seq));
        self.pages.retain(|(seq, _)| !replays.contains(seq));
        for letters in [&mut self.letters, &mut self.known] {
            letters.sort();
            letters.dedup();
        }
    }
}

/// Looks at them all.
pub(super) async fn look(pipeline: &Pipeline) -> Result<Found> {
    let mut found = Found::default();
    for message in messages(pipeline, "VALID").await? {
        let seq = message.header("Kansoku-Raw-Seq")?;
        found.valid.push(seq.parse().context("read a sequence")?);
    }
    found.valid_dropped = pipeline.state("VALID", "first_seq").await?.saturating_sub(1);
    for message in messages(pipeline, "DLQ").await? {
        found.letters.push(message.header("Dlq-Root")?.to_owned());
    }
    let mut runs = BTreeMap::new();
    for message in messages(pipeline, "RUN").await? {
        if !message.subject.starts_with("run.archive.") {
            let event: Value = serde_json::from_slice(&message.body).context("read an event of RUN")?;
            runs.insert(text(&event, "run")?, event);
        }
    }
    for (run, event) in runs {
        let pages = event["pages_got"].as_array().into_iter().flatten().filter_map(Value::as_u64);
        found.got.extend(pages.map(|page| (run.clone(), page as u32)));
    }
    for row in pipeline.json("select seq, received from page").await? {
        found.pages.push((number(&row, "seq")? as u64, number(&row, "received")? as u64));
    }
    let observed = "select r.run, o.id from (select run_id, mal_id as id from observation
        union all select run_id, genre_id from genre_observation) o join run r using (run_id)";
    for row in pipeline.json(observed).await? {
        found.stored.push((text(&row, "run")?, number(&row, "id")?));
    }
    let sum =
        async |column: &str| pipeline.number(&format!("select coalesce(sum({column}), 0) from page")).await;
    found.counted = (sum("stored").await?, sum("duplicate").await?);
    for row in pipeline.json("select root, state from dead_letter").await? {
        found.dead.push((text(&row, "root")?, text(&row, "state")?));
    }
    let known = "select root from dead_letter_letter join dead_letter using (item)";
    for row in pipeline.json(known).await? {
        found.known.push(text(&row, "root")?);
    }
    Ok(found)
}

fn text(row: &Value, name: &str) -> Result<String> {
    Ok(row[name].as_str().with_context(|| format!("find {name} in {row}"))?.to_owned())
}

fn number(row: &Value, name: &str) -> Result<i64> {
    row[name].as_i64().with_context(|| format!("find {name} in {row}"))
}

struct Message {
    seq: u64,
    subject: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Message {
    fn header(&self, name: &str) -> Result<&str> {
        let header = self.headers.get(name).map(String::as_str);
        header.with_context(|| format!("find the header {name} of message {} on {}", self.seq, self.subject))
    }
}

/// All messages of a stream, in their order.
async fn messages(pipeline: &Pipeline, stream: &str) -> Result<Vec<Message>> {
    const READERS: u64 = 16;
    let viewer = user(&pipeline.nats, "viewer").await;
    let last = viewer.stream_state(stream).await.with_context(|| format!("look at {stream}"))?.last_seq;
    let mut readers = tokio::task::JoinSet::new();
    for reader in 1..=READERS {
        let (viewer, stream) = (viewer.clone(), stream.to_owned());
        readers.spawn(async move {
            let mut found = Vec::new();
            for seq in (reader..=last).step_by(READERS as usize) {
                let stored =
                    viewer.get(&stream, seq).await.with_context(|| format!("read {seq} of {stream}"))?;
                found.extend(stored.map(|stored| {
                    Message {
                        seq: stored.seq,
                        subject: stored.subject,
                        headers: stored
                            .headers
                            .iter()
                            .map(|(name, value)| (name.to_owned(), value.to_owned()))
                            .collect(),
                        body: stored.body.to_vec(),
                    }
                }));
            }
            anyhow::Ok(found)
        });
    }
    let mut all = Vec::new();
    while let Some(found) = readers.join_next().await {
        all.extend(found.context("read a stream")??);
    }
    all.sort_by_key(|message| message.seq);
    Ok(all)
}
