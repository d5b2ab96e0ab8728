//! Slots (title, instant, source) that several rows claim: who wins is decided from all the rows that are there, and what
//! follows from it is made again.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use super::{column, lines};
use crate::{
    db_error::DbError,
    numbers::Observed,
    staged::StagedRow,
    winner::{Extent, Origin, PlaceRank, RawPosition},
};

/// A source at an instant, as a run sees it.
pub(super) type Instant = (i32, DateTime<Utc>, i32);
/// Instants of sources that more than one run has captured.
pub(super) type SharedInstants = BTreeSet<(i32, DateTime<Utc>)>;
/// A title at an instant of a source.
type Slot = (i32, DateTime<Utc>, i32);
/// The first and the last instant of some rows: partitions outside are not looked into.
type Period = (DateTime<Utc>, DateTime<Utc>);

/// A row that is stored in a slot, with its page.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Claim {
    mal_id: i32,
    captured_at: DateTime<Utc>,
    run_id: i32,
    source_id: i32,
    position: i32,
    epoch: i64,
    seq: i64,
    judged_at: DateTime<Utc>,
    page: i32,
    received: i32,
    row_limit: i32,
    is_row_replay: bool,
}

impl Claim {
    /// Its key within its run.
    pub(super) fn key(&self) -> (i32, DateTime<Utc>, i32) {
        (self.mal_id, self.captured_at, self.run_id)
    }

    fn slot(&self) -> Slot {
        (self.mal_id, self.captured_at, self.source_id)
    }

    /// The message it came in.
    pub(super) fn raw(&self) -> RawPosition {
        (self.epoch, self.seq)
    }

    /// Its rank within its run.
    pub(super) fn place_rank(&self) -> PlaceRank {
        let extent = Extent::new(self.received, self.row_limit, self.is_row_replay);
        let origin = Origin { epoch: self.epoch, seq: self.seq, judged_at: self.judged_at };
        (Reverse(self.page), extent, Reverse(self.position.into()), origin)
    }
}

/// The instants at which a source has been captured by more than one run.
pub(super) async fn shared_instants(
    session: &mut PgConnection,
    instants: &BTreeSet<Instant>,
) -> Result<SharedInstants, DbError> {
    let mut runs: BTreeMap<(i32, DateTime<Utc>), i32> = BTreeMap::new();
    let mut shared = SharedInstants::new();
    for &(source_id, captured_at, run_id) in instants {
        if runs.insert((source_id, captured_at), run_id).is_some() {
            shared.insert((source_id, captured_at));
        }
    }
    let runs: Vec<_> = runs.into_iter().filter(|(instant, _)| !shared.contains(instant)).collect();
    let others: Vec<(i32, DateTime<Utc>)> = sqlx::query_as(
        "select i.source_id, i.captured_at
         from unnest($1::int[], $2::timestamptz[], $3::int[]) as i(source_id, captured_at, run_id)
         where exists (
             select from page p
             where p.source_id = i.source_id and p.captured_at = i.captured_at and p.run_id <> i.run_id
         )",
    )
    .bind(column(&runs, |((source_id, _), _)| *source_id))
    .bind(column(&runs, |((_, captured_at), _)| *captured_at))
    .bind(column(&runs, |(_, run_id)| *run_id))
    .fetch_all(session)
    .await
    .map_err(DbError::ours("look up captures of one instant"))?;
    shared.extend(others);
    Ok(shared)
}

/// Decides who owns the slots of these claims, and makes their days again.
pub(super) async fn settle(
    session: &mut PgConnection,
    catalogue: &str,
    claims: &[Claim],
    newest: Option<NaiveDate>,
) -> Result<(), DbError> {
    let slots: BTreeSet<Slot> = claims.iter().map(Claim::slot).collect();
    let instants = || slots.iter().map(|slot| slot.1);
    let (Some(from), Some(to)) = (instants().min(), instants().max()) else { return Ok(()) };
    choose(session, catalogue, &slots, (from, to)).await?;
    let days = slots.iter().map(|&(title, at, _)| (title, at.date_naive())).collect();
    lines::make(session, catalogue, &days, newest).await
}

