//! `anime` and its tags: the newest facts win, and bring their links with them.
//!
//! Facts hardly ever change, but the newest capture has to be known, so that no older one takes their place. So each row
//! has a digest of its facts: where it is the same, only the capture's rank is noted, and the facts stay where they are.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use chrono::{DateTime, Utc};
use kansoku_schemas::{Anime, HistoryRow, SnapshotRow};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};

use super::{column, tags};
use crate::{
    db_error::DbError,
    staged::StagedRow,
    winner::{Origin, winners},
};

type Row<'a> = StagedRow<'a, SnapshotRow>;

/// Writes titles, tags and links.
pub(super) async fn write(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[Row<'_>],
) -> Result<(), DbError> {
    if rows.is_empty() {
        return Ok(());
    }
    tags::write_names(session, catalogue, rows).await?;
    let best = winners(rows.iter().map(|row| (row.row.anime.mal_id, row.facts_rank(), row)));
    let best: Vec<_> = best.into_iter().map(|(_, row)| row).collect();
    let changed: HashSet<i32> = note_ranks(session, catalogue, &best).await?.into_iter().collect();
    let changed: Vec<_> = best.into_iter().filter(|row| changed.contains(&row.row.anime.mal_id)).collect();
    if changed.is_empty() {
        return Ok(());
    }
    write_facts(session, catalogue, &changed).await?;
    make_names(session, catalogue, &column(&changed, |row| row.row.anime.mal_id)).await?;
    tags::write_links(session, catalogue, &changed).await
}

/// A digest of all that `anime` and its links keep of a title. Another version of the compiler may give another one: then
/// the facts are written once more.
fn digest(anime: &Anime) -> i64 {
    let Anime { mal_id, url, title, title_english, title_japanese, synonyms, kind, source, episodes, .. } =
        anime;
    let Anime { status, airing, aired_from, aired_from_precision, aired_to, duration, rating, .. } = anime;
    let Anime { season, year, broadcast, image, .. } = anime;
    let mut hasher = DefaultHasher::new();
    (mal_id, url, title, title_english, title_japanese, synonyms, kind, source, episodes).hash(&mut hasher);
    (status, airing, aired_from, aired_from_precision, aired_to, duration, rating).hash(&mut hasher);
    (season, year, broadcast, image).hash(&mut hasher);
    tags::of(anime).for_each(|(kind, tag)| (kind, tag.mal_id).hash(&mut hasher));
    hasher.finish().cast_signed()
}

/// Notes the rank of newer captures whose facts are those that are stored; says which titles have others, or none.
///
/// A loader of an older version raises `seq` and leaves the digest alone: it counts only where `digest_seq` agrees.
async fn note_ranks(
    session: &mut PgConnection,
    catalogue: &str,
    best: &[&Row<'_>],
) -> Result<Vec<i32>, DbError> {
    sqlx::query_scalar(
        "with incoming as materialized (
             select a.ctid as id, i.*, a.mal_id is null or a.name_only as missing,
                 a.digest = i.digest and a.digest_seq = a.seq as same,
                 (i.facts_at, i.epoch, i.seq, -i.position, i.judged_at)
                     > (a.facts_at, a.epoch, a.seq, -a.position, a.judged_at) as newer
             from unnest($2::int[], $3::bigint[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::bigint[],
                 $8::timestamptz[]) as i(mal_id, digest, facts_at, epoch, seq, position, judged_at)
             left join lateral (
                 select ctid, * from anime a where a.catalogue = $1 and a.mal_id = i.mal_id offset 0
             ) a on true
         ), noted as (
             update anime a set facts_at = i.facts_at, epoch = i.epoch, seq = i.seq, position = i.position,
                 judged_at = i.judged_at, digest_seq = i.seq
             from incoming i
             where a.ctid = i.id and not i.missing and i.newer and i.same
         )
         select mal_id from incoming where missing or newer and same is not true",
    )
    .bind(catalogue)
    .bind(column(best, |row| row.row.anime.mal_id))
    .bind(column(best, |row| digest(&row.row.anime)))
    .bind(column(best, |row| row.page.captured_at))
    .bind(column(best, |row| row.page.origin.epoch))
    .bind(column(best, |row| row.page.origin.seq))
    .bind(column(best, |row| row.position))
    .bind(column(best, |row| row.page.origin.judged_at))
    .fetch_all(session)
    .await
    .map_err(DbError::ours("note the newest captures of titles"))
}

/// The facts of a title and whose they are, by the names of their columns (but `source`).
#[derive(Serialize)]
struct Facts<'a> {
    #[serde(flatten)]
    anime: &'a Anime,
    digest: i64,
    facts_at: DateTime<Utc>,
    #[serde(flatten)]
    origin: Origin,
    position: i64,
}

impl<'a> Facts<'a> {
    fn of(row: &Row<'a>) -> Self {
        let (anime, page) = (&row.row.anime, row.page);
        let (facts_at, origin, position) = (page.captured_at, page.origin, row.position);
        Self { anime, digest: digest(anime), facts_at, origin, position }
    }
}

/// Writes the newest facts.
async fn write_facts(session: &mut PgConnection, catalogue: &str, rows: &[&Row<'_>]) -> Result<(), DbError> {
    sqlx::query(
        "insert into anime as a (catalogue, mal_id, title, title_english, title_japanese, synonyms, type, source_material,
             episodes, status, airing, aired_from, aired_from_precision, aired_to, duration, rating, season, year, broadcast,
             image, url, digest, digest_seq, facts_at, epoch, seq, position, judged_at)
         select $1, mal_id, title, title_english, title_japanese, synonyms, type, source, episodes, status, airing,
             aired_from, aired_from_precision, aired_to, duration, rating, season, year, broadcast, image, url, digest, seq,
             facts_at, epoch, seq, position, judged_at
         from jsonb_to_recordset($2) as i(mal_id int, title text, title_english text, title_japanese text, synonyms text[],
             type text, source text, episodes int, status text, airing bool, aired_from date,
             aired_from_precision text, aired_to date, duration text, rating text, season text, year int, broadcast text,
             image text, url text, digest bigint, facts_at timestamptz, epoch bigint, seq bigint, position int,
             judged_at timestamptz)
         on conflict (catalogue, mal_id) do update set
             title = excluded.title, title_english = excluded.title_english, title_japanese = excluded.title_japanese,
             synonyms = excluded.synonyms, type = excluded.type, source_material = excluded.source_material,
             episodes = excluded.episodes, status = excluded.status, airing = excluded.airing,
             aired_from = excluded.aired_from, aired_from_precision = excluded.aired_from_precision,
             aired_to = excluded.aired_to, duration = excluded.duration, rating = excluded.rating,
             season = excluded.season, year = excluded.year, broadcast = excluded.broadcast, image = excluded.image,
             url = excluded.url, digest = excluded.digest, digest_seq = excluded.digest_seq, facts_at = excluded.facts_at,
             epoch = excluded.epoch, seq = excluded.seq, position = excluded.position, judged_at = excluded.judged_at,
             name_only = false",
    )
    .bind(catalogue)
    .bind(Json(column(rows, |row| Facts::of(row))))
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::upstream("write titles"))
}

