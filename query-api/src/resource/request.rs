//! Reading a request: typed path and query, and the key of its response.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use chrono::NaiveDate;

use super::{BodyFormat, FormatParameter, NoParameters, Resource, Selects};
use crate::{
    cache::{CacheKey, Format},
    database::{About, Dependence},
    http::respond::RequestHead,
    parameters::{Parameters, RequestParameters},
    problem::Failure,
    selection::{CatalogueOnly, Selection},
};

/// The values in the path of a request.
pub(super) struct PathValues(Vec<(Box<str>, String)>);

impl<S: Send + Sync> FromRequestParts<S> for PathValues {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        // What is not UTF-8 is the name of nothing.
        let values = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Failure::NotFound(parts.uri.path().into()))?;
        Ok(Self(values.iter().map(|(name, value)| (name.into(), value.into())).collect()))
    }
}

/// A request that has been understood.
pub(super) struct Query<R: Resource> {
    /// Which captures count.
    pub selection: Selection,
    /// The resource's own parameters.
    pub params: R::Params,
    /// The form of the body.
    pub format: Format,
    /// The day of the request: that of `as_of` where it is given.
    pub today: NaiveDate,
}

impl<R: Resource> Query<R> {
    /// Reads a request.
    pub(super) fn read(path: &PathValues, head: &RequestHead, today: NaiveDate) -> Result<Self, Failure> {
        let format_names = if R::CSV.is_some() { FormatParameter::NAMES } else { NoParameters::NAMES };
        let known = [R::SELECTS.names(), R::Params::NAMES, format_names];
        let request = RequestParameters::read(&path.0, &head.query, &known)?;
        let selection = match R::SELECTS {
            Selects::Captures => Selection::from_request(&request)?,
            Selects::Catalogue => CatalogueOnly::from_request(&request)?.into(),
            Selects::Nothing => Selection::default(),
        };
        let params = R::Params::from_request(&request)?;
        R::check(&params)?;
        let format = match (R::CSV, FormatParameter::from_request(&request)?.format) {
            (None, _) | (_, Some(BodyFormat::Json)) => Format::Json,
            (Some(_), Some(BodyFormat::Csv)) => Format::Csv,
            (Some(_), None) => head.accepts,
        };
        let today = selection.as_of.map_or(today, |as_of| as_of.0.date_naive());
        Ok(Self { selection, params, format, today })
    }

    /// The same for all requests that have the same response.
    pub(super) fn cache_key(&self) -> Result<CacheKey, Failure> {
        let today = R::FROM_TODAY.then_some(self.today);
        let parts = (&self.selection, &self.params, self.format, today);
        let parts = serde_json::to_string(&parts).map_err(|error| Failure::Internal(error.to_string()))?;
        Ok(CacheKey { text: format!("{}:{parts}", R::ENDPOINT.name), depends: self.depends() })
    }

    /// What the response depends on.
    pub(super) fn depends(&self) -> Dependence {
        let Selection { catalogue, as_of, .. } = &self.selection;
        let about = match R::SELECTS {
            Selects::Nothing => About::All,
            Selects::Captures | Selects::Catalogue => catalogue.map_or(About::Newest, About::One),
        };
        Dependence { about, as_of: as_of.map(|as_of| as_of.0), also: R::ALSO_SHOWS }
    }

    /// What a CSV file is called: the values in the path tell it from others.
    pub(super) fn file(&self) -> Option<String> {
        let name = || [vec![R::ENDPOINT.name.to_owned()], self.params.of_path()].concat().join("-");
        R::CSV.map(|_| name())
    }
}
