//! Slots (title, instant, source) that several rows claim: who wins is decided from all the rows that are there, and what
//! follows from it is made again.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::column;
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
) -> Result<(), DbError> {
    let slots: BTreeSet<Slot> = claims.iter().map(Claim::slot).collect();
    let instants = || slots.iter().map(|slot| slot.1);
    let (Some(from), Some(to)) = (instants().min(), instants().max()) else { return Ok(()) };
    choose(session, catalogue, &slots, (from, to)).await?;
    let days = slots.iter().map(|&(title, at, source)| (title, at.date_naive(), source)).collect();
    make_daily(session, catalogue, &days).await
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

/// Makes the last observation of each title, day and source again.
async fn make_daily(
    session: &mut PgConnection,
    catalogue: &str,
    days: &BTreeSet<(i32, NaiveDate, i32)>,
) -> Result<(), DbError> {
    let by_day = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let from = days.iter().map(|key| key.1).min().map(by_day);
    let to = days.iter().map(|key| key.1).max().map(|day| by_day(day) + TimeDelta::days(1));
    sqlx::query(
        "insert into observation_daily as d (catalogue, mal_id, day, source_id, captured_at, run_id, score, scored_by,
             rank, popularity, members, favorites, epoch, seq)
         select $1, t.mal_id, t.day, t.source_id, o.captured_at, o.run_id, o.score, o.scored_by, o.rank, o.popularity,
             o.members, o.favorites, o.epoch, o.seq
         from unnest($2::int[], $3::date[], $4::int[], $5::timestamptz[]) as t(mal_id, day, source_id, midnight)
         cross join lateral (
             select * from observation o
             where o.catalogue = $1 and o.mal_id = t.mal_id and o.source_id = t.source_id and o.owner
                 and o.captured_at >= t.midnight and o.captured_at < t.midnight + interval '24 hours'
                 and o.captured_at >= $6 and o.captured_at < $7
             order by o.captured_at desc limit 1
         ) o
         on conflict (catalogue, mal_id, day, source_id) do update set
             captured_at = excluded.captured_at, run_id = excluded.run_id, score = excluded.score,
             scored_by = excluded.scored_by, rank = excluded.rank, popularity = excluded.popularity,
             members = excluded.members, favorites = excluded.favorites, epoch = excluded.epoch, seq = excluded.seq
         where (d.captured_at, d.run_id, d.score, d.scored_by, d.rank, d.popularity, d.members, d.favorites, d.epoch, d.seq)
             is distinct from (excluded.captured_at, excluded.run_id, excluded.score, excluded.scored_by, excluded.rank,
             excluded.popularity, excluded.members, excluded.favorites, excluded.epoch, excluded.seq)",
    )
    .bind(catalogue)
    .bind(days.iter().map(|key| key.0).collect::<Vec<_>>())
    .bind(days.iter().map(|key| key.1).collect::<Vec<_>>())
    .bind(days.iter().map(|key| key.2).collect::<Vec<_>>())
    .bind(days.iter().map(|key| by_day(key.1)).collect::<Vec<_>>())
    .bind(from)
    .bind(to)
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::ours("make the daily observations"))
}
