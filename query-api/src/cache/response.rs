//! A cached response: the bytes that go out.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::encoding::{self, Encoding, Variants};
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
#[derive(Debug)]
pub(crate) struct CachedResponse {
    /// The version of the data it was read from.
    pub version: Versions,
    /// When it was read.
    pub made_at: DateTime<Utc>,
    /// The form of the body.
    pub format: Format,
    /// The body.
    pub body: Bytes,
    /// The validator of the data: a new version of the same data leaves it as it is. So it is a weak one, since the bytes say
    /// the number of the version; and being weak it is the same for every content coding.
    pub etag: String,
    variants: Variants,
}

/// What is kept beside the body where a response is kept as bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
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
        let etag = etag(format, &body);
        Self { version, made_at, format, body, etag, variants: Variants::default() }
    }

    /// The same response, saying that it is stale; CSV has no place to say so.
    pub(crate) fn stale(&self) -> Self {
        let marked = match self.format {
            Format::Json => mark_stale(&self.body).ok(),
            Format::Csv => None,
        };
        let body = marked.unwrap_or_else(|| self.body.to_vec());
        Self::new(self.version.clone(), self.made_at, self.format, body)
    }

    /// The body in that coding; `None` where it is sent as it is.
    pub(crate) async fn encoded(&self, encoding: Encoding) -> Option<Bytes> {
        self.variants.get(&self.body, encoding).await
    }

    /// What the body takes in memory at most, in all its codings.
    pub(super) fn weight(&self) -> usize {
        encoding::weight(&self.body)
    }

    /// What has to be kept beside the body.
    pub(super) fn head(&self) -> Head {
        let Self { version, made_at, format, etag, .. } = self;
        Head { version: version.clone(), made_at: *made_at, format: *format, etag: etag.clone() }
    }

    /// Puts head and body together again; `None` where they do not belong together.
    pub(super) fn from_parts(head: Head, body: Vec<u8>) -> Option<Self> {
        let response = Self::new(head.version, head.made_at, head.format, body);
        (response.etag == head.etag).then_some(response)
    }
}

/// Hashes all that a body says, but for the number of its version.
fn etag(format: Format, body: &[u8]) -> String {
    let (before, after) = match format {
        Format::Json => around_version(body),
        Format::Csv => (body, &[][..]),
    };
    let digest = Sha256::new().chain_update(before).chain_update(after).finalize();
    format!("W/\"{}\"", hex::encode(&digest[..16]))
}

/// What stands before and after the digits of `meta.version`. The text with its quotes can stand in no string of JSON, and
/// `meta` is the first to have it.
fn around_version(body: &[u8]) -> (&[u8], &[u8]) {
    const NAME: &[u8] = b"\"version\":";
    let Some(start) = body.windows(NAME.len()).position(|part| part == NAME) else { return (body, &[]) };
    let (before, rest) = body.split_at(start + NAME.len());
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (before, &rest[digits..])
}

fn mark_stale(body: &[u8]) -> serde_json::Result<Vec<u8>> {
    let response: ApiResponse<&RawValue> = serde_json::from_slice(body)?;
    serde_json::to_vec(&ApiResponse { meta: Meta { stale: true, ..response.meta }, data: response.data })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"meta":{"catalogue":"mal","sources":["\"version\":7"],"source":null,"as_of":null,"captured_at":null,"first_captured_at":null,"version":3,"complete":true,"stale":false},"data":[1.50]}"#;

    fn response(format: Format, body: &str) -> CachedResponse {
        CachedResponse::new(Versions::default(), DateTime::UNIX_EPOCH, format, body.as_bytes())
    }

    #[test]
    fn a_response_is_put_together_whole_or_not_at_all() {
        let csv = response(Format::Csv, "a,b\n1,2\n");
        let again = CachedResponse::from_parts(csv.head(), csv.body.to_vec()).expect("whole");
        assert_eq!((again.body, again.etag), (csv.body.clone(), csv.etag.clone()));
        assert!(CachedResponse::from_parts(csv.head(), b"a,b\n1,2".to_vec()).is_none());
        assert!(CachedResponse::from_parts(csv.head(), Vec::new()).is_none());
    }

    #[test]
    fn the_same_data_in_another_version_have_the_same_etag() {
        let etag = |body: &str| response(Format::Json, body).etag;
        assert_eq!(etag(BODY), etag(&BODY.replace(r#""version":3"#, r#""version":1204"#)));
        assert_ne!(etag(BODY), etag(&BODY.replace("1.50", "1.51")));
        assert_ne!(
            etag(BODY),
            etag(&BODY.replace(r#"\":7"#, r#"\":8"#)),
            "the name of a source is no version"
        );
        assert_ne!(etag(BODY), etag(&BODY.replace(r#""complete":true"#, r#""complete":false"#)));
    }

    #[test]
    fn a_stale_response_says_so_and_has_another_etag() {
        let fresh = response(Format::Json, BODY);
        let stale = fresh.stale();
        let text = String::from_utf8(stale.body.to_vec()).expect("text");
        assert_eq!(text, BODY.replace(r#""stale":false"#, r#""stale":true"#));
        assert_ne!(stale.etag, fresh.etag);
    }
}
