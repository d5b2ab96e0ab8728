//! `tag` and `anime_tag`: genres, themes, demographics and studios by their newest names, and who has them.

use std::collections::BTreeSet;

use kansoku_schemas::{Anime, Named, SnapshotRow};
use sqlx::PgConnection;

use super::column;
use crate::{db_error::DbError, staged::StagedRow, winner::winners};

/// The tags of a title, each with its kind.
pub(super) fn of(anime: &Anime) -> impl Iterator<Item = (&'static str, &Named)> {
    let kinds = [
        ("genre", &anime.genres),
        ("explicit_genre", &anime.explicit_genres),
        ("theme", &anime.themes),
        ("demographic", &anime.demographics),
        ("studio", &anime.studios),
    ];
    kinds.into_iter().flat_map(|(kind, named)| named.iter().map(move |tag| (kind, tag)))
}

/// Writes the newest names.
pub(super) async fn write_names(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[StagedRow<'_, SnapshotRow>],
) -> Result<(), DbError> {
    let seen = rows.iter().flat_map(|row| of(&row.row.anime).map(move |(kind, tag)| (kind, tag, row)));
    let best =
        winners(seen.map(|(kind, tag, row)| ((kind, tag.mal_id), (row.facts_rank(), &tag.name), (tag, row))));
    sqlx::query(
        r#"insert into tag as t (catalogue, kind, mal_id, name, facts_at, epoch, seq, position, judged_at)
         select $1, kind, mal_id, name, facts_at, epoch, seq, position::int, judged_at
         from unnest($2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::bigint[], $7::bigint[], $8::bigint[],
             $9::timestamptz[]) as i(kind, mal_id, name, facts_at, epoch, seq, position, judged_at)
         on conflict (catalogue, kind, mal_id) do update set
             name = excluded.name, facts_at = excluded.facts_at, epoch = excluded.epoch, seq = excluded.seq,
             position = excluded.position, judged_at = excluded.judged_at
         where (excluded.facts_at, excluded.epoch, excluded.seq, -excluded.position, excluded.judged_at, excluded.name collate "C")
             > (t.facts_at, t.epoch, t.seq, -t.position, t.judged_at, t.name collate "C")"#,
    )
    .bind(catalogue)
    .bind(column(&best, |((kind, _), _)| *kind))
    .bind(column(&best, |((_, id), _)| *id))
    .bind(column(&best, |(_, (tag, _))| tag.name.as_str()))
    .bind(column(&best, |(_, (_, row))| row.page.captured_at))
    .bind(column(&best, |(_, (_, row))| row.page.origin.epoch))
    .bind(column(&best, |(_, (_, row))| row.page.origin.seq))
    .bind(column(&best, |(_, (_, row))| row.position))
    .bind(column(&best, |(_, (_, row))| row.page.origin.judged_at))
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::upstream("write tags"))
}

/// Replaces the links of these titles, touching only those that differ.
pub(super) async fn write_links(
    session: &mut PgConnection,
    catalogue: &str,
    titles: &[&StagedRow<'_, SnapshotRow>],
) -> Result<(), DbError> {
    let links: BTreeSet<(i32, &str, i32)> = titles
        .iter()
        .map(|row| &row.row.anime)
        .flat_map(|anime| of(anime).map(|(kind, tag)| (anime.mal_id, kind, tag.mal_id)))
        .collect();
    let links: Vec<_> = links.into_iter().collect();
    sqlx::query(
        "with wanted as materialized (
             select * from unnest($3::int[], $4::text[], $5::int[]) as w(anime_id, kind, tag_id)
         ), have as materialized (
             select t.anime_id, t.kind, t.tag_id
             from unnest($2::int[]) as r(anime_id)
             cross join lateral (
                 select * from anime_tag t where t.catalogue = $1 and t.anime_id = r.anime_id offset 0
             ) t
         ), gone as (
             delete from anime_tag where ctid = any (array(
                 select t.ctid from (select * from have except select * from wanted) as g
                 cross join lateral (
                     select ctid from anime_tag t where t.catalogue = $1 and t.anime_id = g.anime_id and t.kind = g.kind
                         and t.tag_id = g.tag_id offset 0
                 ) t
             ))
         )
         insert into anime_tag (catalogue, anime_id, kind, tag_id)
         select $1, n.anime_id, n.kind, n.tag_id
         from (select * from wanted except select * from have) as n
         order by n.anime_id, n.kind, n.tag_id",
    )
    .bind(catalogue)
    .bind(column(titles, |row| row.row.anime.mal_id))
    .bind(column(&links, |link| link.0))
    .bind(column(&links, |link| link.1))
    .bind(column(&links, |link| link.2))
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::upstream("write links of titles"))
}
