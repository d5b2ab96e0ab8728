//! Short ids of sources and runs; a run that no event has announced yet becomes a stub.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use kansoku_schemas::Page;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{column, known::Known, mismatch::identity};
use crate::db_error::DbError;

/// The ids of what a group of pages of one catalogue refers to.
#[derive(Debug, Default)]
pub struct Ids {
    sources: HashMap<String, i32>,
    runs: HashMap<Uuid, i32>,
}

impl Ids {
    /// The ids of the source and the run of a page.
    pub fn of(&self, page: &Page) -> (i32, i32) {
        let source = self.sources.get(&page.meta.source).copied().unwrap_or_default();
        (source, self.runs.get(&page.meta.run.0).copied().unwrap_or_default())
    }
}

/// Looks up the sources, making those that are new. Others may do the same at this moment.
pub(super) async fn sources(
    session: &mut PgConnection,
    catalogue: &str,
    seen: impl Iterator<Item = (&str, DateTime<Utc>)>,
) -> Result<HashMap<String, i32>, DbError> {
    let failed = DbError::ours("look up sources");
    let mut first_seen: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
    for (name, at) in seen {
        first_seen.entry(name).and_modify(|first| *first = at.min(*first)).or_insert(at);
    }
    let (names, instants): (Vec<&str>, Vec<DateTime<Utc>>) = first_seen.into_iter().unzip();
    sqlx::query(
        "with seen as (select * from unnest($2::text[], $3::timestamptz[]) as s(name, at)),
         older as (
             update source set first_seen_at = s.at from seen s
             where source.catalogue = $1 and source.name = s.name and s.at < source.first_seen_at
         )
         insert into source (catalogue, name, first_seen_at)
         select $1, s.name, s.at from seen s
         where not exists (select from source where source.catalogue = $1 and source.name = s.name)
         order by s.name
         on conflict do nothing",
    )
    .bind(catalogue)
    .bind(&names)
    .bind(&instants)
    .execute(&mut *session)
    .await
    .map_err(failed)?;
    let rows: Vec<(String, i32)> =
        sqlx::query_as("select name, source_id from source where catalogue = $1 and name = any($2)")
            .bind(catalogue)
            .bind(&names)
            .fetch_all(session)
            .await
            .map_err(failed)?;
    Ok(rows.into_iter().collect())
}

/// The ids of sources and runs of pages of one catalogue; makes stubs of the runs that are new.
pub(super) async fn of_pages(
    session: &mut PgConnection,
    catalogue: &str,
    pages: &[&Page],
    known: &Known,
) -> Result<Ids, DbError> {
    let mut ids = Ids::default();
    let mut new: BTreeMap<Uuid, &Page> = BTreeMap::new();
    for page in pages {
        let run = known.runs.get(&page.meta.run.0);
        // A source's first instant is that of its runs, so a page of another instant has it looked at.
        let run =
            run.filter(|run| run.identity == identity(page) && run.captured_at == page.meta.captured_at);
        match run.and_then(|run| run.ids) {
            Some((source_id, run_id)) => {
                ids.sources.insert(page.meta.source.clone(), source_id);
                ids.runs.insert(page.meta.run.0, run_id);
            }
            None => drop(new.insert(page.meta.run.0, page)),
        }
    }
    if new.is_empty() {
        return Ok(ids);
    }
    let failed = DbError::ours("look up runs");
    let new_pages = pages.iter().filter(|page| new.contains_key(&page.meta.run.0));
    let seen = new_pages.map(|page| (page.meta.source.as_str(), page.meta.captured_at));
    ids.sources.extend(sources(session, catalogue, seen).await?);
    let new: Vec<&Page> = new.into_values().collect();
    let runs = column(&new, |page| page.meta.run.0);
    sqlx::query(
        "insert into run (run, catalogue, source_id, dataset, captured_at, state)
         select r.run, $1, r.source_id, r.dataset, r.captured_at, 'stub'
         from unnest($2::uuid[], $3::int[], $4::text[], $5::timestamptz[]) as r(run, source_id, dataset, captured_at)
         where not exists (select from run where run.run = r.run)
         order by r.run
         on conflict do nothing",
    )
    .bind(catalogue)
    .bind(&runs)
    .bind(column(&new, |page| ids.sources.get(&page.meta.source).copied().unwrap_or_default()))
    .bind(column(&new, |page| page.meta.dataset.to_string()))
    .bind(column(&new, |page| page.meta.captured_at))
    .execute(&mut *session)
    .await
    .map_err(failed)?;
    let rows: Vec<(Uuid, i32)> = sqlx::query_as("select run, run_id from run where run = any($1)")
        .bind(&runs)
        .fetch_all(session)
        .await
        .map_err(failed)?;
    ids.runs.extend(rows);
    Ok(ids)
}
