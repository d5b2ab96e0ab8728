//! `ranking_position`: who stands where in a ranked run.

use std::cmp::Reverse;

use kansoku_schemas::SnapshotRow;
use sqlx::PgConnection;

use super::column;
use crate::{db_error::DbError, staged::StagedRow, winner::winners};

/// Writes the positions of ranked pages. Where pages of a run overlap, since the upstream changed the rows of a page
/// meanwhile, the lower page keeps its places; of one page the message with more rows has them, then the later one.
pub(super) async fn write(
    session: &mut PgConnection,
    catalogue: &str,
    rows: &[StagedRow<'_, SnapshotRow>],
) -> Result<(), DbError> {
    let ranked = rows.iter().filter(|row| row.page.page.meta.dataset.is_ranked());
    let best: Vec<_> = winners(ranked.map(|row| {
        ((row.run_id, row.position), (Reverse(row.page.number), row.page.extent, row.origin()), row)
    }));
    if best.is_empty() {
        return Ok(());
    }
    let best: Vec<_> = best.into_iter().map(|(_, row)| row).collect();
    sqlx::query(
        "insert into ranking_position as r (catalogue, run_id, position, page, rows, mal_id, epoch, seq, judged_at)
         select $1, i.run_id, i.position::int, i.page, i.rows, i.mal_id, i.epoch, i.seq, i.judged_at
         from unnest($2::int[], $3::bigint[], $4::int[], $5::int[], $6::int[], $7::bigint[], $8::bigint[], $9::timestamptz[])
             as i(run_id, position, page, rows, mal_id, epoch, seq, judged_at)
         on conflict (run_id, position) do update set
             catalogue = excluded.catalogue, page = excluded.page, rows = excluded.rows, mal_id = excluded.mal_id,
             epoch = excluded.epoch, seq = excluded.seq, judged_at = excluded.judged_at
         where (-excluded.page, coalesce(excluded.rows, $10), excluded.epoch, excluded.seq, excluded.judged_at)
             > (-coalesce(r.page, excluded.page), coalesce(r.rows, $10), r.epoch, r.seq, r.judged_at)",
    )
    .bind(catalogue)
    .bind(column(&best, |row| row.run_id))
    .bind(column(&best, |row| row.position))
    .bind(column(&best, |row| row.page.number))
    .bind(column(&best, |row| row.page.extent.rows()))
    .bind(column(&best, |row| row.row.anime.mal_id))
    .bind(column(&best, |row| row.page.origin.epoch))
    .bind(column(&best, |row| row.page.origin.seq))
    .bind(column(&best, |row| row.page.origin.judged_at))
    .bind(i32::MAX)
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::upstream("write rankings"))
}
