//! What a response says about the captures it rests on.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row};

use super::{ReadError, Snapshot};
use crate::{
    parameters::bad,
    response::Meta,
    selection::{Selection, Window},
    vocabulary::Catalogue,
};

/// A selection, found in the data.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The catalogue.
    pub catalogue: Catalogue,
    /// The source asked for.
    pub source_id: Option<i32>,
    /// The last instant that counts.
    pub as_of: Option<DateTime<Utc>>,
    /// The days that count up to it.
    pub window: Window,
}

/// Finds the selection in the data and describes the captures it covers.
pub(crate) async fn describe(
    snapshot: &mut Snapshot,
    selection: &Selection,
) -> Result<(Scope, Meta), ReadError> {
    let session = &mut *snapshot.transaction;
    // Before any capture, the one that imports go to.
    let catalogue = selection.catalogue.or(snapshot.state.newest()).unwrap_or(Catalogue::Mal);
    let source_id = match &selection.source {
        Some(name) => Some(source(session, catalogue, name).await?),
        None => None,
    };
    let as_of = selection.as_of.map(|as_of| as_of.0);
    let window = selection.as_of.map_or_else(Window::open, |as_of| as_of.window());
    let row = sqlx::query(include_str!("meta.sql"))
        .bind(catalogue.name())
        .bind(source_id)
        .bind(as_of)
        .fetch_one(session)
        .await?;
    let (first, last) = (row.try_get("first_captured_at")?, row.try_get("captured_at")?);
    let window = window.within(first, last);
    let meta = Meta {
        catalogue,
        sources: row.try_get("sources")?,
        source: selection.source.clone(),
        as_of,
        captured_at: last,
        first_captured_at: first,
        version: snapshot.state.counter(catalogue),
        complete: row.try_get("complete")?,
        stale: false,
        next_cursor: None,
    };
    Ok((Scope { catalogue, source_id, as_of, window }, meta))
}

async fn source(session: &mut PgConnection, catalogue: Catalogue, name: &str) -> Result<i32, ReadError> {
    let rows = sqlx::query("select name, source_id from source where catalogue = $1 order by name")
        .bind(catalogue.name())
        .fetch_all(session)
        .await?;
    let mut known = Vec::new();
    for row in rows {
        let found: String = row.try_get("name")?;
        if found == name {
            return Ok(row.try_get("source_id")?);
        }
        known.push(found);
    }
    let list = if known.is_empty() { "none yet".into() } else { known.join(", ") };
    let catalogue = catalogue.name();
    let message = format!("{name:?} is not a source of the catalogue {catalogue}; its sources: {list}");
    Err(bad("source", message, known).into())
}
