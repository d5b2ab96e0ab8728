//! `GET /api/v1/runs`: the captures, newest first.

use chrono::{DateTime, Utc};
use kansoku_schemas::{Dataset, UnknownToken};
use serde::Serialize;
use sqlx::{Row, postgres::PgRow, types::Json};
use utoipa::{
    ToSchema,
    openapi::schema::{ObjectBuilder, Type},
};
use uuid::Uuid;

use crate::{
    cursor::Cursor,
    database::{Facet, ReadError},
    parameters::{Refusal, Value, Whole, parameters},
    resource::{Endpoint, Reading, Resource},
    vocabulary::{Catalogue, RunState},
};

/// Captures, the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(transparent)]
pub struct RunList(pub Vec<Run>);

/// One capture of one dataset.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Run {
    /// The run's id.
    pub run: Uuid,
    /// What was captured.
    #[schema(example = "top.score")]
    pub dataset: String,
    /// The catalogue of its titles.
    pub catalogue: Catalogue,
    /// Where the bytes came from.
    pub source: String,
    /// The instant that all its pages share.
    pub captured_at: DateTime<Utc>,
    /// How far it has come.
    pub state: RunState,
    /// Pages that were to come.
    #[schema(required = true)]
    pub pages_planned: Option<i32>,
    /// Pages that came.
    pub pages_got: i32,
    /// What became of its rows.
    pub rows: RunRows,
    /// What was odd without being an error.
    pub warnings: Vec<String>,
    /// When fetching began.
    #[schema(required = true)]
    pub started_at: Option<DateTime<Utc>>,
    /// When fetching ended.
    #[schema(required = true)]
    pub ended_at: Option<DateTime<Utc>>,
}

/// The books of one run.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunRows {
    /// Rows on the pages.
    pub received: i64,
    /// Rows that passed the check.
    pub accepted: i64,
    /// Rows that were set aside as dead letters.
    pub dead: i64,
    /// Observations owned by this run.
    pub stored: i64,
    /// Rows that another place had already told.
    pub duplicate: i64,
}

parameters! {
    /// What `GET /api/v1/runs` may be asked.
    pub struct RunsParams {
        /// Only captures of this dataset.
        query dataset: Option<DatasetName>,
        /// How many.
        query limit: Whole<1, 200> = 50,
        /// `meta.next_cursor` of the page before.
        query cursor: Option<Cursor<(DateTime<Utc>, Uuid)>>,
    }
}

/// A word that names a dataset, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatasetName(String);

impl Value for DatasetName {
    fn parse(text: &str) -> Result<Self, Refusal> {
        text.parse::<Dataset>().map(|_| Self(text.into())).map_err(|UnknownToken { known, .. }| Refusal {
            message: format!("{text:?} is not one of {known}"),
            allowed: known.split(", ").map(Into::into).collect(),
        })
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).examples(["top.score"])
    }
}

/// This resource.
pub(crate) struct Runs;

impl Resource for Runs {
    const ENDPOINT: Endpoint = Endpoint {
        name: "runs",
        path: "/api/v1/runs",
        tag: "captures",
        title: "Runs",
        text: "Captures of one dataset each, newest first, with what became of their rows.",
    };
    const ALSO_SHOWS: &'static [Facet] = &[Facet::Runs];
    type Params = RunsParams;
    type Data = RunList;

    async fn load(reading: &mut Reading, params: &RunsParams) -> Result<RunList, ReadError> {
        let limit = usize::try_from(params.limit.get()).map_err(ReadError::broken)?;
        let catalogue = reading.scope.catalogue;
        let rows = sqlx::query(include_str!("runs.sql"))
            .bind(reading.scope.catalogue.name())
            .bind(reading.scope.source_id)
            .bind(reading.scope.as_of)
            .bind(params.dataset.as_ref().map(|dataset| &dataset.0))
            .bind(params.cursor.map(|Cursor((captured_at, _))| captured_at))
            .bind(params.cursor.map(|Cursor((_, run))| run))
            // One more than asked for tells whether there is a next page.
            .bind(params.limit.get() + 1)
            .fetch_all(reading.session())
            .await?;
        let shown = rows.iter().take(limit).map(|row| read(row, catalogue));
        let shown = shown.collect::<Result<Vec<_>, _>>()?;
        if rows.len() > limit {
            let last = shown.last().map(|run| Cursor((run.captured_at, run.run)));
            reading.meta.next_cursor = last.map(|cursor| cursor.to_string());
        }
        Ok(RunList(shown))
    }
}

fn read(row: &PgRow, catalogue: Catalogue) -> Result<Run, ReadError> {
    let warnings: Json<Vec<String>> = row.try_get("warnings")?;
    Ok(Run {
        run: row.try_get("run")?,
        dataset: row.try_get("dataset")?,
        catalogue,
        source: row.try_get("source")?,
        captured_at: row.try_get("captured_at")?,
        state: row.try_get("state")?,
        pages_planned: row.try_get("pages_planned")?,
        pages_got: row.try_get("pages_got")?,
        rows: RunRows {
            received: row.try_get("received")?,
            accepted: row.try_get("accepted")?,
            dead: row.try_get("dead")?,
            stored: row.try_get("stored")?,
            duplicate: row.try_get("duplicate")?,
        },
        warnings: warnings.0,
        started_at: row.try_get("started_at")?,
        ended_at: row.try_get("ended_at")?,
    })
}
