//! `anime` and its tags: the newest facts win, and bring their links with them.

use std::collections::BTreeSet;

use kansoku_schemas::{Anime, Named, SnapshotRow};
use sqlx::PgConnection;

use super::{array_literal, column};
use crate::{
    candidate::Candidate,
    champions::champions,
    fault::{Fault, Part},
};

type Row<'a> = Candidate<'a, SnapshotRow>;

/// The tags of a title, each with its kind.
fn tags(anime: &Anime) -> impl Iterator<Item = (&'static str, &Named)> {
    let kinds = [
        ("genre", &anime.genres),
        ("explicit_genre", &anime.explicit_genres),
        ("theme", &anime.themes),
        ("demographic", &anime.demographics),
        ("studio", &anime.studios),
    ];
    kinds.into_iter().flat_map(|(kind, named)| named.iter().map(move |tag| (kind, tag)))
}

/// Writes titles, tags and links.
pub(super) async fn write(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[Row<'_>],
) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    write_tags(session, catalogue, rows).await?;
    let best = champions(rows.iter().map(|row| (row.row.anime.mal_id, row.facts_rank(), row)));
    let best: Vec<_> = best.into_iter().map(|(_, row)| row).collect();
    let changed: BTreeSet<i32> = write_titles(session, catalogue, &best).await?.into_iter().collect();
    let changed: Vec<_> = best.into_iter().filter(|row| changed.contains(&row.row.anime.mal_id)).collect();
    write_links(session, catalogue, &changed).await
}

/// The links of a title, each once, sorted.
fn links(anime: &Anime) -> BTreeSet<(&'static str, i32)> {
    tags(anime).map(|(kind, tag)| (kind, tag.mal_id)).collect()
}

/// The links of a title in one line.
fn line_of_links(anime: &Anime) -> String {
    let links: Vec<String> = links(anime).into_iter().map(|(kind, id)| format!("{kind}:{id}")).collect();
    links.join(" ")
}

