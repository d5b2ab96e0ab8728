//! `observation`, and the lines of titles where nobody contests a row.
//!
//! Nearly every row is the first of its key and alone in its slot (title, instant, source): it is inserted, and is the last
//! one of its day and its title unless a later one is there. The others are settled by [`super::owners`], and days that
//! several sources observed are made by [`super::lines`].

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{Arguments as _, PgConnection, postgres::PgArguments};

use super::{
    column, lines,
    owners::{self, SharedInstants},
};
use crate::{
    db_error::DbError,
    numbers::Observed,
    staged::StagedRow,
    winner::{RawPosition, winners},
};

/// What written rows mean for the counts of pages.
#[derive(Debug, Default)]
pub(super) struct Ownership {
    /// How many observations each page of the batch owns, as long as none of them is contested.
    pub(super) owned: BTreeMap<RawPosition, i32>,
    /// Pages that have or had an observation in a contested slot: they are counted again.
    pub(super) contested: BTreeSet<RawPosition>,
}

impl Ownership {
    /// Adds the counts of other rows.
    pub(super) fn merge(&mut self, other: Self) {
        for (page, owned) in other.owned {
            *self.owned.entry(page).or_default() += owned;
        }
        self.contested.extend(other.contested);
    }
}

/// Writes the observations and what is derived from them; the `newest` day is that of all rows of the batch.
pub(super) async fn write<R: Observed>(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[StagedRow<'_, R>],
    shared: &SharedInstants,
    newest: Option<NaiveDate>,
) -> Result<Ownership, DbError> {
    let mut result = Ownership::default();
    if rows.is_empty() {
        return Ok(result);
    }
    let key = |row: &StagedRow<'_, R>| (row.row.mal_id(), row.page.captured_at, row.run_id);
    let best = winners(rows.iter().map(|row| (key(row), row.place_rank(), row)));
    let best: Vec<_> = best.into_iter().map(|(_, row)| row).collect();
    for row in &best {
        *result.owned.entry((row.page.origin.epoch, row.page.origin.seq)).or_default() += 1;
    }
    let (silent, telling): (Vec<_>, Vec<_>) = best.iter().copied().partition(|row| is_history(row));
    let mut taken: HashSet<_> = insert(session, catalogue, &telling, false).await?.into_iter().collect();
    taken.extend(insert(session, catalogue, &silent, true).await?);
    let day = |row: &&StagedRow<'_, R>| (row.row.mal_id(), row.page.captured_at.date_naive());
    lines::make(session, catalogue, &silent.iter().map(day).collect(), newest).await?;
    let days = telling.iter().map(|row| (row.row.mal_id(), row.page.captured_at.date_naive(), row.source_id));
    lines::make_shared(session, catalogue, &days.collect(), newest).await?;
    let contested: Vec<_> = best
        .into_iter()
        .filter(|row| taken.contains(&key(row)) || shared.contains(&(row.source_id, row.page.captured_at)))
        .collect();
    if contested.is_empty() {
        return Ok(result);
    }
    let claims = owners::other_claims(session, catalogue, &contested).await?;
    let stored: HashMap<_, _> = claims.iter().map(|claim| (claim.key(), claim.place_rank())).collect();
    let is_better =
        |row: &StagedRow<'_, R>| stored.get(&key(row)).is_some_and(|rank| row.place_rank() > *rank);
    let better: Vec<_> = contested.iter().copied().filter(|row| is_better(row)).collect();
    if !better.is_empty() {
        replace(session, catalogue, &better).await?;
    }
    if !claims.is_empty() {
        owners::settle(session, catalogue, &claims, newest).await?;
        let own = contested.iter().map(|row| (row.page.origin.epoch, row.page.origin.seq));
        result.contested = claims.iter().map(owners::Claim::raw).chain(own).collect();
    }
    Ok(result)
}

/// Whether a row is of a history, whose null says nothing; the tables tell by the source's name, too.
fn is_history<R>(row: &StagedRow<'_, R>) -> bool {
    row.page.page.meta.source.starts_with("csv:")
}

/// Rows as arguments of a statement that begins with the catalogue and reads [`incoming!`].
fn arguments<R: Observed>(catalogue: &str, rows: &[&StagedRow<'_, R>]) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    let numbers = column(rows, |row| row.row.numbers());
    let mut add = || {
        arguments.add(catalogue)?;
        arguments.add(column(rows, |row| row.row.mal_id()))?;
        arguments.add(column(rows, |row| row.page.captured_at))?;
        arguments.add(column(rows, |row| row.run_id))?;
        arguments.add(column(rows, |row| row.source_id))?;
        arguments.add(column(rows, |row| row.position))?;
        arguments.add(column(&numbers, |row| row.score))?;
        arguments.add(column(&numbers, |row| row.scored_by))?;
        arguments.add(column(&numbers, |row| row.rank))?;
        arguments.add(column(&numbers, |row| row.popularity))?;
        arguments.add(column(&numbers, |row| row.members))?;
        arguments.add(column(&numbers, |row| row.favorites))?;
        arguments.add(column(rows, |row| row.page.origin.epoch))?;
        arguments.add(column(rows, |row| row.page.origin.seq))?;
        arguments.add(column(rows, |row| row.page.origin.judged_at))
    };
    add().map_err(sqlx::Error::Encode)?;
    Ok(arguments)
}

/// The rows of [`arguments`] as a table, with the types of `observation`.
macro_rules! incoming {
    () => {
        "(select mal_id, captured_at, run_id, source_id, position::int, score::numeric(4, 2), scored_by::int, rank, popularity,
              members::int, favorites::int, epoch, seq, judged_at
          from unnest($2::int[], $3::timestamptz[], $4::int[], $5::int[], $6::bigint[], $7::float8[], $8::bigint[],
              $9::int[], $10::int[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::timestamptz[])
              as i(mal_id, captured_at, run_id, source_id, position, score, scored_by, rank, popularity, members, favorites,
              epoch, seq, judged_at))"
    };
}

/// The start of a statement that inserts the rows of [`arguments`] whose key is free.
macro_rules! written {
    () => {
        concat!(
            "with incoming as materialized ",
            incoming!(),
            ", written as (
                 insert into observation (catalogue, mal_id, captured_at, run_id, source_id, position, score, scored_by,
                     rank, popularity, members, favorites, epoch, seq, judged_at)
                 select $1, * from incoming
                 on conflict do nothing
                 returning mal_id, captured_at, run_id, source_id, score, scored_by, rank, popularity, members, favorites,
                     epoch, seq
             )"
        )
    };
}

/// Inserts the rows whose key is free, and says which keys were taken. Those that are not `silent` are made the last of their day
/// and its title, unless a later one is there or the day is another source's too.
async fn insert<R: Observed>(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[&StagedRow<'_, R>],
    silent: bool,
) -> Result<Vec<(i32, DateTime<Utc>, i32)>, DbError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let failed = DbError::upstream("write observations");
    let arguments = arguments(catalogue, rows).map_err(failed)?;
    let statement = if silent {
        concat!(
            written!(),
            " select mal_id, captured_at, run_id from incoming except select mal_id, captured_at, run_id from written"
        )
    } else {
        concat!(
            written!(),
            ", daily as (
                 insert into title_daily as d (catalogue, mal_id, day, source_id, captured_at, run_id, score, scored_by,
                     rank, popularity, members, favorites, epoch, seq)
                 select distinct on (mal_id, day) $1, mal_id, (captured_at at time zone 'UTC')::date as day, source_id,
                     captured_at, run_id, score, scored_by, rank, popularity, members, favorites, epoch, seq
                 from written
                 order by mal_id, day, captured_at desc, epoch desc, seq desc
                 on conflict (catalogue, mal_id, line, day) do update set
                     captured_at = excluded.captured_at, run_id = excluded.run_id, score = excluded.score,
                     scored_by = excluded.scored_by, rank = excluded.rank, popularity = excluded.popularity,
                     members = excluded.members, favorites = excluded.favorites, epoch = excluded.epoch, seq = excluded.seq
                 where excluded.captured_at > d.captured_at and d.sole and excluded.source_id = d.source_id
             ), latest as (
                 insert into title_latest as l (catalogue, line, mal_id, source_id, captured_at, score, scored_by, rank,
                     popularity, members, favorites, epoch, seq)
                 select distinct on (line, mal_id) $1, line, mal_id, source_id, captured_at, score, scored_by, rank, popularity,
                     members, favorites, epoch, seq
                 from (select 0 as line, * from written union all select source_id, * from written where is_shared($1)) lined
                 order by line, mal_id, captured_at desc, epoch desc, seq desc
                 on conflict (catalogue, line, mal_id) do update set
                     source_id = excluded.source_id, captured_at = excluded.captured_at, score = excluded.score,
                     scored_by = excluded.scored_by, rank = excluded.rank, popularity = excluded.popularity,
                     members = excluded.members, favorites = excluded.favorites, epoch = excluded.epoch, seq = excluded.seq
                 where (excluded.captured_at, excluded.epoch, excluded.seq) > (l.captured_at, l.epoch, l.seq)
             )
             select mal_id, captured_at, run_id from incoming except select mal_id, captured_at, run_id from written"
        )
    };
    sqlx::query_as_with(statement, arguments).fetch_all(session).await.map_err(failed)
}

/// Replaces the observations of the same title, instant and run.
async fn replace<R: Observed>(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[&StagedRow<'_, R>],
) -> Result<(), DbError> {
    let failed = DbError::upstream("replace observations");
    let arguments = arguments(catalogue, rows).map_err(failed)?;
    let statement = concat!(
        "insert into observation as o (catalogue, mal_id, captured_at, run_id, source_id, position, score, scored_by,
             rank, popularity, members, favorites, epoch, seq, judged_at)
         select $1, i.* from ",
        incoming!(),
        " as i
         on conflict (catalogue, mal_id, captured_at, run_id) do update set
             source_id = excluded.source_id, position = excluded.position, score = excluded.score,
             scored_by = excluded.scored_by, rank = excluded.rank, popularity = excluded.popularity,
             members = excluded.members, favorites = excluded.favorites, epoch = excluded.epoch, seq = excluded.seq,
             judged_at = excluded.judged_at"
    );
    sqlx::query_with(statement, arguments).execute(session).await.map(drop).map_err(failed)
}
