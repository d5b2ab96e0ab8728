//! `page`: the counts of each message, replaced by those of a later judgement, never added to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kansoku_schemas::{PageBody, PageCounts, PageMeta, Position, Root, Warning};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};

use super::{Ids, array_literal, column, known::Known, observations::Ownership};
use crate::{db_error::DbError, staged::StagedPage, storable::Refused, winner::RawPosition};

/// A page of the batch with what became of its rows.
#[derive(Debug)]
pub(super) struct Outcome<'a> {
    staged: &'a StagedPage<'a>,
    /// Indexes of the rows that were committed, sorted.
    committed: BTreeSet<u32>,
    /// Rows that the tables cannot hold.
    refused: usize,
}

impl<'a> Outcome<'a> {
    /// What becomes of a page when these rows of the batch are refused.
    pub(super) fn new(staged: &'a StagedPage<'a>, refused: &Refused) -> Self {
        let rows = &staged.page.body.rows;
        let (lost, kept): (Vec<usize>, Vec<usize>) =
            (0..rows.len()).partition(|place| refused.contains_key(&(staged.at, *place)));
        let committed = kept.into_iter().filter_map(|place| rows.index(place)).collect();
        Self { staged, committed, refused: lost.len() }
    }

    fn position(&self) -> RawPosition {
        self.staged.origin.raw()
    }
}

/// Merges the judgements of one message: the latest's counts, everybody's rows.
fn merge(pages: Vec<Outcome<'_>>) -> Vec<Outcome<'_>> {
    let mut merged: BTreeMap<RawPosition, Outcome<'_>> = BTreeMap::new();
    for mut page in pages {
        let key = page.position();
        if let Some(mut other) = merged.remove(&key) {
            if other.staged.origin > page.staged.origin {
                std::mem::swap(&mut page, &mut other);
            }
            page.committed.append(&mut other.committed);
        }
        merged.insert(key, page);
    }
    merged.into_values().collect()
}

/// A row of `page`, by the names of its columns; those of the metadata that the table lacks are passed over.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    meta: &'a PageMeta,
    #[serde(flatten)]
    raw: Position,
    #[serde(flatten)]
    counts: &'a PageCounts,
    judge: &'a str,
    contract: &'a str,
    trace_id: Option<&'a str>,
    row_limit: u32,
    warnings: &'a [Warning],
    replay_root: Option<Root>,
    replay_row: Option<u32>,
    replay_n: Option<i32>,
    stored_at: DateTime<Utc>,
    judged_at: DateTime<Utc>,
    run_id: i32,
    source_id: i32,
    load_dead: usize,
    stored: i32,
    duplicate: i32,
    committed: &'a BTreeSet<u32>,
}

impl<'a> Row<'a> {
    fn of(outcome: &'a Outcome<'_>, ids: &Ids, ownership: &Ownership) -> Self {
        let page = outcome.staged.page;
        let PageBody { contract, trace_id, limit, stored_at, judged_at, counts, warnings, .. } = &page.body;
        let (source_id, run_id) = ids.of(page);
        let stored = ownership.owned.get(&outcome.position()).copied().unwrap_or_default();
        Self {
            meta: &page.meta,
            raw: page.raw,
            counts,
            judge: &page.judge,
            contract,
            trace_id: trace_id.as_deref(),
            row_limit: *limit,
            warnings,
            replay_root: page.replay.as_ref().map(|replay| replay.root),
            replay_row: page.replayed_row(),
            replay_n: page.replay.as_ref().and_then(|replay| i32::try_from(replay.attempt).ok()),
            stored_at: *stored_at,
            judged_at: *judged_at,
            run_id,
            source_id,
            load_dead: outcome.refused,
            stored,
            duplicate: i32::try_from(outcome.committed.len()).unwrap_or(i32::MAX) - stored,
            committed: &outcome.committed,
        }
    }
}

