//! One recorded answer, whatever it was recorded in.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_schemas::{Capture, Catalogue, Dataset, RunId};

/// What a recording says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its name for messages: a file, or an archive and a line.
    pub name: String,
    /// The address that was asked, as it is written.
    pub url: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The instant of the recording, as it is written.
    pub captured_at: Option<String>,
    /// Where the bytes came from; read off the address where it is missing.
    pub source: Option<String>,
    /// Which family of titles.
    pub catalogue: Catalogue,
    /// The run it is a page of.
    pub run: Option<RunId>,
    /// What it is a page of; read off the address where it is missing.
    pub dataset: Option<Dataset>,
    /// Its number; read off the address where it is missing.
    pub page: Option<u32>,
    /// How many pages its run planned.
    pub pages: Option<u32>,
    /// The body.
    pub body: Bytes,
}

impl Recorded {
    /// A line of an archive.
    pub fn from_capture(name: String, capture: Capture) -> Self {
        Self {
            name,
            url: capture.url,
            status: capture.status,
            captured_at: Some(capture.captured_at.to_rfc3339()),
            source: Some(capture.source),
            catalogue: capture.catalogue,
            run: capture.run,
            dataset: capture.dataset,
            page: Some(capture.page),
            pages: capture.pages,
            body: Bytes::from(capture.body),
        }
    }

    /// The instant, if one is written. A date alone is no instant.
    pub fn instant(&self) -> Option<DateTime<Utc>> {
        let text = self.captured_at.as_deref()?;
        DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
    }
}
