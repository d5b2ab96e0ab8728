//! What all resources of the API have in common: from a request to a finished answer.
//!
//! To add a resource: a file in `endpoints/` with its types, its SQL and a [`Resource`], its handler in
//! [`crate::openapi::routes`], and `make generate`.

use std::sync::Arc;

use axum::response::Response;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::IntoParams;

use crate::{
    answer::{Answer, Meta},
    app::App,
    cache::{Finished, Format, Question, Read},
    database::{ReadError, Scope, Snapshot, describe},
    http::respond::{Asked, respond},
    parameters::{Given, names},
    problem::Failure,
    selection::Selection,
};

/// The parameters that one resource has besides the shared ones.
pub(crate) trait Parameters: IntoParams + Serialize + Send + Sync + 'static {
    /// Reads them; `today` is for what is counted back from now.
    fn from_given(given: &Given, selection: &Selection, today: NaiveDate) -> Result<Self, Failure>
    where
        Self: Sized;
}

/// A resource that has none.
#[derive(Debug, Clone, Copy, Serialize, IntoParams)]
pub(crate) struct NoParameters {}

impl Parameters for NoParameters {
    fn from_given(_: &Given, _: &Selection, _: NaiveDate) -> Result<Self, Failure> {
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
    fn read(asked: &Asked, today: NaiveDate) -> Result<Self, Failure> {
        let mut allowed = Vec::new();
        if R::SELECTS {
            allowed.extend(names::<Selection>());
        }
        allowed.extend(names::<R::Params>());
        if R::CSV.is_some() {
            allowed.extend(names::<FormatParameter>());
        }
        let given = Given::parse(&asked.query, &allowed)?;
        let selection = Selection::from_given(&given)?;
        let params = R::Params::from_given(&given, &selection, today)?;
        let named = given.word("format", &[("json", Format::Json), ("csv", Format::Csv)])?;
        let accepted = if R::CSV.is_some() { asked.accepts } else { Format::Json };
        Ok(Self { selection, params, format: named.unwrap_or(accepted) })
    }

    /// The same for all requests that have the same answer.
    fn question(&self) -> Result<Question, Failure> {
        let parts = (&self.selection, &self.params, self.format);
        let parts = serde_json::to_string(&parts).map_err(|error| Failure::Internal(error.to_string()))?;
        // A resource without a selection speaks of every catalogue.
        Ok(Question { key: format!("{}:{parts}", R::NAME), catalogue: self.selection.catalogue })
    }
}

/// Answers a request for a resource.
pub(crate) async fn answer<R: Resource>(app: &App, asked: Asked) -> Result<Response, Failure> {
    let now = app.clock.now();
    let query = Query::<R>::read(&asked, app.calendar.now().date_naive())?;
    let question = query.question()?;
    let reading = app.clone();
    let read = move || -> Read { Box::pin(async move { read_in_time::<R>(&reading, &query).await }) };
    match app.answers.find(question, read).await {
        Ok((answer, found)) => Ok(respond(&answer, found, &asked, now, R::CSV.map(|_| R::NAME))),
        Err(ReadError::Refused(failure)) => Err(failure),
        Err(ReadError::Unavailable(_)) => Err(Failure::Unavailable),
        Err(error @ ReadError::TooSlow(_)) => Err(Failure::TooSlow(error.to_string())),
        Err(error @ ReadError::Broken(_)) => Err(Failure::Internal(error.to_string())),
    }
}

/// One statement has its own time-out; this one is for all of them, and for waiting for a session.
async fn read_in_time<R: Resource>(app: &App, query: &Query<R>) -> Result<Finished, ReadError> {
    match tokio::time::timeout(app.patience, read::<R>(app, query)).await {
        Ok(answer) => answer,
        Err(_) => Err(ReadError::TooSlow(Arc::new(anyhow::anyhow!("reading {} took too long", R::NAME)))),
    }
}

async fn read<R: Resource>(app: &App, query: &Query<R>) -> Result<Finished, ReadError> {
    let made_at = app.clock.now();
    let mut snapshot = Snapshot::begin(&app.pool).await?;
    let tag = snapshot.versions.tag(query.selection.catalogue);
    let (scope, mut meta) = describe(&mut snapshot, &query.selection).await?;
    let data = R::load(&mut snapshot, &scope, &query.params, &mut meta).await?;
    snapshot.end().await?;
    let body = match (query.format, R::CSV) {
        (Format::Csv, Some(write)) => write(&data).map_err(ReadError::broken)?.into_bytes(),
        _ => serde_json::to_vec(&Answer { meta, data }).map_err(ReadError::broken)?,
    };
    Ok(Finished::new(tag, made_at, query.format, body))
}

/// A number that the database gave and we know to be in range, or our bug.
pub(crate) fn known<T>(word: &str, value: Option<T>) -> Result<T, ReadError> {
    value.ok_or_else(|| {
        ReadError::Broken(Arc::new(anyhow::anyhow!("{word:?} in the database is not known here")))
    })
}
