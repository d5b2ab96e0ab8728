//! What all resources of the API have in common: typed path and query → cache key → one snapshot → typed data → JSON or CSV.
//!
//! To add a resource: a file in `endpoints/` with its types and a [`Resource`], its SQL beside it, its line in
//! [`crate::openapi::routes`], and `make generate`.

mod documented;
mod request;

use std::sync::Arc;

use axum::{extract::State, response::Response, routing::get};
use chrono::NaiveDate;
use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use utoipa_axum::router::UtoipaMethodRouter;

use crate::{
    app::App,
    cache::{CachedResponse, Format, Read},
    database::{Facet, ReadError, Scope, Snapshot, describe},
    http::respond::{RequestHead, respond},
    parameters::{Parameters, parameters},
    problem::Failure,
    response::{ApiResponse, Meta},
    selection::{CatalogueOnly, Selection},
    vocabulary::words,
};
use request::{PathValues, Query};

parameters! {
    /// A resource that has no parameters of its own.
    pub(crate) struct NoParameters {}
}

parameters! {
    /// The form of the body, for resources that have more than one.
    pub(crate) struct FormatParameter {
        /// `json` or `csv`; `Accept: text/csv` asks for CSV too.
        query format: Option<BodyFormat>,
    }
}

words! {
    /// The form of a body.
    pub(crate) enum BodyFormat {
        /// With `meta`.
        Json = "json",
        /// The data alone.
        Csv = "csv",
    }
}

/// Which of the parameters of [`Selection`] a resource takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Selects {
    /// All of them.
    Captures,
    /// The catalogue alone.
    Catalogue,
    /// None: it is about every catalogue.
    Nothing,
}

/// How data are written as CSV.
pub(crate) struct Csv<D> {
    /// The header.
    pub columns: &'static [&'static str],
    /// Writes the data, with the header.
    pub write: fn(&D) -> csv::Result<String>,
}

/// What a resource says of itself.
pub(crate) struct Endpoint {
    /// Its name in cache keys, file names and the OpenAPI document.
    pub name: &'static str,
    /// Its address.
    pub path: &'static str,
    /// Its chapter of the OpenAPI document.
    pub tag: &'static str,
    /// A title.
    pub title: &'static str,
    /// What it shows.
    pub text: &'static str,
}

/// One resource.
pub(crate) trait Resource: Send + Sync + 'static {
    /// What it says of itself.
    const ENDPOINT: Endpoint;
    /// Which captures it may be asked for.
    const SELECTS: Selects = Selects::Captures;
    /// What it shows of the data that changes by itself, and has versions for it.
    const ALSO_SHOWS: &'static [Facet] = &[];
    /// Whether its response depends on the day on which it is asked.
    const FROM_TODAY: bool = false;
    /// How its data are written as CSV, if they are.
    const CSV: Option<Csv<Self::Data>> = None;
    /// Its own parameters.
    type Params: Parameters;
    /// The `data` of its body.
    type Data: Serialize + ToSchema + Send;

    /// Refuses what no single parameter shows to be wrong.
    fn check(_: &Self::Params) -> Result<(), Failure> {
        Ok(())
    }

    /// Reads the data.
    fn load(
        reading: &mut Reading,
        params: &Self::Params,
    ) -> impl Future<Output = Result<Self::Data, ReadError>> + Send;
}

/// What a resource reads from: one snapshot, and the selection found in it.
pub(crate) struct Reading {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// The selection.
    pub scope: Scope,
    /// Describes the selection, and may be told more.
    pub meta: Meta,
    /// The day of the request, for those that depend on it: that of `as_of` where it is given.
    pub today: NaiveDate,
    /// Where a trace can be seen.
    pub trace_url: Option<Arc<str>>,
}

impl Reading {
    /// Where statements run.
    pub(crate) fn session(&mut self) -> &mut PgConnection {
        &mut self.snapshot.transaction
    }
}

impl Selects {
    /// The names of what is taken.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Captures => Selection::NAMES,
            Self::Catalogue => CatalogueOnly::NAMES,
            Self::Nothing => NoParameters::NAMES,
        }
    }
}

/// The route of a resource, with its part of the OpenAPI document.
pub(crate) fn route<R: Resource>() -> UtoipaMethodRouter<App> {
    let (schemas, paths) = documented::document::<R>();
    (schemas, paths, get(respond_with::<R>))
}

/// Responds to a request with a resource.
async fn respond_with<R: Resource>(
    State(app): State<App>,
    path: PathValues,
    head: RequestHead,
) -> Result<Response, Failure> {
    let now = app.clock.now();
    let mut query = Query::<R>::read(&path, &head, app.calendar.now().date_naive())?;
    query.selection.as_of = app.as_of.canonical(&query.selection).await;
    let (key, file) = (query.cache_key()?, query.file());
    let reading = app.clone();
    let read = move || -> Read { Box::pin(async move { read_in_time::<R>(&reading, &query).await }) };
    match app.cache.find(key, read).await {
        Ok((response, status)) => Ok(respond(&response, status, &head, now, file.as_deref()).await),
        Err(ReadError::Refused(failure)) => Err(failure),
        Err(ReadError::Unavailable(_)) => Err(Failure::Unavailable),
        Err(ReadError::Busy(_)) => Err(Failure::Busy),
        Err(error @ ReadError::TooSlow(_)) => Err(Failure::TooSlow(error.to_string())),
        Err(error @ ReadError::Broken(_)) => Err(Failure::Internal(error.to_string())),
    }
}

/// One statement has its own time-out; this one is for all of them, and for waiting for a session.
async fn read_in_time<R: Resource>(app: &App, query: &Query<R>) -> Result<CachedResponse, ReadError> {
    match tokio::time::timeout(app.response_timeout, read::<R>(app, query)).await {
        Ok(response) => response,
        Err(_) => {
            let slow = anyhow::anyhow!("reading {} took too long", R::ENDPOINT.name);
            Err(ReadError::TooSlow(Arc::new(slow)))
        }
    }
}

async fn read<R: Resource>(app: &App, query: &Query<R>) -> Result<CachedResponse, ReadError> {
    let made_at = app.clock.now();
    let mut snapshot = Snapshot::begin(&app.pool).await?;
    let version = snapshot.state.of(&query.depends());
    let (scope, meta) = describe(&mut snapshot, &query.selection).await?;
    let trace_url = app.trace_url.clone();
    let mut reading = Reading { snapshot, scope, meta, today: query.today, trace_url };
    let data = R::load(&mut reading, &query.params).await?;
    let Reading { meta, snapshot, .. } = reading;
    drop(snapshot);
    let body = match (query.format, R::CSV) {
        (Format::Csv, Some(csv)) => (csv.write)(&data).map_err(ReadError::broken)?.into_bytes(),
        _ => serde_json::to_vec(&ApiResponse { meta, data }).map_err(ReadError::broken)?,
    };
    Ok(CachedResponse::new(version, made_at, query.format, body))
}