/// Writes the newest facts; says whose links they change.
async fn write_titles(
    session: &mut PgConnection,
    catalogue: &str,
    best: &[&Row<'_>],
) -> Result<Vec<i32>, Fault> {
    // A query inside `returning` sees the row as it was before the statement.
    let written: Vec<(i32, bool)> = sqlx::query_as(
        "insert into anime as a (catalogue, mal_id, title, title_english, title_japanese, synonyms, type, source_material,
             episodes, status, airing, aired_from, aired_from_precision, aired_to, duration, rating, season, year, broadcast,
             image, url, links, facts_at, epoch, seq, position, judged_at)
         select $1, mal_id, title, title_english, title_japanese, synonyms::text[], type, source_material, episodes::int,
             status, airing, aired_from, aired_from_precision, aired_to, duration, rating, season, year::int, broadcast,
             image, url, links, facts_at, epoch, seq, position::int, judged_at
         from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
             $10::text[], $11::bool[], $12::date[], $13::text[], $14::date[], $15::text[], $16::text[], $17::text[],
             $18::bigint[], $19::text[], $20::text[], $21::text[], $22::text[], $23::timestamptz[], $24::bigint[],
             $25::bigint[], $26::bigint[], $27::timestamptz[])
             as i(mal_id, title, title_english, title_japanese, synonyms, type, source_material, episodes, status, airing,
             aired_from, aired_from_precision, aired_to, duration, rating, season, year, broadcast, image, url, links,
             facts_at, epoch, seq, position, judged_at)
         on conflict (catalogue, mal_id) do update set
             title = excluded.title, title_english = excluded.title_english, title_japanese = excluded.title_japanese,
             synonyms = excluded.synonyms, type = excluded.type, source_material = excluded.source_material,
             episodes = excluded.episodes, status = excluded.status, airing = excluded.airing,
             aired_from = excluded.aired_from, aired_from_precision = excluded.aired_from_precision,
             aired_to = excluded.aired_to, duration = excluded.duration, rating = excluded.rating,
             season = excluded.season, year = excluded.year, broadcast = excluded.broadcast, image = excluded.image,
             url = excluded.url, links = excluded.links, facts_at = excluded.facts_at, epoch = excluded.epoch, seq = excluded.seq,
             position = excluded.position, judged_at = excluded.judged_at, name_only = false
         where a.name_only or (excluded.facts_at, excluded.epoch, excluded.seq, -excluded.position, excluded.judged_at)
             > (a.facts_at, a.epoch, a.seq, -a.position, a.judged_at)
         returning mal_id, links is distinct from
             (select before.links from anime before where before.catalogue = $1 and before.mal_id = a.mal_id)",
    )
    .bind(catalogue)
    .bind(column(best, |row| row.row.anime.mal_id))
    .bind(column(best, |row| row.row.anime.title.clone()))
    .bind(column(best, |row| row.row.anime.title_english.clone()))
    .bind(column(best, |row| row.row.anime.title_japanese.clone()))
    .bind(column(best, |row| array_literal(&row.row.anime.synonyms)))
    .bind(column(best, |row| row.row.anime.kind.clone()))
    .bind(column(best, |row| row.row.anime.source.clone()))
    .bind(column(best, |row| row.row.anime.episodes.map(i64::from)))
    .bind(column(best, |row| row.row.anime.status.clone()))
    .bind(column(best, |row| row.row.anime.airing))
    .bind(column(best, |row| row.row.anime.aired_from))
    .bind(column(best, |row| row.row.anime.aired_from_precision.map(|precision| precision.to_string())))
    .bind(column(best, |row| row.row.anime.aired_to))
    .bind(column(best, |row| row.row.anime.duration.clone()))
    .bind(column(best, |row| row.row.anime.rating.clone()))
    .bind(column(best, |row| row.row.anime.season.clone()))
    .bind(column(best, |row| row.row.anime.year.map(i64::from)))
    .bind(column(best, |row| row.row.anime.broadcast.clone()))
    .bind(column(best, |row| row.row.anime.image.clone()))
    .bind(column(best, |row| row.row.anime.url.clone()))
    .bind(column(best, |row| line_of_links(&row.row.anime)))
    .bind(column(best, |row| row.page.captured_at))
    .bind(column(best, |row| row.page.origin.epoch))
    .bind(column(best, |row| row.page.origin.seq))
    .bind(column(best, |row| row.position))
    .bind(column(best, |row| row.page.origin.judged_at))
    .fetch_all(session)
    .await
    .map_err(|error| Fault::new(Part::Rows, "write titles", error))?;
    Ok(written.into_iter().filter_map(|(title, changed)| changed.then_some(title)).collect())
}

/// Writes the newest names of tags.
async fn write_tags(session: &mut PgConnection, catalogue: &str, rows: &[Row<'_>]) -> Result<(), Fault> {
    let seen = rows.iter().flat_map(|row| tags(&row.row.anime).map(move |(kind, tag)| (kind, tag, row)));
    let best = champions(
        seen.map(|(kind, tag, row)| ((kind, tag.mal_id), (row.facts_rank(), &tag.name), (tag, row))),
    );
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
    .map_err(|error| Fault::new(Part::Rows, "write tags", error))
}

/// Replaces the links of titles, touching only those that differ.
async fn write_links(session: &mut PgConnection, catalogue: &str, changed: &[&Row<'_>]) -> Result<(), Fault> {
    if changed.is_empty() {
        return Ok(());
    }
    let own = |anime: &Anime| {
        links(anime).into_iter().map(|(kind, id)| (anime.mal_id, kind, id)).collect::<Vec<_>>()
    };
    let links: Vec<_> = changed.iter().flat_map(|row| own(&row.row.anime)).collect();
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
    .bind(column(changed, |row| row.row.anime.mal_id))
    .bind(column(&links, |link| link.0))
    .bind(column(&links, |link| link.1))
    .bind(column(&links, |link| link.2))
    .execute(session)
    .await
    .map(drop)
    .map_err(|error| Fault::new(Part::Rows, "write links of titles", error))
}
