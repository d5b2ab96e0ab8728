//! Replays that are written down go to RAW; after a crash those of which nobody knows whether they went are looked up there first.

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_nats::{Outgoing, PubAck, PublishError, id, trace};
use kansoku_schemas::Root;
use kansoku_service::Unavailable;
use sqlx::PgConnection;
use tracing::Span;

use super::{
    Tools,
    item::{self, Item},
    look_up::LookUp,
    members::{self, Replay},
    row::JobRow,
};
use crate::{
    failure::{Doing as _, Failure},
    rebuilding,
};

/// How far the clock of the one who wrote a replay down may be ahead of the server's.
const SKEW: TimeDelta = TimeDelta::minutes(10);
/// All of RAW.
const EVERYWHERE: &str = "raw.>";

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
        // Each by itself, as verdicts are written.
        "update dlq_plan_member m set outcome = 'published', raw_epoch = $2, raw_seq = p.seq
         from unnest($3::text[], $4::bigint[]) as p(root, seq)
         cross join lateral (select ctid as place from dlq_plan_member where plan = $1 and root = p.root offset 0) one
         where m.ctid = one.place and m.outcome = 'publishing'",
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
/// do within the stream's duplicate window; this does after it as well. `false` while RAW is not looked through.
pub(super) async fn again(
    session: &mut PgConnection,
    tools: &Tools,
    row: &JobRow,
    looked_up: &mut LookUp,
) -> Result<bool, Failure> {
    let written: Vec<(String, i32, i64, DateTime<Utc>)> = sqlx::query_as(
        "select m.root, m.n, a.id, a.at
         from dlq_plan_member m join dead_letter_action a on a.root = m.root and a.n = m.n and a.action = 'replay'
         where m.plan = $1 and m.outcome = 'publishing' order by a.id",
    )
    .bind(row.plan)
    .fetch_all(&mut *session)
    .await
    .doing("read replays that may not be published")?;
    let Some(since) = written.iter().map(|(.., at)| *at).min() else { return Ok(true) };
    tracing::info!(job = %row.job, "looking up {} replays of the job {} in RAW", written.len(), row.job);
    let roots: Vec<String> = written.iter().map(|(root, ..)| root.clone()).collect();
    // As the item was when the replay was written down: an edit since then is not part of it.
    let before: Vec<(i64, i32)> = written.iter().map(|(_, n, id, _)| (*id, *n)).collect();
    let items = item::read_before(session, &roots, &before).await?;
    rebuilding::check(session).await?;
    let wanted: Vec<Wanted> = items.iter().zip(&written).map(|(item, (_, n, ..))| wanted(item, *n)).collect();
    let mut ids = wanted.iter().map(|wanted| (wanted.subject(), wanted.id.as_str()));
    if !looked_up.go_on(&tools.client, &mut ids, since - SKEW).await? {
        return Ok(false);
    }
    let epoch = tools.client.raw_epoch().await?;
    let (mut there, mut seqs, mut missing, mut left, mut gone) = (vec![], vec![], vec![], vec![], vec![]);
    for ((root, Wanted { id, message }), item) in roots.into_iter().zip(wanted).zip(&items) {
        match (looked_up.seq(&id), message) {
            (Some(seq), _) => {
                there.push(root);
                seqs.push(seq);
            }
            (None, Ok(message)) => {
                missing.push(root);
                left.push(traced(message, &item.origin()));
            }
            (None, Err(why)) => {
                gone.push((root, format!("not replayed, for its dead letter is gone: {why}")))
            }
        }
    }
    members::skip(session, row, &gone).await?;
    tools.metrics.replays("skipped", gone.len());
    note(session, row, &there, epoch, &seqs).await?;
    publish(session, tools, row, missing, left).await?;
    Ok(true)
}

/// A replay that may be in RAW; its message, or why there is none any more.
struct Wanted {
    id: String,
    message: Result<Outgoing, String>,
}

impl Wanted {
    /// Where in RAW it would be.
    fn subject(&self) -> &str {
        self.message.as_ref().map_or(EVERYWHERE, |message| &message.subject)
    }
}

fn wanted(item: &Item, n: i32) -> Wanted {
    let message = item.message(n, item.text());
    let id = match &message {
        Ok(message) => message.id.clone(),
        Err(_) => {
            let root = item.root.parse().map(|root: Root| id::replay(&root, &n.to_string()));
            root.unwrap_or_default()
        }
    };
    Wanted { id, message }
}

#[cfg(test)]
mod tests {
    use kansoku_nats::Headers;
    use opentelemetry::trace::{SpanId, TracerProvider};
    use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn a_replay_has_a_trace_of_its_own_that_is_linked_to_the_dead_letters() {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let died = "0af7651916cd43dd8448eb211c80319c";
        let origin = Headers::from_iter([("traceparent", format!("00-{died}-b7ad6b7169203331-01"))]);
        let (subject, id) = ("raw.top.score".to_owned(), "replay".to_owned());
        let message =
            Outgoing { subject, id, headers: Headers::new(), body: bytes::Bytes::new(), expect_last: None };
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            drop(traced(message, &origin));
        });
        let spans = exporter.get_finished_spans().unwrap();
        let [replay] = &spans[..] else { panic!("one span, not {spans:?}") };
        assert_eq!((replay.name.as_ref(), replay.parent_span_id), ("replay dead letter", SpanId::INVALID));
        assert_ne!(replay.span_context.trace_id().to_string(), died);
        let links: Vec<_> =
            replay.links.iter().map(|link| link.span_context.trace_id().to_string()).collect();
        assert_eq!(links, [died]);
    }
}
