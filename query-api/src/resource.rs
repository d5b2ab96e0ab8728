//! What all resources of the API have in common: from a request to a response.
//!
//! To add a resource: a file in `endpoints/` with its types, its SQL and a [`Resource`], its handler in
//! [`crate::openapi::routes`], and `make generate`.

use std::sync::Arc;

use axum::response::Response;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::IntoParams;

use crate::{
    app::App,
    cache::{CacheKey, CachedResponse, Format, Read},
    database::{About, Dependence, Facet, ReadError, Scope, Snapshot, describe},
    http::respond::{RequestHead, respond},
    parameters::{RequestParameters, names},
    problem::Failure,
    response::{ApiResponse, Meta},
    selection::Selection,
};

/// The parameters that one resource has besides the shared ones.
pub(crate) trait Parameters: IntoParams + Serialize + Send + Sync + 'static {
    /// Reads them; `today` is for what is counted back from now.
    fn from_request(
        parameters: &mut RequestParameters,
        selection: &Selection,
        today: NaiveDate,
    ) -> Result<Self, Failure>
    where
        Self: Sized;
}

/// A resource that has none.
#[derive(Debug, Clone, Copy, Serialize, IntoParams)]
pub(crate) struct NoParameters {}

impl Parameters for NoParameters {
    fn from_request(_: &mut RequestParameters, _: &Selection, _: NaiveDate) -> Result<Self, Failure> {
        Ok(Self {})
    }
}

/// The form of the body, for resources that have more than one.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FormatParameter {
    /// `json` or `csv`; `Accept: text/csv` asks for CSV too.
    #[param(inline, required = false, value_type = Option<BodyFormat>)]
    #[expect(dead_code, reason = "describes the parameter; the value is read in Query::read")]
    format: BodyFormat,
}

/// The words of `format`.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the parameter; the value is read in Query::read")]
pub(crate) enum BodyFormat {
    /// With `meta`.
    Json,
    /// The data alone.
    Csv,
}

/// Writes the data as CSV.
pub(crate) type WriteCsv<D> = fn(&D) -> csv::Result<String>;

/// One resource.
pub(crate) trait Resource: Send + Sync + 'static {
    /// Its name in cache keys and file names.
    const NAME: &'static str;
    /// Whether it takes the parameters of [`Selection`].
    const SELECTS: bool = true;
    /// What it shows of the data that changes by itself, and has a version for it.
    const ALSO_SHOWS: Option<Facet> = None;
    /// How its data are written as CSV, if they are.
    const CSV: Option<WriteCsv<Self::Data>> = None;
    /// Its own parameters.
    type Params: Parameters;
    /// The `data` of its body.
    type Data: Serialize + Send;

    /// Reads the data within one snapshot; `meta` describes the selection and may be told more.
    fn load(
        snapshot: &mut Snapshot,
        scope: &Scope,
        params: &Self::Params,
        meta: &mut Meta,
    ) -> impl Future<Output = Result<Self::Data, ReadError>> + Send;
}

/// A request that has been understood.
struct Query<R: Resource> {
    selection: Selection,
    params: R::Params,
    format: Format,
}

impl<R: Resource> Query<R> {
    fn read(head: &RequestHead, today: NaiveDate) -> Result<Self, Failure> {
        let mut parameters = RequestParameters::parse(&head.query);
        let selection =
            if R::SELECTS { Selection::from_request(&mut parameters)? } else { Selection::default() };
        let params = R::Params::from_request(&mut parameters, &selection, today)?;
        let format = match R::CSV {
            Some(_) => parameters.word("format", &[("json", Format::Json), ("csv", Format::Csv)])?,
            None => Some(Format::Json),
        };
        parameters.finish(documented::<R>)?;
        Ok(Self { selection, params, format: format.unwrap_or(head.accepts) })
    }

    /// The same for all requests that have the same response.
    fn cache_key(&self) -> Result<CacheKey, Failure> {
        let parts = (&self.selection, &self.params, self.format);
        let parts = serde_json::to_string(&parts).map_err(|error| Failure::Internal(error.to_string()))?;
        Ok(CacheKey { text: format!("{}:{parts}", R::NAME), depends: self.depends() })
    }

    /// A resource without a selection is about every catalogue.
    fn depends(&self) -> Dependence {
        let Selection { catalogue, as_of, .. } = &self.selection;
        let about = if R::SELECTS { catalogue.map_or(About::Newest, About::One) } else { About::All };
        Dependence { about, as_of: as_of.map(|as_of| as_of.0), also: R::ALSO_SHOWS }
    }
}

/// The names of all parameters that a resource takes, as documented.
fn documented<R: Resource>() -> Vec<String> {
    let shared = if R::SELECTS { names::<Selection>() } else { Vec::new() };
    let format = if R::CSV.is_some() { names::<FormatParameter>() } else { Vec::new() };
    [shared, names::<R::Params>(), format].concat()
}

/// Responds to a request with a resource.
pub(crate) async fn respond_with<R: Resource>(app: &App, head: RequestHead) -> Result<Response, Failure> {
    let now = app.clock.now();
    let mut query = Query::<R>::read(&head, app.calendar.now().date_naive())?;
    query.selection.as_of = app.as_of.canonical(&query.selection).await;
    let key = query.cache_key()?;
    let reading = app.clone();
    let read = move || -> Read { Box::pin(async move { read_in_time::<R>(&reading, &query).await }) };
    match app.cache.find(key, read).await {
        Ok((response, status)) => Ok(respond(&response, status, &head, now, R::CSV.map(|_| R::NAME)).await),
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
        Err(_) => Err(ReadError::TooSlow(Arc::new(anyhow::anyhow!("reading {} took too long", R::NAME)))),
    }
}

async fn read<R: Resource>(app: &App, query: &Query<R>) -> Result<CachedResponse, ReadError> {
    let made_at = app.clock.now();
    let mut snapshot = Snapshot::begin(&app.pool).await?;
    let version = snapshot.state.of(&query.depends());
    let (scope, mut meta) = describe(&mut snapshot, &query.selection).await?;
    let data = R::load(&mut snapshot, &scope, &query.params, &mut meta).await?;
    drop(snapshot);
    let body = match (query.format, R::CSV) {
        (Format::Csv, Some(write)) => write(&data).map_err(ReadError::broken)?.into_bytes(),
        _ => serde_json::to_vec(&ApiResponse { meta, data }).map_err(ReadError::broken)?,
    };
    Ok(CachedResponse::new(version, made_at, query.format, body))
}

/// A word of the database as the enum that it stands for; one we do not know is our bug.
pub(crate) fn parse_enum<T>(word: &str, value: Option<T>) -> Result<T, ReadError> {
    value.ok_or_else(|| {
        ReadError::Broken(Arc::new(anyhow::anyhow!("{word:?} in the database is not known here")))
    })
}
