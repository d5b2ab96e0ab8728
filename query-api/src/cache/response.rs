//! A cached response: the bytes that go out.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::{
    database::Versions,
    response::{ApiResponse, Meta},
};

/// The form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// `application/json`
    Json,
    /// `text/csv`
    Csv,
}

/// A cached response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CachedResponse {
    /// The version of the data it was read from.
    pub version: Versions,
    /// When it was read.
    pub made_at: DateTime<Utc>,
    /// The form of the body.
    pub format: Format,
    /// The body.
    pub body: Bytes,
    /// The strong validator of the body.
    pub etag: String,
}

/// What stands before the body where a response is kept as bytes.
#[derive(Serialize, Deserialize)]
struct Head {
    version: Versions,
    made_at: DateTime<Utc>,
    format: Format,
    etag: String,
}

impl CachedResponse {
    /// A response with its validator.
    pub(crate) fn new(
        version: Versions,
        made_at: DateTime<Utc>,
        format: Format,
        body: impl Into<Box<[u8]>>,
    ) -> Self {
        // A buffer that grew by doubling holds up to twice its bytes for as long as it is cached.
        let body = Bytes::from(body.into());
        let etag = etag(&body);
        Self { version, made_at, format, body, etag }
    }

    /// The same response, saying that it is stale; CSV has no place to say so.
    pub(crate) fn stale(&self) -> Self {
        let marked = match self.format {
            Format::Json => mark_stale(&self.body).ok(),
            Format::Csv => None,
        };
        match marked {
            Some(body) => Self::new(self.version.clone(), self.made_at, self.format, body),
            None => self.clone(),
        }
    }

    /// One line of JSON, then the body as it is.
    pub(crate) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let Self { version, made_at, format, body, etag } = self;
        let head = Head { version: version.clone(), made_at: *made_at, format: *format, etag: etag.clone() };
        let mut bytes = serde_json::to_vec(&head)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(body);
        Ok(bytes)
    }

    /// Reads back [`CachedResponse::to_bytes`]; `None` where the bytes are not whole.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let Head { version, made_at, format, etag: expected } = serde_json::from_slice(&bytes[..end]).ok()?;
        let body = Bytes::copy_from_slice(&bytes[end + 1..]);
        (etag(&body) == expected).then_some(Self { version, made_at, format, body, etag: expected })
    }
}

fn etag(body: &[u8]) -> String {
    format!("\"{}\"", hex::encode(&Sha256::digest(body)[..16]))
}

fn mark_stale(body: &[u8]) -> serde_json::Result<Vec<u8>> {
    let response: ApiResponse<&RawValue> = serde_json::from_slice(body)?;
    serde_json::to_vec(&ApiResponse { meta: Meta { stale: true, ..response.meta }, data: response.data })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(format: Format, body: &'static str) -> CachedResponse {
        CachedResponse::new(Versions::default(), DateTime::UNIX_EPOCH, format, body.as_bytes())
    }

    #[test]
    fn bytes_carry_a_response_whole_or_not_at_all() {
        let csv = response(Format::Csv, "a,b\n1,2\n");
        let bytes = csv.to_bytes().expect("bytes");
        assert_eq!(CachedResponse::from_bytes(&bytes), Some(csv));
        assert_eq!(CachedResponse::from_bytes(&bytes[..bytes.len() - 1]), None);
        assert_eq!(CachedResponse::from_bytes(b""), None);
        assert_eq!(CachedResponse::from_bytes(b"{}\n"), None);
    }

    #[test]
    fn a_stale_response_says_so_and_has_another_etag() {
        let body = r#"{"meta":{"catalogue":"mal","sources":[],"source":null,"as_of":null,"captured_at":null,"first_captured_at":null,"version":3,"complete":true,"stale":false},"data":[1.50]}"#;
        let fresh = response(Format::Json, body);
        let stale = fresh.stale();
        let text = String::from_utf8(stale.body.to_vec()).expect("text");
        assert_eq!(text, body.replace(r#""stale":false"#, r#""stale":true"#));
        assert_ne!(stale.etag, fresh.etag);
    }
}