/// The other rows in the slots of these. Those of this batch are of other runs, so their rank, which is told by pages that are
/// not written yet, does not matter.
pub(super) async fn other_claims<R: Observed>(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[&StagedRow<'_, R>],
) -> Result<Vec<Claim>, DbError> {
    let instants = || rows.iter().map(|row| row.page.captured_at);
    sqlx::query_as(
        "select o.mal_id, o.captured_at, o.run_id, o.source_id, o.position, o.epoch, o.seq, o.judged_at,
             coalesce(p.page, 0) as page, coalesce(p.received, 0) as received, coalesce(p.row_limit, 0) as row_limit,
             p.replay_row is not null as is_row_replay
         from unnest($2::int[], $3::timestamptz[], $4::int[], $5::int[], $6::bigint[], $7::bigint[], $8::timestamptz[])
             as i(mal_id, captured_at, source_id, run_id, epoch, seq, judged_at)
         cross join lateral (
             select * from observation o
             where o.catalogue = $1 and o.mal_id = i.mal_id and o.captured_at = i.captured_at
                 and o.captured_at between $9 and $10 and o.source_id = i.source_id
                 and (o.run_id, o.epoch, o.seq, o.judged_at) <> (i.run_id, i.epoch, i.seq, i.judged_at)
             offset 0
         ) o
         left join lateral (select * from page p where p.epoch = o.epoch and p.seq = o.seq offset 0) p on true",
    )
    .bind(catalogue)
    .bind(column(rows, |row| row.row.mal_id()))
    .bind(column(rows, |row| row.page.captured_at))
    .bind(column(rows, |row| row.source_id))
    .bind(column(rows, |row| row.run_id))
    .bind(column(rows, |row| row.page.origin.epoch))
    .bind(column(rows, |row| row.page.origin.seq))
    .bind(column(rows, |row| row.page.origin.judged_at))
    .bind(instants().min())
    .bind(instants().max())
    .fetch_all(session)
    .await
    .map_err(DbError::ours("look up who else observed these titles"))
}

/// Decides anew which run's row owns each slot.
///
/// Written as an upsert of rows that are all there: an `update … from` leaves the planner the choice to read the month
/// once per row, which it takes as long as it has no statistics. (`offset 0` takes that choice away from a join.)
async fn choose(
    session: &mut PgConnection,
    catalogue: &str,
    slots: &BTreeSet<Slot>,
    (from, to): Period,
) -> Result<(), DbError> {
    sqlx::query(
        "insert into observation as o (catalogue, mal_id, captured_at, run_id, source_id, position, members, favorites, epoch,
             seq, judged_at, owner)
         select catalogue, mal_id, captured_at, run_id, source_id, position, members, favorites, epoch, seq, judged_at, wins
         from (
             select o.*, row_number() over (
                 partition by o.mal_id, o.captured_at, o.source_id order by o.epoch desc, o.seq desc, o.judged_at desc
             ) = 1 as wins
             from unnest($2::int[], $3::timestamptz[], $4::int[]) as s(mal_id, captured_at, source_id)
             cross join lateral (
                 select * from observation o
                 where o.catalogue = $1 and o.mal_id = s.mal_id and o.captured_at = s.captured_at
                     and o.source_id = s.source_id and o.captured_at between $5 and $6 offset 0
             ) o
         ) ranked
         where owner <> wins
         order by mal_id, captured_at, run_id
         on conflict (catalogue, mal_id, captured_at, run_id) do update set owner = excluded.owner",
    )
    .bind(catalogue)
    .bind(slots.iter().map(|slot| slot.0).collect::<Vec<_>>())
    .bind(slots.iter().map(|slot| slot.1).collect::<Vec<_>>())
    .bind(slots.iter().map(|slot| slot.2).collect::<Vec<_>>())
    .bind(from)
    .bind(to)
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::ours("choose the owners of observations"))
}
