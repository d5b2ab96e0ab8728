//! One recorded answer with all that is known of it.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Catalogue, Dataset, RunId};

/// One recorded answer, its body byte for byte: as a string, or in base64 where it is no UTF-8.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("oneOf" = [{ "required": ["body"] }, { "required": ["body_base64"] }])))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// The address that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The HTTP status.
    #[cfg_attr(test, schemars(range(max = 999)))]
    pub status: u16,
    /// The HTTP headers of the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// When it was recorded.
    pub captured_at: DateTime<Utc>,
    /// Where the bytes came from.
    pub source: String,
    /// Which family of titles.
    pub catalogue: Catalogue,
    /// The capture it is a page of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// What it is a page of; read off the address where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<Dataset>,
    /// Its number, from 1.
    #[serde(default = "first")]
    #[cfg_attr(test, schemars(range(min = 1)))]
    pub page: u32,
    /// How many pages its run planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// The epoch of the RAW it was exported from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// Its sequence in that RAW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Its headers in that RAW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nats_headers: Option<BTreeMap<String, String>>,
    /// The body, where it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body in base64, where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(extend("contentEncoding" = "base64")))]
    pub body_base64: Option<String>,
}

/// Why a capture has no body.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Neither, or both.
    #[error("a capture has body or body_base64, one of them")]
    NotOne,
    /// Not base64.
    #[error("read body_base64: {0}")]
    Base64(#[from] base64::DecodeError),
}

impl Capture {
    /// The same with this body.
    #[must_use]
    pub fn with_body(self, body: Vec<u8>) -> Self {
        match String::from_utf8(body) {
            Ok(text) => Self { body: Some(text), body_base64: None, ..self },
            Err(error) => Self { body: None, body_base64: Some(STANDARD.encode(error.as_bytes())), ..self },
        }
    }

    /// Takes the body out.
    pub fn take_body(&mut self) -> Result<Vec<u8>, BodyError> {
        match (self.body.take(), self.body_base64.take()) {
            (Some(text), None) => Ok(text.into_bytes()),
            (None, Some(text)) => Ok(STANDARD.decode(text)?),
            _ => Err(BodyError::NotOne),
        }
    }
}

fn first() -> u32 {
    1
}
