//! The version of a catalogue's data: the writers' lock, and what readers compare.

use chrono::{DateTime, Utc};
use kansoku_schemas::Catalogue;
use serde_json::json;
use sqlx::PgConnection;

use crate::db_error::DbError;

/// The channel of `NOTIFY`; the payload is `{"catalogue", "datasets", "version"}`, `datasets` being `null` for more than
/// fit, or empty where no catalogue is known.
pub const CHANNEL: &str = "kansoku_data";
/// Postgres takes less than 8,000 bytes (<https://www.postgresql.org/docs/current/sql-notify.html>).
const MAX_PAYLOAD: usize = 7_999;

fn notice(catalogue: &str, datasets: &[String], version: i64) -> String {
    let whole = json!({"catalogue": catalogue, "datasets": datasets, "version": version}).to_string();
    if whole.len() <= MAX_PAYLOAD {
        return whole;
    }
    json!({"catalogue": catalogue, "datasets": null, "version": version}).to_string()
}

/// Makes the transactions of one catalogue follow one another. Not `for update`: the foreign key of `run` takes a weaker lock on
/// the same row, and an event of RUN would wait for it with the row of its run in hand.
pub(super) async fn lock(session: &mut PgConnection, catalogues: &[String]) -> Result<(), DbError> {
    sqlx::query(
        "select version from data_version where catalogue = any($1) order by catalogue for no key update",
    )
    .bind(catalogues)
    .execute(session)
    .await
    .map(drop)
    .map_err(DbError::ours("lock the catalogue's data version"))
}

/// Raises the version of what is shown and tells the listeners when the transaction commits; the past is raised where a day
/// before the newest captured one was touched, or another day is the newest now.
///
/// `oldest` is the oldest instant that was touched, `captured` the newest capture of which a page was stored. Facts, and the files
/// of the archive, are raised by triggers.
pub(super) async fn raise(
    session: &mut PgConnection,
    catalogue: Catalogue,
    datasets: &[String],
    oldest: DateTime<Utc>,
    captured: Option<DateTime<Utc>>,
) -> Result<i64, DbError> {
    let version: i64 = sqlx::query_scalar(
        "with before as (
             select (captured_at at time zone 'UTC')::date as day from data_version where catalogue = $1
         ), raised as (
             update data_version set version = version + 1, captured_at = greatest(captured_at, $3)
             where catalogue = $1
             returning version, (captured_at at time zone 'UTC')::date as day
         ), past as (
             update data_facet f set version = f.version + 1 from before, raised
             where f.catalogue = $1 and f.facet = 'past'
                 and (($2 at time zone 'UTC')::date < raised.day or before.day is distinct from raised.day)
         )
         select version from raised",
    )
    .bind(catalogue.as_str())
    .bind(oldest)
    .bind(captured)
    .fetch_one(&mut *session)
    .await
    .map_err(DbError::ours("raise the catalogue's data version"))?;
    tell(session, &notice(catalogue.as_str(), datasets, version)).await?;
    Ok(version)
}

/// A part of the data that changes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Facet {
    /// How far runs are.
    Runs,
    /// The weeks that have been rolled up.
    Weeks,
}

/// Raises the version of that part, and nothing else. Needs no lock.
pub(super) async fn raise_facet(
    session: &mut PgConnection,
    catalogue: Catalogue,
    facet: Facet,
    datasets: &[String],
) -> Result<(), DbError> {
    let version: i64 = sqlx::query_scalar(
        "update data_facet f set version = f.version + 1 from data_version v
         where f.catalogue = $1 and f.facet = $2 and v.catalogue = $1
         returning v.version",
    )
    .bind(catalogue.as_str())
    .bind(match facet {
        Facet::Runs => "runs",
        Facet::Weeks => "weeks",
    })
    .fetch_one(&mut *session)
    .await
    .map_err(DbError::ours("raise the version of a part of the data"))?;
    tell(session, &notice(catalogue.as_str(), datasets, version)).await
}

async fn tell(session: &mut PgConnection, notice: &str) -> Result<(), DbError> {
    sqlx::query("select pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(notice)
        .execute(session)
        .await
        .map(drop)
        .map_err(DbError::ours("tell readers of new data"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_never_longer_than_the_server_takes() {
        let datasets = |count: u32| -> Vec<String> {
            (0..count).map(|year| format!("season.{year:04}.spring")).collect()
        };
        assert_eq!(
            notice("mal", &datasets(1), 4),
            r#"{"catalogue":"mal","datasets":["season.0000.spring"],"version":4}"#
        );
        assert!((7_000..=MAX_PAYLOAD).contains(&notice("mal", &datasets(370), 4).len()));
        assert_eq!(notice("mal", &datasets(500), 4), r#"{"catalogue":"mal","datasets":null,"version":4}"#);
    }
}
