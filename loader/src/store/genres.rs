//! `genre_observation`: how many titles each genre had.

use std::{cmp::Reverse, collections::BTreeSet};

use chrono::{DateTime, Utc};
use kansoku_schemas::GenreRow;
use sqlx::PgConnection;

use super::{column, observations::Ownership};
use crate::{db_error::DbError, staged::StagedRow, winner::winners};

/// Writes the genres and decides who owns each slot.
pub(super) async fn write(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[StagedRow<'_, GenreRow>],
) -> Result<Ownership, DbError> {
    let mut result = Ownership::default();
    if rows.is_empty() {
        return Ok(result);
    }
    let best = winners(rows.iter().map(|row| {
        let key = (row.row.mal_id, row.page.captured_at, row.run_id);
        (key, (Reverse(row.position), row.origin()), row)
    }));
    let best: Vec<_> = best.into_iter().map(|(_, row)| row).collect();
    for row in &best {
        *result.owned.entry((row.page.origin.epoch, row.page.origin.seq)).or_default() += 1;
    }
    let before: Vec<(i64, i64)> = sqlx::query_as(
        "with incoming as materialized (
             select * from unnest($2::int[], $3::timestamptz[], $4::int[], $5::int[], $6::bigint[], $7::bigint[], $8::text[],
                 $9::text[], $10::bigint[], $11::bigint[], $12::timestamptz[])
                 as i(genre_id, captured_at, run_id, source_id, position, titles, name, url, epoch, seq, judged_at)
         ), before as (
             select distinct g.epoch, g.seq from incoming i
             join genre_observation g on g.catalogue = $1 and g.genre_id = i.genre_id and g.captured_at = i.captured_at
                 and g.source_id = i.source_id
         ), written as (
             insert into genre_observation as g (catalogue, genre_id, captured_at, run_id, source_id, position, titles, name,
                 url, epoch, seq, judged_at)
             select $1, genre_id, captured_at, run_id, source_id, position::int, titles::int, name, url, epoch, seq, judged_at
             from incoming
             on conflict (catalogue, genre_id, captured_at, run_id) do update set
                 source_id = excluded.source_id, position = excluded.position, titles = excluded.titles,
                 name = excluded.name, url = excluded.url, epoch = excluded.epoch, seq = excluded.seq,
                 judged_at = excluded.judged_at
             where (-excluded.position, excluded.epoch, excluded.seq, excluded.judged_at)
                 > (-g.position, g.epoch, g.seq, g.judged_at)
         )
         select epoch, seq from before",
    )
    .bind(catalogue)
    .bind(column(&best, |row| row.row.mal_id))
    .bind(column(&best, |row| row.page.captured_at))
    .bind(column(&best, |row| row.run_id))
    .bind(column(&best, |row| row.source_id))
    .bind(column(&best, |row| row.position))
    .bind(column(&best, |row| row.row.count))
    .bind(column(&best, |row| row.row.name.as_str()))
    .bind(column(&best, |row| row.row.url.as_str()))
    .bind(column(&best, |row| row.page.origin.epoch))
    .bind(column(&best, |row| row.page.origin.seq))
    .bind(column(&best, |row| row.page.origin.judged_at))
    .fetch_all(&mut *session)
    .await
    .map_err(DbError::upstream("write genres"))?;
    let slots: BTreeSet<_> =
        best.iter().map(|row| (row.row.mal_id, row.page.captured_at, row.source_id)).collect();
    if !before.is_empty() || slots.len() < best.len() {
        choose_owners(session, catalogue, &slots).await?;
        let own = best.iter().map(|row| (row.page.origin.epoch, row.page.origin.seq));
        result.contested = before.into_iter().chain(own).collect();
    }
    Ok(result)
}

/// Decides anew which run's row owns each slot.
async fn choose_owners(
    session: &mut PgConnection,
    catalogue: &str,
    slots: &BTreeSet<(i32, DateTime<Utc>, i32)>,
) -> Result<(), DbError> {
    sqlx::query(
        "update genre_observation g set owner = r.wins
         from (
             select g.genre_id, g.captured_at, g.run_id, g.owner, row_number() over (
                 partition by g.genre_id, g.captured_at, g.source_id order by g.epoch desc, g.seq desc, g.judged_at desc
             ) = 1 as wins
             from unnest($2::int[], $3::timestamptz[], $4::int[]) as s(genre_id, captured_at, source_id)
             join genre_observation g on g.catalogue = $1 and g.genre_id = s.genre_id and g.captured_at = s.captured_at
                 and g.source_id = s.source_id
         ) r
         where g.catalogue = $1 and g.genre_id = r.genre_id and g.captured_at = r.captured_at and g.run_id = r.run_id
             and r.owner <> r.wins",
    )
    .bind(catalogue)
    .bind(slots.iter().map(|slot| slot.0).collect::<Vec<_>>())
    .bind(slots.iter().map(|slot| slot.1).collect::<Vec<_>>())
    .bind(slots.iter().map(|slot| slot.2).collect::<Vec<_>>())
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::ours("choose the owners of genres"))
}
