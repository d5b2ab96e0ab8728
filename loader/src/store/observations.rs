//! `observation`, what is derived from it, and the ranking.

use std::{cmp::Reverse, collections::BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use kansoku_schemas::SnapshotRow;
use sqlx::PgConnection;

use super::column;
use crate::{
    candidate::Candidate,
    champions::champions,
    fault::{Fault, Part},
    numbers::Observed,
};

/// The RAW positions of pages whose counts have to be made again.
pub(super) type Touched = BTreeSet<(i64, i64)>;

/// Writes the observations, then what is derived from them; says which pages lost or regained an observation.
pub(super) async fn write<R: Observed>(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[Candidate<'_, R>],
) -> Result<Touched, Fault> {
    let (Some(from), Some(to)) = (
        rows.iter().map(|row| row.page.captured_at).min(),
        rows.iter().map(|row| row.page.captured_at).max(),
    ) else {
        return Ok(Touched::new());
    };
    let best = champions(rows.iter().map(|row| {
        let key = (row.row.mal_id(), row.page.captured_at, row.run_id);
        (key, (Reverse(row.position), row.origin()), row)
    }));
    let best: Vec<_> = best.into_iter().map(|(_, row)| row).collect();
    let earlier = upsert(session, catalogue, &best, (from, to)).await?;
    let slots: BTreeSet<_> =
        best.iter().map(|row| (row.row.mal_id(), row.page.captured_at, row.source_id)).collect();
    if !earlier.is_empty() || slots.len() < best.len() {
        choose_owners(session, catalogue, &slots, (from, to)).await?;
    }
    let days: BTreeSet<_> =
        slots.iter().map(|&(title, at, source)| (title, at.date_naive(), source)).collect();
    make_daily(session, catalogue, &days).await?;
    Ok(earlier)
}

/// Upserts the rows; says which pages had an observation in any of their slots before.
async fn upsert<R: Observed>(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[&Candidate<'_, R>],
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Touched, Fault> {
    let numbers = column(rows, |row| row.row.numbers());
    let before: Vec<(i64, i64)> = sqlx::query_as(
        "with incoming as materialized (
             select * from unnest($2::int[], $3::timestamptz[], $4::int[], $5::int[], $6::bigint[], $7::float8[],
                 $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
                 $15::timestamptz[]) as i(mal_id, captured_at, run_id, source_id, position, score, scored_by, rank,
                 popularity, members, favorites, epoch, seq, judged_at)
         ), before as (
             select distinct o.epoch, o.seq from incoming i
             cross join lateral (
                 select * from observation o
                 where o.catalogue = $1 and o.mal_id = i.mal_id and o.captured_at = i.captured_at
                     and o.source_id = i.source_id and o.captured_at between $16 and $17 offset 0
             ) o
         ), written as (
             insert into observation as o (catalogue, mal_id, captured_at, run_id, source_id, position, score, scored_by,
                 rank, popularity, members, favorites, epoch, seq, judged_at)
             select $1, mal_id, captured_at, run_id, source_id, position::int, score::numeric(4, 2), scored_by::int,
                 rank::int, popularity::int, members::int, favorites::int, epoch, seq, judged_at
             from incoming
             on conflict (catalogue, mal_id, captured_at, run_id) do update set
                 source_id = excluded.source_id, position = excluded.position, score = excluded.score,
                 scored_by = excluded.scored_by, rank = excluded.rank, popularity = excluded.popularity,
                 members = excluded.members, favorites = excluded.favorites, epoch = excluded.epoch, seq = excluded.seq,
                 judged_at = excluded.judged_at
             where (-excluded.position, excluded.epoch, excluded.seq, excluded.judged_at)
                 > (-o.position, o.epoch, o.seq, o.judged_at)
         )
         select epoch, seq from before",
    )
    .bind(catalogue)
    .bind(column(rows, |row| row.row.mal_id()))
    .bind(column(rows, |row| row.page.captured_at))
    .bind(column(rows, |row| row.run_id))
    .bind(column(rows, |row| row.source_id))
    .bind(column(rows, |row| row.position))
    .bind(column(&numbers, |row| row.score))
    .bind(column(&numbers, |row| row.scored_by))
    .bind(column(&numbers, |row| row.rank.map(i64::from)))
    .bind(column(&numbers, |row| row.popularity.map(i64::from)))
    .bind(column(&numbers, |row| row.members))
    .bind(column(&numbers, |row| row.favorites))
    .bind(column(rows, |row| row.page.origin.epoch))
    .bind(column(rows, |row| row.page.origin.seq))
    .bind(column(rows, |row| row.page.origin.judged_at))
    .bind(from)
    .bind(to)
    .fetch_all(session)
    .await
    .map_err(|error| Fault::new(Part::Rows, "write observations", error))?;
    Ok(before.into_iter().collect())
}

/// Decides anew which run's row owns each slot.
///
/// Written as an upsert of rows that are all there: an `update … from` leaves the planner the choice to read the month
/// once per row, which it takes as long as it has no statistics. (`offset 0` takes that choice away from a join.)
async fn choose_owners(
    session: &mut PgConnection,
    catalogue: &str,
    slots: &BTreeSet<(i32, DateTime<Utc>, i32)>,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), Fault> {
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
    .map_err(|error| Fault::new(Part::Books, "choose the owners of observations", error))
}

/// Makes the last observation of each title, day and source again.
async fn make_daily(
    session: &mut PgConnection,
    catalogue: &str,
    days: &BTreeSet<(i32, NaiveDate, i32)>,
) -> Result<(), Fault> {
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
    .map_err(|error| Fault::new(Part::Books, "make the daily observations", error))
}

/// Writes the positions of ranked pages.
pub(super) async fn write_ranking(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[Candidate<'_, SnapshotRow>],
) -> Result<(), Fault> {
    let ranked = rows.iter().filter(|row| row.page.dataset.is_ranked());
    let best: Vec<_> = champions(ranked.map(|row| ((row.run_id, row.position), row.origin(), row)));
    if best.is_empty() {
        return Ok(());
    }
    let best: Vec<_> = best.into_iter().map(|(_, row)| row).collect();
    sqlx::query(
        "insert into ranking_position as r (catalogue, run_id, position, mal_id, epoch, seq, judged_at)
         select $1, i.run_id, i.position::int, i.mal_id, i.epoch, i.seq, i.judged_at
         from unnest($2::int[], $3::bigint[], $4::int[], $5::bigint[], $6::bigint[], $7::timestamptz[])
             as i(run_id, position, mal_id, epoch, seq, judged_at)
         on conflict (run_id, position) do update set
             catalogue = excluded.catalogue, mal_id = excluded.mal_id, epoch = excluded.epoch, seq = excluded.seq,
             judged_at = excluded.judged_at
         where (excluded.epoch, excluded.seq, excluded.judged_at) > (r.epoch, r.seq, r.judged_at)",
    )
    .bind(catalogue)
    .bind(column(&best, |row| row.run_id))
    .bind(column(&best, |row| row.position))
    .bind(column(&best, |row| row.row.anime.mal_id))
    .bind(column(&best, |row| row.page.origin.epoch))
    .bind(column(&best, |row| row.page.origin.seq))
    .bind(column(&best, |row| row.page.origin.judged_at))
    .execute(session)
    .await
    .map(drop)
    .map_err(|error| Fault::new(Part::Rows, "write rankings", error))
}