/// Writes the counts; says how many rows the pages store, and how many are duplicates.
pub(super) async fn write(
    session: &mut PgConnection,
    catalogue: &str,
    ids: &Ids,
    pages: Vec<Outcome<'_>>,
    known: &Known,
    ownership: &Ownership,
    committed_at: DateTime<Utc>,
) -> Result<(i64, i64), DbError> {
    let pages = merge(pages);
    let rows: Vec<Row<'_>> = pages.iter().map(|page| Row::of(page, ids, ownership)).collect();
    let sums = rows.iter().fold((0, 0), |(stored, duplicate), row| {
        (stored + i64::from(row.stored), duplicate + i64::from(row.duplicate))
    });
    sqlx::query(
        "insert into page as p (epoch, seq, run_id, page, catalogue, source_id, dataset, captured_at, url, trace_id,
             contract, judge, row_limit, received, accepted, dead, load_dead, stored, duplicate, committed, drift, warnings,
             replay_root, replay_row, replay_n, stored_at, judged_at, committed_at)
         select epoch, seq, run_id, page, $1, source_id, dataset, captured_at, url, trace_id, contract, judge, row_limit,
             received, accepted, dead, load_dead, stored, duplicate, committed, drift, warnings, replay_root, replay_row,
             replay_n, stored_at, judged_at, $2
         from jsonb_to_recordset($3) as i(epoch bigint, seq bigint, run_id int, page int, source_id int, dataset text,
             captured_at timestamptz, url text, trace_id text, contract text, judge text, row_limit int, received int,
             accepted int, dead int, load_dead int, stored int, duplicate int, committed int[], drift jsonb, warnings jsonb,
             replay_root text, replay_row int, replay_n int, stored_at timestamptz, judged_at timestamptz)
         on conflict (epoch, seq) do update set
             run_id = excluded.run_id, page = excluded.page, source_id = excluded.source_id, dataset = excluded.dataset,
             captured_at = excluded.captured_at, url = excluded.url, trace_id = excluded.trace_id,
             contract = excluded.contract, judge = excluded.judge, row_limit = excluded.row_limit,
             received = excluded.received, accepted = excluded.accepted, dead = excluded.dead,
             load_dead = excluded.load_dead, drift = excluded.drift, warnings = excluded.warnings,
             replay_root = excluded.replay_root, replay_row = excluded.replay_row, replay_n = excluded.replay_n,
             stored_at = excluded.stored_at, judged_at = excluded.judged_at, committed_at = excluded.committed_at
         where excluded.judged_at > p.judged_at",
    )
    .bind(catalogue)
    .bind(committed_at)
    .bind(Json(&rows))
    .execute(&mut *session)
    .await
    .map_err(DbError::ours("write pages"))?;
    let again: Vec<_> = pages.iter().filter(|outcome| known.has_message(outcome.staged.page)).collect();
    note_committed(session, &again).await?;
    let again = again.iter().map(|outcome| outcome.position());
    let recount: BTreeSet<RawPosition> = ownership.contested.iter().copied().chain(again).collect();
    if recount.is_empty() {
        return Ok(sums);
    }
    count(session, catalogue, &recount).await?;
    sum(session, &column(&pages, Outcome::position)).await
}

/// Rows count as committed whichever judgement passed them, an older one that comes late included.
async fn note_committed(session: &mut PgConnection, pages: &[&Outcome<'_>]) -> Result<(), DbError> {
    if pages.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "update page p set committed = array(select distinct unnest(p.committed || i.committed::int[]) order by 1)
         from unnest($1::bigint[], $2::bigint[], $3::text[]) as i(epoch, seq, committed)
         where p.epoch = i.epoch and p.seq = i.seq and not i.committed::int[] <@ p.committed",
    )
    .bind(column(pages, |outcome| outcome.staged.origin.epoch))
    .bind(column(pages, |outcome| outcome.staged.origin.seq))
    .bind(column(pages, |outcome| array_literal(&outcome.committed)))
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::ours("note the committed rows"))
}

/// Counts again what these pages own.
async fn count(
    session: &mut PgConnection,
    catalogue: &str,
    pages: &BTreeSet<RawPosition>,
) -> Result<(), DbError> {
    sqlx::query(
        "update page p set stored = c.owned, duplicate = cardinality(p.committed) - c.owned
         from (
             select p.epoch, p.seq, (
                 select count(*) from observation o
                 where o.epoch = p.epoch and o.seq = p.seq and o.captured_at = p.captured_at and o.owner
             ) + (select count(*) from genre_observation g where g.epoch = p.epoch and g.seq = p.seq and g.owner) as owned
             from unnest($2::bigint[], $3::bigint[]) as t(epoch, seq)
             join page p using (epoch, seq)
         ) c
         where p.epoch = c.epoch and p.seq = c.seq and p.catalogue = $1
             and (p.stored, p.duplicate) is distinct from (c.owned, cardinality(p.committed) - c.owned)",
    )
    .bind(catalogue)
    .bind(pages.iter().map(|page| page.0).collect::<Vec<_>>())
    .bind(pages.iter().map(|page| page.1).collect::<Vec<_>>())
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::ours("count what the pages own"))
}

/// What these pages own, and how many of their committed rows own nothing.
async fn sum(session: &mut PgConnection, pages: &[RawPosition]) -> Result<(i64, i64), DbError> {
    sqlx::query_as(
        "select coalesce(sum(stored), 0)::bigint, coalesce(sum(duplicate), 0)::bigint from page
         join unnest($1::bigint[], $2::bigint[]) as i(epoch, seq) using (epoch, seq)",
    )
    .bind(column(pages, |page| page.0))
    .bind(column(pages, |page| page.1))
    .fetch_one(session)
    .await
    .map_err(DbError::ours("sum what the pages own"))
}
