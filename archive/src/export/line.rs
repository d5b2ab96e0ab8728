//! A message as a line of an archive.

use std::{collections::HashMap, sync::Arc};

use kansoku_nats::{
    PublishError, Stored,
    page::{self, HeaderError},
    subject,
};
use kansoku_runs::Streams;
use kansoku_schemas::{Capture, PageMeta, RunEvent, RunId};

/// What a message is in an archive.
#[derive(Debug)]
pub(crate) enum Line {
    /// A page, or a replay.
    Capture(Box<Capture>),
    /// Its headers describe no page, for this reason; the validator has put its bytes into DLQ.
    NoPage(String),
}

/// Makes lines of messages.
pub(crate) struct Lines {
    streams: Arc<Streams>,
    epoch: u64,
    /// What each run that has ended planned: the pages were published before that was known.
    planned: HashMap<RunId, Option<u32>>,
}

impl Lines {
    /// Lines of a RAW of this epoch.
    pub(crate) fn new(streams: Arc<Streams>, epoch: u64) -> Self {
        Self { streams, epoch, planned: HashMap::new() }
    }

    /// A message of RAW.
    pub(crate) async fn raw(&mut self, stored: Stored) -> Result<Line, PublishError> {
        let meta = match page::meta(&stored.headers) {
            Ok(meta) => meta,
            Err(error) => return Ok(Line::NoPage(error.to_string())),
        };
        let planned = match self.planned.get(&meta.run) {
            Some(planned) => *planned,
            None => {
                let subject = subject::run(&meta.dataset, &meta.run);
                let last = self.streams.last_on_subject("RUN", &subject).await?;
                let event = last.and_then(|last| serde_json::from_slice::<RunEvent>(&last.body).ok());
                let ended = event.as_ref().is_some_and(RunEvent::has_ended);
                let planned = event.and_then(|event| event.pages_planned);
                if ended {
                    self.planned.insert(meta.run, planned);
                }
                planned
            }
        };
        Ok(match line(stored, self.epoch, planned) {
            Ok(capture) => Line::Capture(Box::new(capture)),
            Err(error) => Line::NoPage(error.to_string()),
        })
    }

    /// A dead letter of the stage `fetch`: an answer as it came. Its place was not in RAW.
    pub(crate) async fn dead_letter(&mut self, stored: Stored) -> Result<Option<Capture>, PublishError> {
        Ok(match self.raw(stored).await? {
            Line::Capture(capture) => Some(Capture { epoch: None, seq: None, ..*capture }),
            Line::NoPage(_) => None,
        })
    }
}
fn line(stored: Stored, epoch: u64, pages: Option<u32>) -> Result<Capture, HeaderError> {
    let PageMeta { catalogue, source, dataset, run, page, pages: planned, captured_at, url, status } =
        page::meta(&stored.headers)?;
    let headers = stored.headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let capture = Capture {
        url,
        status: status.unwrap_or(200),
        headers: std::collections::BTreeMap::new(),
        captured_at,
        source,
        catalogue,
        run: Some(run),
        dataset: Some(dataset),
        page,
        pages: pages.or(planned),
        epoch: Some(epoch),
        seq: Some(stored.seq),
        nats_headers: Some(headers),
        body: None,
        body_base64: None,
    };
    Ok(capture.with_body(stored.body.into()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use chrono::DateTime;
    use kansoku_nats::{Headers, id};
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
        let capture = line(stored(sent.clone()), 5, None).unwrap();
        let recording = Recording::from_capture("a:1".to_owned(), capture).unwrap();
        let page = plan(recording, meta().captured_at).unwrap();
        assert_eq!(page.message(), sent);
    }

    #[test]
    fn a_message_that_is_no_page_is_named_by_its_header() {
        let mut message = stored(page::raw(&meta(), Bytes::new()));
        message.headers = Headers::new();
        assert_eq!(line(message, 5, None).unwrap_err().header, "ce-time");
    }
}
