//! Between which captures an instant lies.

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, Row};

use super::ReadError;
use crate::vocabulary::Catalogue;

/// The captures around an instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Captures {
    /// The newest up to the instant.
    pub newest: Option<DateTime<Utc>>,
    /// The oldest of all.
    pub oldest: Option<DateTime<Utc>>,
}

impl Captures {
    /// Reads them, for one catalogue or for all.
    pub(crate) async fn around(
        session: impl PgExecutor<'_>,
        catalogue: Option<Catalogue>,
        instant: DateTime<Utc>,
    ) -> Result<Self, ReadError> {
        let row = sqlx::query(include_str!("captures.sql"))
            .bind(catalogue.map(Catalogue::name))
            .bind(instant)
            .fetch_one(session)
            .await?;
        Ok(Self { newest: row.try_get("newest")?, oldest: row.try_get("oldest")? })
    }
}
