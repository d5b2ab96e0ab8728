//! One recorded answer, whatever it was recorded in.

use anyhow::{Context, Result};
use bytes::Bytes;
use kansoku_nats::{Headers, dead_letter, id, page};
use kansoku_runs::envelope::Refusal;
use kansoku_schemas::{Capture, Catalogue, Dataset, Position, Replay, RunId};

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
    /// What it was in the RAW that it was exported from, if it was.
    pub exported: Option<Exported>,
    /// Why it was no page, where its dead letter says so: the body alone need not.
    pub refusal: Option<Refusal>,
    /// As how many things it counts in the closing table: a page of a history as many as it has rows, any other as one.
    pub counts: u64,
    /// The body.
    pub body: Bytes,
}

/// A recording that was a message of some RAW.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Its position there.
    pub position: Position,
    /// The replay that it was, with its message id; `None` for a page as fetched.
    pub replay: Option<(String, Replay)>,
}

impl Exported {
    /// Reads what was kept of the message.
    fn read(capture: &Capture, headers: &Headers) -> Result<Option<Self>> {
        let (Some(epoch), Some(seq)) = (capture.epoch, capture.seq) else { return Ok(None) };
        let replay = page::replay(headers).context("read the headers of a replay")?.map(|replay| {
            // A replay by hand may have been published without an id.
            let id = headers.get("Nats-Msg-Id").map_or_else(
                || id::replay(&replay.root, &format!("export-{epoch}-{seq}")),
                ToOwned::to_owned,
            );
            (id, replay)
        });
        Ok(Some(Self { position: Position { epoch, seq }, replay }))
    }
}

impl Recorded {
    /// A body of which nothing else is known.
    pub fn new(name: String, body: Bytes) -> Self {
        Self {
            name,
            url: None,
            status: 200,
            captured_at: None,
            source: None,
            catalogue: Catalogue::Mal,
            run: None,
            dataset: None,
            page: None,
            pages: None,
            exported: None,
            refusal: None,
            counts: 1,
            body,
        }
    }

    /// A line of an archive.
    pub fn from_capture(name: String, mut capture: Capture) -> Result<Self> {
        let headers = Headers::from_iter(capture.nats_headers.take().unwrap_or_default());
        let exported = Exported::read(&capture, &headers)?;
        let refusal = if exported.is_none() { dead_letter::refusal(&headers) } else { None };
        let refusal = refusal.map(|(reason, message)| Refusal { reason, message });
        let body = Bytes::from(capture.take_body()?);
        Ok(Self {
            url: capture.url,
            status: capture.status,
            captured_at: Some(capture.captured_at.to_rfc3339()),
            source: Some(capture.source),
            catalogue: capture.catalogue,
            run: capture.run,
            dataset: capture.dataset,
            page: Some(capture.page),
            pages: capture.pages,
            exported,
            refusal,
            ..Self::new(name, body)
        })
    }
}
