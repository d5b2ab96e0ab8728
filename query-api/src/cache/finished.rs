//! A finished answer: the bytes that go out.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::answer::{Answer, Meta};

/// The form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// `application/json`
    Json,
    /// `text/csv`
    Csv,
}

/// A finished answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finished {
    /// The version of the data it was read from.
    pub tag: String,
    /// When it was read.
    pub made_at: DateTime<Utc>,
    /// The form of the body.
    pub format: Format,
    /// The body.
    pub body: Bytes,
    /// The strong validator of the body.
    pub etag: String,
}

/// What stands before the body where an answer is kept as bytes.
#[derive(Serialize, Deserialize)]
struct Head {
    tag: String,
    made_at: DateTime<Utc>,
    format: Format,
    etag: String,
}

impl Finished {
    /// Finishes an answer.
    pub(crate) fn new(tag: String, made_at: DateTime<Utc>, format: Format, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let etag = etag(&body);
        Self { tag, made_at, format, body, etag }
    }

    /// The same answer, saying that it is stale; CSV has no place to say so.
    pub(crate) fn stale(&self) -> Self {
        let told = match self.format {
            Format::Json => mark_stale(&self.body).ok(),
            Format::Csv => None,
        };
        match told {
            Some(body) => Self::new(self.tag.clone(), self.made_at, self.format, body),
            None => self.clone(),
        }
    }

    /// One line of JSON, then the body as it is.
    pub(crate) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let Self { tag, made_at, format, body, etag } = self;
        let head = Head { tag: tag.clone(), made_at: *made_at, format: *format, etag: etag.clone() };
        let mut bytes = serde_json::to_vec(&head)?;
        bytes.push(b'\n');
        bytes.extend_from_slice(body);
        Ok(bytes)
    }

    /// Reads back [`Finished::to_bytes`]; bytes that are not whole are nobody's answer.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let body = Bytes::copy_from_slice(&bytes[end + 1..]);
        let Head { tag, made_at, format, etag: expected } = head;
        (etag(&body) == expected).then_some(Self { tag, made_at, format, body, etag: expected })
    }
}

fn etag(body: &[u8]) -> String {
    format!("\"{}\"", hex::encode(&Sha256::digest(body)[..16]))
}

fn mark_stale(body: &[u8]) -> serde_json::Result<Vec<u8>> {
    let answer: Answer<&RawValue> = serde_json::from_slice(body)?;
    serde_json::to_vec(&Answer { meta: Meta { stale: true, ..answer.meta }, data: answer.data })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(format: Format, body: &'static str) -> Finished {
        Finished::new("db:mal.1".into(), DateTime::UNIX_EPOCH, format, body)
    }

    #[test]
    fn bytes_carry_an_answer_whole_or_not_at_all() {
        let csv = answer(Format::Csv, "a,b\n1,2\n");
        let bytes = csv.to_bytes().expect("bytes");
        assert_eq!(Finished::from_bytes(&bytes), Some(csv));
        assert_eq!(Finished::from_bytes(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Finished::from_bytes(b""), None);
        assert_eq!(Finished::from_bytes(b"{}\n"), None);
    }

    #[test]
    fn a_stale_answer_says_so_and_has_another_tag() {
        let body = r#"{"meta":{"catalogue":"mal","sources":[],"source":null,"as_of":null,"captured_at":null,"first_captured_at":null,"version":3,"complete":true,"stale":false},"data":[1.50]}"#;
        let fresh = answer(Format::Json, body);
        let stale = fresh.stale();
        let text = String::from_utf8(stale.body.to_vec()).expect("text");
        assert_eq!(text, body.replace(r#""stale":false"#, r#""stale":true"#));
        assert_ne!(stale.etag, fresh.etag);
    }
}
