//! `GET /api/v1/sources`: where the data come from.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{Row, postgres::PgRow};
use utoipa::ToSchema;

use crate::{
    database::ReadError,
    resource::{Endpoint, NoParameters, Reading, Resource, Selects},
    vocabulary::Catalogue,
};

/// The sources of all catalogues.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(transparent)]
pub struct SourceList(pub Vec<Source>);

/// A place that bytes came from, and what it brought.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Source {
    /// The catalogue its titles belong to.
    pub catalogue: Catalogue,
    /// Its name: a base URL, `jikan-sim`, …
    #[schema(example = "jikan-sim")]
    pub source: String,
    /// Whether its titles are fictional.
    pub sample: bool,
    /// Captures of one dataset each.
    pub runs: i64,
    /// Titles seen at least once.
    pub titles: i64,
    /// Observations stored.
    pub observations: i64,
    /// The oldest capture.
    #[schema(required = true)]
    pub first_captured_at: Option<DateTime<Utc>>,
    /// The newest capture.
    #[schema(required = true)]
    pub last_captured_at: Option<DateTime<Utc>>,
}

/// This resource.
pub(crate) struct Sources;

impl Resource for Sources {
    const ENDPOINT: Endpoint = Endpoint {
        name: "sources",
        path: "/api/v1/sources",
        tag: "captures",
        title: "Sources",
        text: "Every source of every catalogue.",
    };
    const SELECTS: Selects = Selects::Nothing;
    type Params = NoParameters;
    type Data = SourceList;

    async fn load(reading: &mut Reading, _: &NoParameters) -> Result<SourceList, ReadError> {
        let rows = sqlx::query(include_str!("sources.sql")).fetch_all(reading.session()).await?;
        rows.iter().map(read).collect::<Result<_, _>>().map(SourceList)
    }
}

fn read(row: &PgRow) -> Result<Source, ReadError> {
    let catalogue: Catalogue = row.try_get("catalogue")?;
    Ok(Source {
        catalogue,
        source: row.try_get("source")?,
        sample: catalogue == Catalogue::Sample,
        runs: row.try_get("runs")?,
        titles: row.try_get("titles")?,
        observations: row.try_get("observations")?,
        first_captured_at: row.try_get("first_captured_at")?,
        last_captured_at: row.try_get("last_captured_at")?,
    })
}
