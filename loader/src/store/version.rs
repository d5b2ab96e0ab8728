//! The version of a catalogue's data: the writers' lock, and what readers compare.

use kansoku_schemas::Catalogue;
use serde_json::json;
use sqlx::PgConnection;

use crate::fault::{Fault, Part};

/// The channel of `NOTIFY`; the payload is `{"catalogue", "datasets", "version"}`.
pub const CHANNEL: &str = "kansoku_data";

/// Makes the transactions of one catalogue follow one another.
pub(super) async fn lock(session: &mut PgConnection, catalogues: &[String]) -> Result<(), Fault> {
    sqlx::query("select version from data_version where catalogue = any($1) order by catalogue for update")
        .bind(catalogues)
        .execute(session)
        .await
        .map(drop)
        .map_err(|error| Fault::new(Part::Books, "lock the catalogue's data version", error))
}

/// Raises the version and tells the listeners when the transaction commits.
pub(super) async fn raise(
    session: &mut PgConnection,
    catalogue: Catalogue,
    datasets: &[String],
) -> Result<i64, Fault> {
    let fault = |error| Fault::new(Part::Books, "raise the catalogue's data version", error);
    let catalogue = catalogue.to_string();
    let version: i64 = sqlx::query_scalar(
        "update data_version set version = version + 1 where catalogue = $1 returning version",
    )
    .bind(&catalogue)
    .fetch_one(&mut *session)
    .await
    .map_err(fault)?;
    let notice = json!({"catalogue": catalogue, "datasets": datasets, "version": version});
    sqlx::query("select pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(notice.to_string())
        .execute(session)
        .await
        .map_err(fault)?;
    Ok(version)
}
