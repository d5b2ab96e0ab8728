//! Why a request of an operator is refused.

use axum::http::StatusCode;
use kansoku_schemas::filter::FilterError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{database::ReadError, problem::Failure};

/// One place where a text and its schema differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlacedFault {
    /// JSON pointer into the text.
    #[schema(example = "/aired/from")]
    pub path: String,
    /// The keyword of the schema.
    #[schema(example = "pattern")]
    pub keyword: String,
    /// JSON pointer into the schema.
    pub schema_path: String,
    /// What is wrong, in words.
    #[schema(required = true)]
    pub message: Option<String>,
    /// The line in the text, from 1.
    #[schema(required = true)]
    pub line: Option<usize>,
    /// The character in that line, from 1.
    #[schema(required = true)]
    pub column: Option<usize>,
    /// The first of its bytes in the text.
    #[schema(required = true)]
    pub start: Option<usize>,
    /// The byte after its last.
    #[schema(required = true)]
    pub end: Option<usize>,
}

/// What a client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) detail: String,
    pub(crate) parameter: Option<String>,
    pub(crate) column: Option<usize>,
    pub(crate) faults: Vec<PlacedFault>,
}

/// Refuses a request.
pub(super) fn refuse(status: StatusCode, detail: impl Into<String>) -> Failure {
    let detail = detail.into();
    Failure::Refused(Box::new(Refusal { status, detail, parameter: None, column: None, faults: Vec::new() }))
}

/// 400: the request makes no sense.
pub(super) fn bad(detail: impl Into<String>) -> Failure {
    refuse(StatusCode::BAD_REQUEST, detail)
}

/// 404: what is named is not there.
pub(super) fn unknown(detail: impl Into<String>) -> Failure {
    Failure::NotKnown(detail.into())
}

/// 409: something else has happened since.
pub(super) fn conflict(detail: impl Into<String>) -> Failure {
    refuse(StatusCode::CONFLICT, detail)
}

/// 400: a text that does not pass.
pub(super) fn faulty(detail: impl Into<String>, faults: Vec<PlacedFault>) -> Failure {
    let (status, detail) = (StatusCode::BAD_REQUEST, detail.into());
    Failure::Refused(Box::new(Refusal { status, detail, parameter: None, column: None, faults }))
}

impl From<FilterError> for Failure {
    fn from(error: FilterError) -> Self {
        Self::Refused(Box::new(Refusal {
            status: StatusCode::BAD_REQUEST,
            detail: format!("filter: {error}"),
            parameter: Some("filter".into()),
            column: Some(error.column),
            faults: Vec::new(),
        }))
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Refused(failure) => failure,
            ReadError::Unavailable(_) => refuse(
                StatusCode::SERVICE_UNAVAILABLE,
                "the database is unavailable; try again in a few seconds",
            ),
            ReadError::Busy(_) => Self::Busy,
            ReadError::TooSlow(_) => Self::TooSlow(error.to_string()),
            ReadError::Broken(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        // The one character that Postgres keeps in no text.
        let code = error.as_database_error().and_then(|error| error.code());
        if matches!(code.as_deref(), Some("22021" | "22P05")) {
            return bad("the request holds the character U+0000, which nothing here has");
        }
        ReadError::from(error).into()
    }
}
