//! What to do with a recording. Pure.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_nats::{Outgoing, id, page, subject};
use kansoku_runs::{
    RunMeta,
    envelope::{self, Envelope, Refusal},
    publish::sha256,
};
use kansoku_schemas::{Classified, Dataset, PageMeta, Replay, RunId, classify, source_of};

use super::{
    address,
    recording::{Exported, LeftOut, Recording, wrong},
};
use crate::instant;

/// The last page of a list that the tables can count.
const MAX_PAGE: u32 = i32::MAX.unsigned_abs();

/// A page to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// Its name for messages.
    pub(crate) name: String,
    pub(crate) run: RunMeta,
    pub(crate) page: u32,
    /// How many pages the run has.
    pub(crate) pages: Option<u32>,
    pub(crate) url: Option<String>,
    pub(crate) status: u16,
    pub(crate) envelope: Result<Envelope, Refusal>,
    /// What it was in another RAW.
    pub(crate) exported: Option<Exported>,
    /// Whether nothing names its run.
    pub(crate) is_alone: bool,
    /// Whether another body of the same page is there, as a capture leaves it that goes on after the duplicate window.
    pub(crate) is_another: bool,
    /// As how many things it counts in the closing table.
    pub(crate) counts: u64,
    pub(crate) body: Bytes,
}

impl Page {
    /// Its metadata for RAW.
    pub(crate) fn meta(&self) -> PageMeta {
        self.run.page(self.page, self.pages, self.url.clone(), Some(self.status))
    }

    /// What is wrong with a page that is of another capture than its run.
    pub(super) fn mismatch(&self, run: &RunMeta) -> Option<String> {
        let (is, id) = (&self.run, run.run);
        let words = || format!("is {is}, and its run {id} is {run}: give it a run of its own, or none");
        (is != run).then(words)
    }

    /// Why it goes to DLQ: what was in RAW goes to RAW, page or not; what it is worth was the validator's to say.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        self.envelope.as_ref().err().filter(|_| self.exported.is_none())
    }

    /// The replay that it is, with its message id.
    pub(super) fn replay(&self) -> Option<&(String, Replay)> {
        self.exported.as_ref()?.replay.as_ref()
    }

    /// Its id in RAW, where it is not the page of its number there.
    pub(super) fn own_id(&self) -> Option<String> {
        let another = || self.is_another.then(|| id::another(&self.run.run, self.page, &sha256(&self.body)));
        self.replay().map(|(id, _)| id.clone()).or_else(another)
    }

    /// Its message for RAW.
    pub(crate) fn message(&self) -> Outgoing {
        let replay = self.replay().map(|(_, replay)| replay);
        let id = self.own_id().unwrap_or_else(|| id::raw(&self.run.run, self.page));
        page::raw_as(&self.meta(), replay, id, self.body.clone())
    }

    /// Whether RAW has no place for it.
    pub(super) fn is_too_large(&self) -> bool {
        let message = self.message();
        message.size() > subject::limit(&message.subject)
            || message.header_size() > subject::header_limit(&message.subject)
    }
}

/// Makes a page of a recording.
pub(crate) fn plan(recording: Recording, now: DateTime<Utc>) -> Result<Page, LeftOut> {
    let no_address = |text: &String| {
        wrong("no address", format!("has the url {text:?}, and an address is such as {}", address::FORMS))
    };
    let address = match &recording.url {
        None => None,
        // The address of a capture of ours is kept as it was, whatever it is.
        Some(text) if recording.dataset.is_some() => address::read(text),
        Some(text) => Some(address::read(text).ok_or_else(|| no_address(text))?),
    };
    let url = address.as_ref().map(|address| &address.url);
    let dataset = match (recording.dataset, url.map(classify)) {
        (Some(dataset), _) | (None, Some(Classified::Taken(dataset))) => dataset,
        (None, Some(Classified::NotTaken(name))) => return Err((name, None)),
        (None, None) => return Err(wrong("no address", "has no url")),
    };
    let at = recording.captured_at?;
    let captured_at =
        instant::check(at, now).map_err(|why| wrong(why.name(), why.words(&format!("{at:?}"))))?;
    let source = recording.source.or_else(|| {
        let address = address.as_ref()?;
        Some(if address.has_host { source_of(&address.url) } else { "file".to_owned() })
    });
    let source = source.ok_or_else(|| wrong("no source", "names no source: say --source"))?;
    let page = match (recording.page, url.map(address::page)) {
        (Some(page), _) | (None, Some(Ok(Some(page)))) => page,
        (None, Some(Err(text))) => {
            return Err(wrong("no such page", format!("has an address with page={text}, which is no page")));
        }
        (None, _) => 1,
    };
    if page >= MAX_PAGE || recording.pages.is_some_and(|pages| pages > MAX_PAGE) {
        return Err(wrong("no such page", format!("is page {page}, and {MAX_PAGE} is the last")));
    }
    let text = address.map(|address| address.text).or(recording.url);
    let run = recording.run.unwrap_or_else(|| {
        let address = text.as_deref().unwrap_or(&recording.name);
        RunId::import(&source, address, captured_at, &sha256(&recording.body))
    });
    let envelope = recording.refusal.map_or_else(|| envelope::read(&recording.body), Err);
    let is_alone = recording.run.is_none();
    let page = Page {
        name: recording.name,
        run: RunMeta { run, dataset, source, catalogue: recording.catalogue, captured_at },
        page,
        pages: recording.pages.or_else(|| is_alone.then(|| pages_of(dataset, &envelope, page))),
        url: text,
        status: recording.status,
        envelope,
        exported: recording.exported,
        is_alone,
        is_another: false,
        counts: recording.counts,
        body: recording.body,
    };
    let too_long = page.meta().too_long().map(|(what, length, most)| {
        wrong("headers too long", format!("has a {what} of {length} bytes, and {most} are the most"))
    });
    too_long.map_or(Ok(page), Err)
}

