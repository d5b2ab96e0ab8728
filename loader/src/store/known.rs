//! What the tables know of the runs and pages of a batch, read in two queries.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kansoku_schemas::Page;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Store, column};
use crate::{
    db_error::DbError,
    winner::{Origin, RawPosition},
};

/// What is known of the runs and pages of a batch.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) runs: HashMap<Uuid, KnownRun>,
    /// The latest judgement of each message, by its position in RAW.
    pub(super) messages: HashMap<RawPosition, DateTime<Utc>>,
    /// The whole pages that are stored, by run and number.
    pub(super) rows: HashMap<(Uuid, i32), Vec<WholePage>>,
}

/// Where a page is in RAW, and its rows.
type WholePage = ((i64, i64), i32);

/// What is known of a run.
#[derive(Debug, Clone)]
pub(super) struct KnownRun {
    /// Its short id and that of its source; `None` before they are stored.
    pub(super) ids: Option<(i32, i32)>,
    /// Its catalogue, source and dataset.
    pub(super) identity: [String; 3],
    /// What its event says, or its first page.
    pub(super) captured_at: DateTime<Utc>,
    /// The instant of a page that is stored.
    pub(super) of_pages: Option<DateTime<Utc>>,
}

impl Known {
    /// Whether this judgement of the message is stored.
    pub(super) fn is_stored(&self, page: &Page) -> bool {
        self.messages.get(&Origin::of(page).raw()) == Some(&page.body.judged_at)
    }

    /// Whether any judgement of the message is stored.
    pub(super) fn has_message(&self, page: &Page) -> bool {
        self.messages.contains_key(&Origin::of(page).raw())
    }
}

impl Store {
    /// Whether this judgement of the page's message is stored, or a later one.
    pub async fn has_page(&self, page: &Page) -> Result<bool, DbError> {
        let Origin { epoch, seq, judged_at } = Origin::of(page);
        let has = "select exists (select from page where epoch = $1 and seq = $2 and judged_at >= $3)";
        let query = sqlx::query_scalar(has).bind(epoch).bind(seq).bind(judged_at);
        self.supervised_ours("look up a page", query.fetch_one(&self.pool)).await
    }
}

/// Reads what is known of the runs and pages of a batch.
pub(super) async fn read(session: &mut PgConnection, batch: &[Page]) -> Result<Known, DbError> {
    type RunRow = (Uuid, i32, i32, String, String, String, DateTime<Utc>, Option<DateTime<Utc>>);
    type PageRow = (Uuid, i32, i64, i64, DateTime<Utc>, Option<i32>);
    let runs: Vec<RunRow> = sqlx::query_as(
        "select r.run, r.run_id, r.source_id, r.catalogue, s.name, r.dataset, r.captured_at, p.captured_at
         from run r
         join source s using (source_id)
         left join lateral (select captured_at from page where run_id = r.run_id order by page limit 1) p on true
         where r.run = any($1)",
    )
    .bind(column(batch, |page| page.meta.run.0))
    .fetch_all(&mut *session)
    .await
    .map_err(DbError::ours("look up runs"))?;
    if runs.is_empty() {
        return Ok(Known::default());
    }
    let pages: Vec<PageRow> = sqlx::query_as(
        "select r.run, p.page, p.epoch, p.seq, p.judged_at, case when p.replay_row is null then p.received end
         from (select distinct * from unnest($1::uuid[], $2::int[]) as i(run, page)) i
         join run r using (run)
         cross join lateral (select * from page where run_id = r.run_id and page = i.page offset 0) p -- each is looked up",
    )
    .bind(column(batch, |page| page.meta.run.0))
    .bind(column(batch, |page| page.meta.page.cast_signed()))
    .fetch_all(session)
    .await
    .map_err(DbError::ours("look up pages"))?;
    let mut known = Known::default();
    for (run, run_id, source_id, catalogue, source, dataset, captured_at, of_pages) in runs {
        let identity = [catalogue, source, dataset];
        known.runs.insert(run, KnownRun { ids: Some((source_id, run_id)), identity, captured_at, of_pages });
    }
    for (run, number, epoch, seq, judged_at, received) in pages {
        known.messages.insert((epoch, seq), judged_at);
        if let Some(received) = received {
            known.rows.entry((run, number)).or_default().push(((epoch, seq), received));
        }
    }
    Ok(known)
}
