//! `run`: the newest event of each run, by its sequence in RUN.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kansoku_schemas::Catalogue;
use serde::Serialize;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection, types::Json};
use uuid::Uuid;

use super::{Store, column, ids, version};
use crate::{db_error::DbError, failpoint};

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Still being captured.
    Running,
    /// Ended with all its pages.
    Complete,
    /// Ended without some of its pages.
    Incomplete,
    /// Ended by an error.
    Failed,
}

/// What an event says about its run, by the names of its columns.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// Its id.
    pub run: Uuid,
    /// Which catalogue it captures.
    pub catalogue: Catalogue,
    /// Where from.
    pub source: String,
    /// What.
    pub dataset: String,
    /// The instant all its pages share.
    pub captured_at: DateTime<Utc>,
    /// How far it is.
    pub state: RunState,
    /// Pages expected.
    pub pages_planned: Option<i32>,
    /// Pages that came.
    pub pages_got: Vec<i32>,
    /// Pages given up, with the reasons.
    pub pages_failed: Value,
    /// Rows on the pages that came.
    pub rows: i64,
    /// What went wrong on the way.
    pub warnings: Value,
    /// What ended it.
    pub error: Option<String>,
    /// When it began, or the event happened where that is not told.
    pub started_at: DateTime<Utc>,
    /// When the event happened.
    pub at: DateTime<Utc>,
    /// The epoch of RUN: sequences start anew in a stream that was made anew.
    pub event_epoch: i64,
    /// The event's sequence in RUN.
    pub event_seq: i64,
}

impl Run {
    /// Of two events the one with the greater ordinal is the newer.
    fn ordinal(&self) -> (i64, i64) {
        (self.event_epoch, self.event_seq)
    }
}

/// The newest event of each run, begun when the earliest of them says.
fn newest(events: &[Run]) -> Vec<Run> {
    let mut newest: BTreeMap<Uuid, Run> = BTreeMap::new();
    for event in events {
        let best = newest.entry(event.run).or_insert_with(|| event.clone());
        let started_at = best.started_at.min(event.started_at);
        if event.ordinal() > best.ordinal() {
            *best = event.clone();
        }
        best.started_at = started_at;
    }
    newest.into_values().collect()
}

impl Store {
    /// Writes what the events say; an older event than the one stored changes nothing but the start.
    ///
    /// Of two events the newer wins in any order, so they need not wait for the catalogue's lock, which batches of pages hold.
    /// The version is raised afterwards, by a redelivery too: the process may have ended in between.
    pub async fn write_runs(&self, events: &[Run]) -> Result<(), DbError> {
        self.supervised("write run events", async {
            let catalogues: BTreeSet<Catalogue> = events.iter().map(|event| event.catalogue).collect();
            for catalogue in catalogues {
                let own: Vec<Run> =
                    events.iter().filter(|event| event.catalogue == catalogue).cloned().collect();
                let mut session = self.pool.acquire().await.map_err(DbError::ours("connect to Postgres"))?;
                write(&mut session, catalogue, &newest(&own)).await?;
                failpoint("loader::after_runs");
                let datasets: BTreeSet<String> = own.into_iter().map(|event| event.dataset).collect();
                let failed = DbError::ours("tell readers of run events");
                let mut tx = session.begin().await.map_err(failed)?;
                version::raise(&mut tx, catalogue, &Vec::from_iter(datasets)).await?;
                tx.commit().await.map_err(failed)?;
            }
            Ok(())
        })
        .await
    }

    /// Notes a message that cannot be read and may not be dead-lettered.
    pub async fn note_unreadable(&self, message: &UnreadableMessage<'_>) -> Result<(), DbError> {
        let write = sqlx::query(
            "insert into unreadable (stream, epoch, seq, subject, reason, body, noted_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (stream, epoch, seq) do nothing",
        )
        .bind(message.stream)
        .bind(message.epoch)
        .bind(message.seq)
        .bind(without_nul(message.subject))
        .bind(without_nul(message.reason))
        .bind(message.body)
        .bind(message.noted_at)
        .execute(&self.pool);
        self.supervised_ours("note a message that cannot be read", write).await.map(drop)
    }
}

/// A message for the table `unreadable`.
#[derive(Debug)]
pub struct UnreadableMessage<'a> {
    /// Its stream.
    pub stream: &'static str,
    /// The epoch of the stream.
    pub epoch: i64,
    /// Its sequence there.
    pub seq: i64,
    /// Its subject.
    pub subject: &'a str,
    /// What is wrong with it.
    pub reason: &'a str,
    /// Its bytes.
    pub body: &'a [u8],
    /// When it was given up.
    pub noted_at: DateTime<Utc>,
}

/// A text as Postgres takes it: an error's words may quote what was sent.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

async fn write(session: &mut PgConnection, catalogue: Catalogue, runs: &[Run]) -> Result<(), DbError> {
    let name = catalogue.to_string();
    let seen = runs.iter().map(|run| (run.source.as_str(), run.captured_at));
    ids::sources(session, &name, seen).await?;
    sqlx::query(
        "insert into run as r (catalogue, run, source_id, dataset, captured_at, state, pages_planned, pages_got,
             pages_failed, rows, warnings, error, started_at, ended_at, event_epoch, event_seq)
         select $1, run, source_id, dataset, captured_at, state, pages_planned, pages_got, pages_failed, rows, warnings,
             error, started_at, case when state <> 'running' then at end, event_epoch, event_seq
         from jsonb_to_recordset($2) as i(run uuid, source text, dataset text, captured_at timestamptz, state text,
             pages_planned int, pages_got int[], pages_failed jsonb, rows bigint, warnings jsonb, error text,
             started_at timestamptz, at timestamptz, event_epoch bigint, event_seq bigint)
         join source s on s.catalogue = $1 and s.name = i.source
         order by run
         on conflict (run) do update set
             catalogue = excluded.catalogue, source_id = excluded.source_id, dataset = excluded.dataset,
             captured_at = excluded.captured_at, state = excluded.state, pages_planned = excluded.pages_planned,
             pages_got = excluded.pages_got, pages_failed = excluded.pages_failed, rows = excluded.rows,
             warnings = excluded.warnings, error = excluded.error, ended_at = excluded.ended_at,
             started_at = least(r.started_at, excluded.started_at), event_epoch = excluded.event_epoch,
             event_seq = excluded.event_seq
         where r.event_seq is null
             or (excluded.event_epoch, excluded.event_seq) > (coalesce(r.event_epoch, 0), r.event_seq)",
    )
    .bind(name)
    .bind(Json(runs))
    .execute(&mut *session)
    .await
    .map_err(DbError::upstream("write runs"))?;
    sqlx::query(
        "update run r set started_at = i.at from unnest($1::uuid[], $2::timestamptz[]) as i(run, at)
         where r.run = i.run and i.at < r.started_at",
    )
    .bind(column(runs, |run| run.run))
    .bind(column(runs, |run| run.started_at))
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::upstream("note when runs started"))
}