/// Writes the newest names that histories give to titles which no capture has shown.
pub(super) async fn write_names(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[StagedRow<'_, HistoryRow>],
) -> Result<(), DbError> {
    let named = rows.iter().filter_map(|row| Some((row, row.row.title.as_deref()?)));
    let best = winners(named.map(|(row, title)| (row.row.mal_id, row.facts_rank(), (row, title))));
    if best.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into anime as a (catalogue, mal_id, title, name_only, facts_at, epoch, seq, position, judged_at)
         select $1, mal_id, title, true, facts_at, epoch, seq, position::int, judged_at
         from unnest($2::int[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::bigint[], $8::timestamptz[])
             as i(mal_id, title, facts_at, epoch, seq, position, judged_at)
         on conflict (catalogue, mal_id) do update set
             title = excluded.title, facts_at = excluded.facts_at, epoch = excluded.epoch, seq = excluded.seq,
             position = excluded.position, judged_at = excluded.judged_at
         where a.name_only and (excluded.facts_at, excluded.epoch, excluded.seq, -excluded.position, excluded.judged_at)
             > (a.facts_at, a.epoch, a.seq, -a.position, a.judged_at)",
    )
    .bind(catalogue)
    .bind(column(&best, |(id, _)| *id))
    .bind(column(&best, |(_, (_, title))| *title))
    .bind(column(&best, |(_, (row, _))| row.page.captured_at))
    .bind(column(&best, |(_, (row, _))| row.page.origin.epoch))
    .bind(column(&best, |(_, (row, _))| row.page.origin.seq))
    .bind(column(&best, |(_, (row, _))| row.position))
    .bind(column(&best, |(_, (row, _))| row.page.origin.judged_at))
    .execute(&mut *session)
    .await
    .map_err(DbError::upstream("write names of titles"))?;
    make_names(session, catalogue, &column(&best, |(id, _)| *id)).await
}

/// Makes the names that the search knows again.
async fn make_names(session: &mut PgConnection, catalogue: &str, titles: &[i32]) -> Result<(), DbError> {
    sqlx::query("select make_title_names($1, $2)")
        .bind(catalogue)
        .bind(titles)
        .execute(session)
        .await
        .map(drop)
        .map_err(DbError::upstream("write the names of titles"))
}
