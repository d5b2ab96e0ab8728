//! `run`: the newest event of each run, by its sequence in RUN.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kansoku_schemas::{Catalogue, RunEvent, RunEventKind};
use serde::Serialize;
use sqlx::{Connection as _, PgConnection, types::Json};
use uuid::Uuid;

use super::{
    Store, column, ids,
    version::{self, Facet},
};
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

impl RunState {
    fn of(event: &RunEvent) -> Self {
        match event.event {
            RunEventKind::Started | RunEventKind::Progress | RunEventKind::Resumed => Self::Running,
            RunEventKind::Finished if event.is_complete() => Self::Complete,
            RunEventKind::Finished => Self::Incomplete,
            RunEventKind::Failed => Self::Failed,
        }
    }
}

/// An event of a run, by the names of its columns; what the table does not keep is passed over.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// The event.
    #[serde(flatten)]
    pub event: RunEvent,
    /// How far the run is.
    pub state: RunState,
    /// The epoch of RUN: sequences start anew in a stream that was made anew.
    pub event_epoch: i64,
    /// The event's sequence in RUN.
    pub event_seq: i64,
}

impl Run {
    /// An event at this place in RUN.
    pub fn new(event: RunEvent, event_epoch: i64, event_seq: i64) -> Self {
        Self { state: RunState::of(&event), event, event_epoch, event_seq }
    }

    /// Of two events the one with the greater ordinal is the newer.
    fn ordinal(&self) -> (i64, i64) {
        (self.event_epoch, self.event_seq)
    }

    /// When the run began, or the event happened where that is not said.
    fn started_at(&self) -> DateTime<Utc> {
        self.event.started_at.unwrap_or(self.event.at)
    }
}

/// The newest event of each run, begun when the earliest of them says.
fn newest(events: &[Run]) -> Vec<Run> {
    let mut newest: BTreeMap<Uuid, Run> = BTreeMap::new();
    for event in events {
        let best = newest.entry(event.event.run.0).or_insert_with(|| event.clone());
        let started_at = best.started_at().min(event.started_at());
        if event.ordinal() > best.ordinal() {
            *best = event.clone();
        }
        best.event.started_at = Some(started_at);
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
            let catalogues: BTreeSet<Catalogue> = events.iter().map(|run| run.event.catalogue).collect();
            for catalogue in catalogues {
                let own: Vec<Run> =
                    events.iter().filter(|run| run.event.catalogue == catalogue).cloned().collect();
                let mut session = self.pool.acquire().await.map_err(DbError::ours("connect to Postgres"))?;
                let shown = oldest_shown(&mut session, catalogue, &own).await?;
                write(&mut session, catalogue, &newest(&own)).await?;
                failpoint("loader::after_runs");
                let datasets: BTreeSet<String> =
                    own.iter().map(|run| run.event.dataset.to_string()).collect();
                let failed = DbError::ours("tell readers of run events");
                let mut tx = session.begin().await.map_err(failed)?;
                let datasets = Vec::from_iter(datasets);
                match shown {
                    Some(oldest) => {
                        version::raise(&mut tx, catalogue, &datasets, oldest, None).await.map(drop)?;
                    }
                    None => version::raise_facet(&mut tx, catalogue, Facet::Runs, &datasets).await?,
                }
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

/// The oldest instant at which these events change what is shown of captures; `None` where they only say that a run goes on.
///
/// An event that is stored already counts as one that changes something: the process may have ended before it told.
async fn oldest_shown(
    session: &mut PgConnection,
    catalogue: Catalogue,
    events: &[Run],
) -> Result<Option<DateTime<Utc>>, DbError> {
    sqlx::query_scalar(
        "select min(least(i.captured_at, r.captured_at))
         from jsonb_to_recordset($2) as i(run uuid, event text, source text, dataset text, captured_at timestamptz,
             event_epoch bigint, event_seq bigint)
         left join (run r join source s using (source_id)) on r.run = i.run
         where (i.event = 'progress' and r.state = 'running'
             and (r.catalogue, s.name, r.dataset, r.captured_at) = ($1, i.source, i.dataset, i.captured_at)
             and (i.event_epoch, i.event_seq) > (coalesce(r.event_epoch, 0), r.event_seq)) is not true",
    )
    .bind(catalogue.as_str())
    .bind(Json(events))
    .fetch_one(session)
    .await
    .map_err(DbError::ours("look up what run events change"))
}

async fn write(session: &mut PgConnection, catalogue: Catalogue, runs: &[Run]) -> Result<(), DbError> {
    let name = catalogue.to_string();
    let seen = runs.iter().map(|run| (run.event.source.as_str(), run.event.captured_at));
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
    .bind(column(runs, |run| run.event.run.0))
    .bind(column(runs, Run::started_at))
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::upstream("note when runs started"))
}
