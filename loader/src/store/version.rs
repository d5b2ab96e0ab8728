//! The version of a catalogue's data: the writers' lock, and what readers compare.

use kansoku_schemas::Catalogue;
use serde_json::json;
use sqlx::PgConnection;

use crate::db_error::DbError;

/// The channel of `NOTIFY`; the payload is `{"catalogue", "datasets", "version"}`, `datasets` being `null` for more than
/// fit.
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

/// Raises the version and tells the listeners when the transaction commits.
pub(super) async fn raise(
    session: &mut PgConnection,
    catalogue: Catalogue,
    datasets: &[String],
) -> Result<i64, DbError> {
    let failed = DbError::ours("raise the catalogue's data version");
    let catalogue = catalogue.to_string();
    let version: i64 = sqlx::query_scalar(
        "update data_version set version = version + 1 where catalogue = $1 returning version",
    )
    .bind(&catalogue)
    .fetch_one(&mut *session)
    .await
    .map_err(failed)?;
    sqlx::query("select pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(notice(&catalogue, datasets, version))
        .execute(session)
        .await
        .map_err(failed)?;
    Ok(version)
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
