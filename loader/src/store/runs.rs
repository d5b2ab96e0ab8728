//! `run`: the newest event of each run, by its sequence in RUN.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kansoku_schemas::Catalogue;
use serde_json::Value;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{Store, array_literal, column, ids, version};
use crate::fault::{Fault, Part};

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    fn token(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
        }
    }
}

/// What an event says about its run.
#[derive(Debug, Clone)]
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
    /// When the event happened.
    pub at: DateTime<Utc>,
    /// The epoch of RUN: sequences start anew in a stream that was made anew.
    pub event_epoch: i64,
    /// The event's sequence in RUN.
    pub event_seq: i64,
}

impl Run {
    fn ended_at(&self) -> Option<DateTime<Utc>> {
        (self.state != RunState::Running).then_some(self.at)
    }

    /// Of two events the one with the greater place is the newer.
    fn place(&self) -> (i64, i64) {
        (self.event_epoch, self.event_seq)
    }
}

/// The newest event of each run with the instant of the earliest.
fn newest(events: &[Run]) -> Vec<(&Run, DateTime<Utc>)> {
    let mut newest: BTreeMap<Uuid, (&Run, DateTime<Utc>)> = BTreeMap::new();
    for event in events {
        let (best, first) = newest.entry(event.run).or_insert((event, event.at));
        *first = event.at.min(*first);
        if event.place() > best.place() {
            *best = event;
        }
    }
    newest.into_values().collect()
}

impl Store {
    /// Writes what the events say; an older event than the one stored changes nothing but the start.
    pub async fn write_runs(&self, events: &[Run]) -> Result<(), Fault> {
        self.note(self.write_events(events).await)
    }

    async fn write_events(&self, events: &[Run]) -> Result<(), Fault> {
        let fault = |error| Fault::new(Part::Books, "commit run events", error);
        let catalogues: BTreeSet<Catalogue> = events.iter().map(|event| event.catalogue).collect();
        let mut names: Vec<String> = catalogues.iter().map(Catalogue::to_string).collect();
        names.sort();
        let mut tx = self.pool.begin().await.map_err(fault)?;
        version::lock(&mut tx, &names).await?;
        for catalogue in catalogues {
            let own: Vec<Run> = events.iter().filter(|event| event.catalogue == catalogue).cloned().collect();
            if write(&mut tx, catalogue, &newest(&own)).await? > 0 {
                let datasets: BTreeSet<String> = own.iter().map(|event| event.dataset.clone()).collect();
                version::raise(&mut tx, catalogue, &datasets.into_iter().collect::<Vec<_>>()).await?;
            }
        }
        tx.commit().await.map_err(fault)
    }

    /// Notes a message that cannot be read and may not be dead-lettered.
    pub async fn note_unreadable(&self, message: &UnreadableMessage<'_>) -> Result<(), Fault> {
        sqlx::query(
            "insert into unreadable (stream, epoch, seq, subject, reason, body, noted_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (stream, epoch, seq) do nothing",
        )
        .bind(message.stream)
        .bind(message.epoch)
        .bind(message.seq)
        .bind(message.subject)
        .bind(message.reason)
        .bind(message.body)
        .bind(message.noted_at)
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(|error| Fault::new(Part::Books, "note a message that cannot be read", error))
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

pub(super) async fn write(
    session: &mut PgConnection,
    catalogue: Catalogue,
    runs: &[(&Run, DateTime<Utc>)],
) -> Result<u64, Fault> {
    let name = catalogue.to_string();
    let seen = runs.iter().map(|(run, _)| (run.source.as_str(), run.captured_at));
    let sources = ids::sources(session, &name, seen).await?;
    let written = sqlx::query(
        "insert into run as r (catalogue, run, source_id, dataset, captured_at, state, pages_planned, pages_got,
             pages_failed, rows, warnings, error, started_at, ended_at, event_epoch, event_seq)
         select $1, run, source_id, dataset, captured_at, state, pages_planned, pages_got::int[], pages_failed, rows,
             warnings, error, started_at, ended_at, event_epoch, event_seq
         from unnest($2::uuid[], $3::int[], $4::text[], $5::timestamptz[], $6::text[], $7::int[], $8::text[], $9::jsonb[],
             $10::bigint[], $11::jsonb[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::bigint[], $16::bigint[])
             as i(run, source_id, dataset, captured_at, state, pages_planned, pages_got, pages_failed, rows, warnings,
             error, started_at, ended_at, event_epoch, event_seq)
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
    .bind(column(runs, |(run, _)| run.run))
    .bind(column(runs, |(run, _)| sources.get(&run.source).copied().unwrap_or_default()))
    .bind(column(runs, |(run, _)| run.dataset.clone()))
    .bind(column(runs, |(run, _)| run.captured_at))
    .bind(column(runs, |(run, _)| run.state.token()))
    .bind(column(runs, |(run, _)| run.pages_planned))
    .bind(column(runs, |(run, _)| array_literal(run.pages_got.iter().map(i32::to_string))))
    .bind(column(runs, |(run, _)| Json(run.pages_failed.clone())))
    .bind(column(runs, |(run, _)| run.rows))
    .bind(column(runs, |(run, _)| Json(run.warnings.clone())))
    .bind(column(runs, |(run, _)| run.error.clone()))
    .bind(column(runs, |(_, first)| *first))
    .bind(column(runs, |(run, _)| run.ended_at()))
    .bind(column(runs, |(run, _)| run.event_epoch))
    .bind(column(runs, |(run, _)| run.event_seq))
    .execute(&mut *session)
    .await
    .map_err(|error| Fault::new(Part::Rows, "write runs", error))?;
    let earlier = sqlx::query(
        "update run r set started_at = i.at from unnest($1::uuid[], $2::timestamptz[]) as i(run, at)
         where r.run = i.run and i.at < r.started_at",
    )
    .bind(column(runs, |(run, _)| run.run))
    .bind(column(runs, |(_, first)| *first))
    .execute(session)
    .await
    .map_err(|error| Fault::new(Part::Rows, "note when runs started", error))?;
    Ok(written.rows_affected() + earlier.rows_affected())
}
