//! What has to be true in the end, by queries of our own and by what the streams hold.

use std::collections::{BTreeMap, BTreeSet};

use kansoku_stack::{pipeline::Pipeline, world::user};
use serde_json::Value;

use super::rows::Sent;

/// What became of the dead.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) resolved: i64,
    pub(crate) failed: i64,
    pub(crate) quarantined: i64,
    pub(crate) discarded: i64,
}

/// How many rows are in each state; none is on its way.
pub(crate) async fn ends(pipeline: &Pipeline) -> Ends {
    let mut ends = Ends::default();
    for row in pipeline
        .json("select state, count(*) as items from dead_letter where row is not null group by state")
        .await
        .unwrap()
    {
        let items = row["items"].as_i64().unwrap();
        match row["state"].as_str().unwrap() {
            "resolved" => ends.resolved = items,
            "failed" => ends.failed = items,
            "quarantined" => ends.quarantined = items,
            "discarded" => ends.discarded = items,
            other => panic!("{items} items are {other}"),
        }
    }
    ends
}

/// Every row is stored once, is told twice, or is dead.
pub(crate) async fn rows(pipeline: &Pipeline, sent: &Sent, ends: &Ends) {
    let number = async |query: &str| pipeline.number(query).await.unwrap();
    let dead = ends.failed + ends.quarantined + ends.discarded;
    let stored = number("select count(*) from observation").await;
    assert_eq!(stored, i64::from(sent.good) + ends.resolved, "rows that are stored");
    assert_eq!(
        number("select count(distinct mal_id) from observation").await,
        stored,
        "a row is stored twice"
    );
    assert_eq!(number("select sum(stored) from page").await, stored, "what the pages say they stored");
    assert_eq!(number("select sum(duplicate) from page").await, i64::from(sent.again), "rows told twice");
    assert_eq!(stored + i64::from(sent.again) + dead, sent.rows(), "rows in and rows out");
    let liars =
        "select count(*) from dead_letter d where d.row is not null and (d.state = 'resolved') <> exists (
        select from observation o join run r using (run_id) where o.mal_id = d.mal_id and r.run = d.run)";
    let short = "select count(*) from dead_letter where row is null";
    assert!(number(short).await > 0, "no page came once more");
    assert_eq!(
        number(&format!("{short} and state <> 'resolved'")).await,
        0,
        "its place is stored all the same"
    );
    assert_eq!(number(liars).await, 0, "items whose state and whose row do not agree");
}

/// All messages of a stream by their ids, each of which is there once.
async fn messages(pipeline: &Pipeline, stream: &str) -> BTreeMap<String, (u64, String, Vec<u8>)> {
    let viewer = user(&pipeline.nats, "viewer").await;
    let last = viewer.stream_state(stream).await.unwrap().last_seq;
    let mut readers = tokio::task::JoinSet::new();
    const READERS: u64 = 16;
    for reader in 1..=READERS {
        let (viewer, stream) = (viewer.clone(), stream.to_owned());
        readers.spawn(async move {
            let mut found = Vec::new();
            for seq in (reader..=last).step_by(READERS as usize) {
                found.extend(viewer.get(&stream, seq).await.unwrap());
            }
            found
        });
    }
    let mut by_id = BTreeMap::new();
    for stored in readers.join_all().await.into_iter().flatten() {
        let id = stored.headers.get("Nats-Msg-Id").unwrap().to_owned();
        let twice = by_id.insert(id.clone(), (stored.seq, stored.subject, stored.body.to_vec()));
        assert_eq!(twice.map(|(seq, ..)| seq), None, "{id} is in {stream} twice");
    }
    by_id
}

/// The streams tell the same as the tables.
pub(crate) async fn streams(pipeline: &Pipeline) {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    // Each replay that was written down went once, and came back once: stored, or as another dead letter.
    let raw = messages(pipeline, "RAW").await;
    let gone: BTreeSet<_> = raw.keys().filter(|id| id.starts_with("replay:")).cloned().collect();
    let meant = "select 'replay:' || root || ':' || n as id from dead_letter_action where action = 'replay'";
    let meant = pipeline.json(meant).await.unwrap();
    assert_eq!(meant.len(), gone.len(), "replays that are written down, and replays in RAW");
    assert_eq!(meant.iter().map(|row| text(row, "id")).collect::<BTreeSet<_>>(), gone);
    let attempts = "select sum(failures + (resolved_at is not null)::int) from dead_letter
        where root in (select root from dead_letter_action where action = 'replay')";
    assert_eq!(
        pipeline.number(attempts).await.unwrap(),
        meant.len() as i64,
        "replays, and what became of them"
    );

    let letters = messages(pipeline, "DLQ").await;
    let known = pipeline.json("select dlq_id, seq from dead_letter_letter").await.unwrap();
    let known: BTreeMap<_, _> =
        known.iter().map(|row| (text(row, "dlq_id"), row["seq"].as_u64().unwrap())).collect();
    let there: BTreeMap<_, _> = letters.into_iter().map(|(id, (seq, ..))| (id, seq)).collect();
    assert_eq!(known.len(), there.len(), "dead letters in the tables and in DLQ");
    assert_eq!(known, there);

    let audit = messages(pipeline, "AUDIT").await;
    let actions =
        "select 'audit:' || id as message, audit_seq, to_jsonb(a) - 'audit_seq' - 'audit_epoch' as body
        from dead_letter_action a";
    let actions = pipeline.json(actions).await.unwrap();
    assert_eq!(actions.len(), audit.len(), "actions in the tables and in AUDIT");
    for action in &actions {
        let (seq, subject, body) = &audit[&text(action, "message")];
        let body: Value = serde_json::from_slice(body).unwrap();
        assert_eq!((Some(*seq), &body), (action["audit_seq"].as_u64(), &action["body"]));
        assert_eq!(*subject, format!("audit.{}", text(&body, "action")));
    }
}
