//! Replays that are written down go to RAW; after a crash those of which nobody knows whether they went are looked up there first.

use std::collections::{BTreeMap, HashMap};

use anyhow::anyhow;
use chrono::{DateTime, TimeDelta, Utc};
use kansoku_nats::{Client, Outgoing, PubAck, PublishError, trace};
use kansoku_service::Unavailable;
use sqlx::PgConnection;
use tracing::Span;

use super::{
    Tools,
    item::{self, Item},
    members::Replay,
    row::JobRow,
};
use crate::{
    failure::{Doing as _, Failure},
    rebuilding,
};

/// How far the clock of the one who wrote a replay down may be ahead of the server's.
const SKEW: TimeDelta = TimeDelta::minutes(10);
const STREAM: &str = "RAW";

/// Publishes replays and notes where they are.
pub(super) async fn now(
    session: &mut PgConnection,
    tools: &Tools,
    row: &JobRow,
    replays: Vec<Replay>,
) -> Result<(), Failure> {
    let (roots, messages) = replays
        .into_iter()
        .map(|Replay { root, prepared, .. }| (root, traced(prepared.message, &prepared.origin)))
        .unzip();
    publish(session, tools, row, roots, messages).await
}

/// The replay has a trace of its own, linked to that of the dead letter.
fn traced(message: Outgoing, origin: &kansoku_nats::Headers) -> (Outgoing, Span) {
    let span = tracing::info_span!(parent: None, "replay", otel.name = "replay dead letter", messaging.message.id = message.id);
    trace::link(&span, origin);
    (message, span)
}

async fn publish(
    session: &mut PgConnection,
    tools: &Tools,
    row: &JobRow,
    roots: Vec<String>,
    messages: Vec<(Outgoing, Span)>,
) -> Result<(), Failure> {
    if roots.is_empty() {
        return Ok(());
    }
    let epoch = tools.client.raw_epoch().await?;
    let acks = tools.streams.publish_raw(messages).await.map_err(|error| match error {
        PublishError::Unavailable(unavailable) => unavailable,
        other => waits("raw", other.into()),
    })?;
    crate::failpoint("replayer::after_publish");
    let again = acks.iter().filter(|ack| ack.duplicate).count();
    tools.metrics.replays("published", acks.len() - again);
    tools.metrics.replays("duplicate", again);
    let seqs: Vec<u64> = acks.iter().map(|PubAck { seq, .. }| *seq).collect();
    note(session, row, &roots, epoch, &seqs).await
}

/// What is written down has to go: its item is taken for published. It was in order then, so others are at fault, and mend it.
fn waits(dependency: &'static str, error: anyhow::Error) -> Unavailable {
    let remediation =
        "the dead letters may be in the middle of a rebuilding, or RAW takes smaller messages than before";
    Unavailable::new(dependency, error.context("publish replays that are written down"))
        .with_remediation(remediation)
}

async fn note(
    session: &mut PgConnection,
    row: &JobRow,
    roots: &[String],
    epoch: u64,
    seqs: &[u64],
) -> Result<(), Failure> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    sqlx::query(
        "update dlq_plan_member m set outcome = 'published', raw_epoch = $2, raw_seq = p.seq
         from unnest($3::text[], $4::bigint[]) as p(root, seq)
         where m.plan = $1 and m.root = p.root and m.outcome = 'publishing'",
    )
    .bind(row.plan)
    .bind(number(epoch))
    .bind(roots)
    .bind(seqs.iter().copied().map(number).collect::<Vec<_>>())
    .execute(session)
    .await
    .map(drop)
    .doing("note which replays RAW has")
}

/// Publishes what was written down and may not have been published; what RAW has already is noted only. Message ids alone would
/// do within the stream's duplicate window; this does after it as well.
pub(super) async fn again(session: &mut PgConnection, tools: &Tools, row: &JobRow) -> Result<(), Failure> {
    let written: Vec<(String, i32, i64, DateTime<Utc>)> = sqlx::query_as(
        "select m.root, m.n, a.id, a.at
         from dlq_plan_member m join dead_letter_action a on a.root = m.root and a.n = m.n and a.action = 'replay'
         where m.plan = $1 and m.outcome = 'publishing' order by a.id",
    )
    .bind(row.plan)
    .fetch_all(&mut *session)
    .await
    .doing("read replays that may not be published")?;
    let Some(since) = written.iter().map(|(.., at)| *at).min() else { return Ok(()) };
    tracing::info!(job = %row.job, "looking up {} replays of the job {} in RAW", written.len(), row.job);
    let roots: Vec<String> = written.iter().map(|(root, ..)| root.clone()).collect();
    // As the item was when the replay was written down: an edit since then is not part of it.
    let before: Vec<(i64, i32)> = written.iter().map(|(_, n, id, _)| (*id, *n)).collect();
    let items = item::read_before(session, &roots, &before).await?;
    rebuilding::check(session).await?;
    let message =
        |(item, (_, n, ..)): (&Item, &(String, i32, i64, DateTime<Utc>))| item.message(*n, item.text());
    let messages: Result<Vec<Outgoing>, String> = items.iter().zip(&written).map(message).collect();
    let messages = messages.map_err(|why| waits("dead letters", anyhow!(why)))?;
    let known = look_up(&tools.client, &messages, since - SKEW).await?;
    let epoch = tools.client.raw_epoch().await?;
    let (mut there, mut seqs, mut missing, mut left) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for ((root, message), item) in roots.into_iter().zip(messages).zip(&items) {
        match known.get(&message.id) {
            Some(seq) => {
                there.push(root);
                seqs.push(*seq);
            }
            None => {
                missing.push(root);
                left.push(traced(message, &item.origin()));
            }
        }
    }
    note(session, row, &there, epoch, &seqs).await?;
    publish(session, tools, row, missing, left).await
}

/// The sequences of those messages that RAW has, by their ids.
async fn look_up(
    client: &Client,
    messages: &[Outgoing],
    since: DateTime<Utc>,
) -> Result<HashMap<String, u64>, Unavailable> {
    let mut wanted: BTreeMap<&str, usize> = BTreeMap::new();
    messages.iter().for_each(|message| *wanted.entry(&message.subject).or_default() += 1);
    let mut found = HashMap::new();
    for (subject, mut left) in wanted {
        let mut next = client.first_since(STREAM, subject, since).await?;
        while let Some(stored) = next.filter(|_| left > 0) {
            if let Some(id) = stored.headers.get("Nats-Msg-Id")
                && messages.iter().any(|message| message.id == id)
                && found.insert(id.to_owned(), stored.seq).is_none()
            {
                left -= 1;
            }
            next = client.next_on_subject(STREAM, subject, stored.seq + 1).await?;
        }
    }
    Ok(found)
}
