//! One recorded answer, whatever it was recorded in.

use anyhow::{Context, Result};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_nats::{Headers, dead_letter, id, page};
use kansoku_runs::envelope::Refusal;
use kansoku_schemas::{Capture, Catalogue, Dataset, Replay, RunEvent, RunId};

/// What an import reads.
#[derive(Debug)]
pub enum Item {
    /// A recorded answer.
    Recording(Box<Recording>),
    /// How a run ended in the installation whose RAW has this epoch.
    End(Box<RunEvent>, u64),
}

impl From<Recording> for Item {
    fn from(recording: Recording) -> Self {
        Self::Recording(Box::new(recording))
    }
}

/// Why a recording is left out: a name for the closing table, and what is wrong with it; nothing where Kansoku just does not
/// keep what goes by that name.
pub(crate) type LeftOut = (&'static str, Option<String>);

/// Something is wrong with a recording.
pub(crate) fn wrong(name: &'static str, words: impl Into<String>) -> LeftOut {
    (name, Some(words.into()))
}

/// What a recording says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Its name for messages: a file, or an archive and a line.
    pub(crate) name: String,
    /// The address that was requested, as it is written.
    pub(crate) url: Option<String>,
    pub(crate) status: u16,
    pub(crate) captured_at: Result<DateTime<Utc>, LeftOut>,
    /// Where the bytes came from; read off the address where it is missing, as dataset and page are.
    pub(crate) source: Option<String>,
    pub(crate) catalogue: Catalogue,
    pub(crate) run: Option<RunId>,
    pub(crate) dataset: Option<Dataset>,
    pub(crate) page: Option<u32>,
    /// How many pages its run planned.
    pub(crate) pages: Option<u32>,
    pub(crate) exported: Option<Exported>,
    /// Why it was no page, where its dead letter says so: the body alone need not.
    pub(crate) refusal: Option<Refusal>,
    /// As how many things it counts in the closing table: a page of a history as many as it has rows, any other as one.
    pub(crate) counts: u64,
    pub(crate) body: Bytes,
}

/// A recording that was a message of some RAW.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exported {
    /// Which RAW.
    pub(crate) epoch: u64,
    /// Its sequence there.
    pub(crate) seq: u64,
    /// The replay that it was, with its message id; `None` for a page as fetched.
    pub(crate) replay: Option<(String, Replay)>,
}

impl Recording {
    /// A body of which nothing else is known.
    pub(crate) fn new(name: String, body: Bytes) -> Self {
        Self {
            name,
            url: None,
            status: 200,
            captured_at: Err(wrong("no instant", "does not say when it was captured")),
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
    pub(crate) fn from_capture(name: String, mut capture: Capture) -> Result<Self> {
        let headers = Headers::from_iter(capture.nats_headers.take().unwrap_or_default());
        let mut exported = None;
        if let (Some(epoch), Some(seq)) = (capture.epoch, capture.seq) {
            let replay = page::replay(&headers).context("read the headers of a replay")?.map(|replay| {
                // A replay by hand may have been published without an id, and another one is no replay's to take.
                let is_ours = |id: &&str| id.starts_with("replay:") && !id.contains(char::is_control);
                let made = || id::replay(&replay.root, &format!("export-{epoch}-{seq}"));
                (headers.get("Nats-Msg-Id").filter(is_ours).map_or_else(made, ToOwned::to_owned), replay)
            });
            exported = Some(Exported { epoch, seq, replay });
        }
        let refusal = if exported.is_none() { dead_letter::refusal(&headers) } else { None };
        let body = Bytes::from(capture.take_body()?);
        Ok(Self {
            url: capture.url,
            status: capture.status,
            captured_at: Ok(capture.captured_at),
            source: Some(capture.source),
            catalogue: capture.catalogue,
            run: capture.run,
            dataset: capture.dataset,
            page: Some(capture.page),
            pages: capture.pages,
            exported,
            refusal: refusal.map(|(reason, message)| Refusal { reason, message }),
            ..Self::new(name, body)
        })
    }
}