/// A recording by itself is a run by itself. Of a ranked list it is complete only when the list has no more pages:
/// ten titles of thousands are not the whole ranking, and the run shall say so.
fn pages_of(dataset: Dataset, envelope: &Result<Envelope, Refusal>, page: u32) -> u32 {
    let least = if dataset.is_ranked() { page } else { 1 };
    match envelope {
        Ok(envelope) if dataset.is_ranked() && envelope.has_next_page == Some(true) => {
            envelope.last_visible_page.unwrap_or(page + 1).max(page + 1).min(MAX_PAGE)
        }
        _ => least,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(url: &str, captured_at: &str, body: &str) -> Recording {
        Recording {
            url: Some(url.to_owned()),
            captured_at: Ok(captured_at.parse().unwrap()),
            ..Recording::new("a.json".to_owned(), Bytes::copy_from_slice(body.as_bytes()))
        }
    }

    fn planned(url: &str, captured_at: &str) -> Result<Page, LeftOut> {
        plan(recording(url, captured_at, "{}"), "2026-11-01T00:00:00Z".parse().unwrap())
    }

    const AT: &str = "2026-05-07T11:01:35Z";
    const ONE: &str = "https://api.example.org/v4/anime/1";

    #[test]
    fn what_cannot_be_taken_is_named_with_its_reason() {
        let not_kept = planned("https://api.example.org/v4/anime/1/episodes", AT);
        assert_eq!(not_kept, Err(("episodes", None)));
        for (url, captured_at, name, words) in [
            ("any", AT, "no address", "has the url \"any\", and an address is such as"),
            (ONE, "2019-06-30T23:59:60Z", "a leap second", "2019-06-30T23:59:60Z"),
            ("https://api.example.org/v4/top/anime?page=abc", AT, "no such page", "page=abc"),
            (ONE, "2026-11-01T00:06:00Z", "captured in the future", "2026-11-01T00:06:00Z\", ahead of"),
            (ONE, "2003-12-31T23:59:59Z", "before 2004", "MyAnimeList began"),
        ] {
            let Err((refused, Some(why))) = planned(url, captured_at) else { panic!("{url}") };
            assert_eq!(refused, name);
            assert!(why.contains(words), "{why}");
        }
        let long = format!("https://api.example.org/v4/anime/1?q={}", "x".repeat(5_000));
        assert!(matches!(planned(&long, AT), Err(("headers too long", _))));
    }

    #[test]
    fn a_path_without_a_host_is_taken() {
        let page = planned("GET /v4/anime/59032/full", AT).unwrap();
        assert_eq!((page.url.as_deref(), page.run.source.as_str()), (Some("/v4/anime/59032/full"), "file"));
    }

    #[test]
    fn the_same_recording_is_the_same_run() {
        let take = |body: &str| {
            let recording = recording("https://api.example.org/v4/top/anime?page=3", AT, body);
            plan(recording, AT.parse().unwrap()).unwrap()
        };
        let endless = r#"{"pagination":{"last_visible_page":4294967295,"has_next_page":true},"data":[{}]}"#;
        assert_eq!(pages_of(Dataset::TopScore, &envelope::read(endless.as_bytes()), 1), MAX_PAGE);
        let list = r#"{"pagination":{"last_visible_page":9,"has_next_page":true},"data":[{}]}"#;
        let (one, two, other) = (take(list), take(list), take(r#"{"data":[]}"#));
        assert_eq!(one, two);
        assert_ne!(one.run.run, other.run.run);
        assert_eq!((one.page, one.pages), (3, Some(9)));
        assert_eq!((other.page, other.pages), (3, Some(3)), "the two before it are missing");
        assert_eq!(one.run.source, "https://api.example.org/v4");
    }
}
