//! `anime` where no capture has shown a title yet: the name that a history gives it, and nothing else.

use kansoku_schemas::HistoryRow;
use sqlx::PgConnection;

use super::column;
use crate::{
    candidate::Candidate,
    champions::champions,
    fault::{Fault, Part},
};

/// Writes the newest names. What a capture told of a title stays as it is.
pub(super) async fn write(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[Candidate<'_, HistoryRow>],
) -> Result<(), Fault> {
    let named = rows.iter().filter_map(|row| Some((row, row.row.title.as_deref()?)));
    let best = champions(named.map(|(row, title)| (row.row.mal_id, row.facts_rank(), (row, title))));
    if best.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into anime as a (catalogue, mal_id, title, links, name_only, facts_at, epoch, seq, position, judged_at)
         select $1, mal_id, title, '', true, facts_at, epoch, seq, position::int, judged_at
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
    .execute(session)
    .await
    .map(drop)
    .map_err(|error| Fault::new(Part::Rows, "write names of titles", error))
}
