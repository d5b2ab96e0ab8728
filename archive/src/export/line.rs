//! A message of RAW as a line of an archive. Pure.

use kansoku_nats::{
    Stored,
    page::{self, HeaderError},
};
use kansoku_schemas::{Capture, PageMeta};

/// The line of a message; `pages` is what its run planned in the end, where that is known.
pub fn line(stored: Stored, epoch: u64, pages: Option<u32>) -> Result<Capture, HeaderError> {
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
    use crate::import::{Plan, Recorded, plan};

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
        let recorded = Recorded::from_capture("a:1".to_owned(), capture).unwrap();
        let Plan::Take(page) = plan(recorded, meta().captured_at) else { panic!("left") };
        assert_eq!(page.message(), sent);
    }

    #[test]
    fn a_message_that_is_no_page_is_told_by_its_header() {
        let mut message = stored(page::raw(&meta(), Bytes::new()));
        message.headers = Headers::new();
        assert_eq!(line(message, 5, None).unwrap_err().header, "ce-time");
    }
}
