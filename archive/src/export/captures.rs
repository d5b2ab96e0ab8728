//! A message as a line of an archive.

use std::{collections::HashMap, sync::Arc};

use kansoku_nats::{
    PublishError, Stored,
    page::{self, HeaderError},
    subject,
};
use kansoku_runs::Streams;
use kansoku_schemas::{Capture, PageMeta, RunEvent, RunId};

/// Makes captures of messages.
pub(crate) struct Captures {
    streams: Arc<Streams>,
    epoch: u64,
    /// What each run that has ended planned: the pages were published before that was known.
    planned: HashMap<RunId, Option<u32>>,
}

impl Captures {
    /// Of a RAW of this epoch.
    pub(crate) fn new(streams: Arc<Streams>, epoch: u64) -> Self {
        Self { streams, epoch, planned: HashMap::new() }
    }

    /// A message of RAW: a page, a replay, or no page by its headers; then the validator has put its bytes into DLQ.
    pub(crate) async fn raw(&mut self, stored: Stored) -> Result<Result<Capture, HeaderError>, PublishError> {
        let meta = match page::meta(&stored.headers) {
            Ok(meta) => meta,
            Err(error) => return Ok(Err(error)),
        };
        if let Some(planned) = self.planned.get(&meta.run) {
            return Ok(Ok(capture(stored, meta, self.epoch, *planned)));
        }
        let last = self.streams.last_on_subject("RUN", &subject::run(&meta.dataset, &meta.run)).await?;
        let event = last.and_then(|last| serde_json::from_slice::<RunEvent>(&last.body).ok());
        let planned = event.as_ref().and_then(|event| event.pages_planned);
        if event.is_some_and(|event| event.has_ended()) {
            self.planned.insert(meta.run, planned);
        }
        Ok(Ok(capture(stored, meta, self.epoch, planned)))
    }

    /// A dead letter of the stage `fetch`: an answer as it came. Its place was not in RAW.
    pub(crate) async fn dead_letter(&mut self, stored: Stored) -> Result<Option<Capture>, PublishError> {
        Ok(self.raw(stored).await?.ok().map(|capture| Capture { epoch: None, seq: None, ..capture }))
    }
}

/// The capture of a message; `planned` is how many pages its run planned in the end, where that is known.
fn capture(stored: Stored, meta: PageMeta, epoch: u64, planned: Option<u32>) -> Capture {
    let headers = stored.headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let capture = Capture {
        url: meta.url,
        status: meta.status.unwrap_or(200),
        headers: std::collections::BTreeMap::new(),
        captured_at: meta.captured_at,
        source: meta.source,
        catalogue: meta.catalogue,
        run: Some(meta.run),
        dataset: Some(meta.dataset),
        page: meta.page,
        pages: planned.or(meta.pages),
        epoch: Some(epoch),
        seq: Some(stored.seq),
        nats_headers: Some(headers),
        body: None,
        body_base64: None,
    };
    capture.with_body(stored.body.into())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chrono::DateTime;
    use kansoku_nats::id;
    use kansoku_schemas::{Catalogue, Dataset, Replay, Root, RunId, Stage};

    use super::*;
    use crate::import::{Recording, plan};

    fn meta() -> PageMeta {
        let captured_at = "2026-10-20T06:00:00Z".parse().unwrap();
        PageMeta {
            catalogue: Catalogue::Mal,
            source: "観測".to_owned(),
            dataset: Dataset::TopScore,
            run: RunId::scheduled("s", &Dataset::TopScore, captured_at),
            page: 2,
            pages: Some(4),
            captured_at,
            url: Some("https://example.org/v4/top/anime?page=2".to_owned()),
            status: Some(200),
        }
    }

    fn stored(message: kansoku_nats::Outgoing) -> Stored {
        let mut headers = message.headers;
        headers.insert("Nats-Msg-Id", message.id);
        Stored { subject: message.subject, seq: 7, time: DateTime::UNIX_EPOCH, headers, body: message.body }
    }

    #[test]
    fn a_replay_is_exported_and_imported_as_it_was() {
        let root = Root { run: meta().run, page: 2, row: Some(3), stage: Stage::Validate };
        let replay =
            Replay { root, parent: Some("DLQ:9".to_owned()), row: Some(3), position: Some(28), attempt: 1 };
        let body = Bytes::from_static(b"{\"data\":[\xff]}");
        let sent = page::raw_as(&meta(), Some(&replay), id::replay(&root, "cli-1"), body);
        let capture = capture(stored(sent.clone()), meta(), 5, None);
        let recording = Recording::from_capture("a:1".to_owned(), capture).unwrap();
        let page = plan(recording, meta().captured_at).unwrap();
        assert_eq!(page.message(), sent);
    }
}
