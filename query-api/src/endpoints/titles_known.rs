//! What is known of the titles of a catalogue: now, by an instant, or to one source.
//!
//! The database sends lists, a column at a time, and they are put together here. To join and count so many titles costs it several
//! times what reading them does.

mod figures;
mod known;

use sqlx::{FromRow, Postgres, postgres::PgArguments, query::QueryAs};

pub(super) use figures::Figures;
pub(super) use known::Known;

use crate::{database::ReadError, resource::Reading};

/// What was told of some titles, a list a column.
#[derive(Debug, Clone, FromRow)]
struct Told {
    titles: Vec<i32>,
    /// In hundredths.
    scores: Vec<Option<i32>>,
    members: Vec<Option<i32>>,
    /// Whether a history told it, whose null denies nothing.
    silent: bool,
}

/// Reads what is known of these titles.
pub(super) async fn titles_known(
    reading: &mut Reading,
    titles: impl IntoIterator<Item = i32>,
) -> Result<Known, ReadError> {
    let mut known = Known::nothing_of(titles);
    let window = reading.scope.window;
    if reading.scope.as_of.is_none() {
        let query = about(reading, include_str!("titles_known/latest.sql"));
        known.hear(&query.fetch_one(reading.session()).await?);
        return Ok(known);
    }
    // From the latest back: most often nearly every title is settled early.
    if window.rest_from <= window.rest_until {
        let query = about(reading, include_str!("titles_known/observed.sql"))
            .bind(window.rest_from)
            .bind(window.rest_until);
        for page in query.fetch_all(reading.session()).await? {
            known.hear(&page);
        }
    }
    if known.open().is_empty() || window.whole_from > window.whole_until {
        return Ok(known);
    }
    let query = about(reading, include_str!("titles_known/of_day.sql")).bind(window.whole_until);
    known.hear(&query.fetch_one(reading.session()).await?);
    let open = known.open();
    if !open.is_empty() {
        let query = about(reading, include_str!("titles_known/until.sql"))
            .bind(window.whole_from)
            .bind(window.whole_until)
            .bind(open);
        known.hear(&query.fetch_one(reading.session()).await?);
    }
    Ok(known)
}

/// A query that begins with the catalogue and the source asked for, if any.
fn about(reading: &Reading, sql: &'static str) -> QueryAs<'static, Postgres, Told, PgArguments> {
    sqlx::query_as(sql).bind(reading.scope.catalogue.name()).bind(reading.scope.source_id)
}
