//! What to do with a recording. Pure.

use anyhow::{Result, anyhow, bail};
use bytes::Bytes;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use kansoku_nats::{Outgoing, id, page, subject};
use kansoku_runs::{
    RunMeta,
    envelope::{self, Envelope, Refusal},
    publish::sha256,
};
use kansoku_schemas::{Classified, Dataset, PageMeta, Replay, RunId, classify, source_of};
use kansoku_service::count;
use url::Url;

use super::{Exported, Recorded};

/// How far ahead of us a recording's clock may be.
pub(crate) const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Nobody counted before: MyAnimeList began in November 2004.
pub(crate) const FIRST_YEAR: i32 = 2004;
/// What that is called in a closing table.
pub(crate) const TOO_EARLY: &str = "before 2004";

/// The last page of a list that the tables can count.
const MOST_PAGE: u32 = i32::MAX.unsigned_abs();

/// What to do with a recording.
#[derive(Debug)]
pub enum Plan {
    /// Publish it.
    Take(Box<Page>),
    /// Leave it, for the reason of this name.
    Leave(&'static str),
    /// Leave it for the reason of this name, and say what is wrong with it.
    Refuse(&'static str, anyhow::Error),
}

/// A page to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its name for messages.
    pub name: String,
    /// The run it belongs to.
    pub run: RunMeta,
    /// Its number.
    pub page: u32,
    /// How many pages the run has.
    pub pages: Option<u32>,
    /// The address it was fetched from.
    pub url: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// What its envelope says.
    pub envelope: Result<Envelope, Refusal>,
    /// What it was in another RAW.
    pub exported: Option<Exported>,
    /// Whether it was exported from DLQ: an answer that was no page.
    pub is_letter: bool,
    /// Whether another body of the same page is there, as a capture leaves it that goes on after the duplicate window.
    pub is_another: bool,
    /// As how many things it counts in the closing table.
    pub counts: u64,
    /// The body.
    pub body: Bytes,
}

impl Page {
    /// Its metadata for RAW.
    pub fn meta(&self) -> PageMeta {
        self.run.page(self.page, self.pages, self.url.clone(), Some(self.status))
    }

    /// Refuses a page that is of another capture than its run.
    pub(super) fn is_of(&self, run: &RunMeta) -> Result<()> {
        if self.run == *run {
            return Ok(());
        }
        let (name, id, is) = (&self.name, run.run, &self.run);
        bail!("{name} is {is}, and its run {id} is {run}: give it a run of its own, or none")
    }

    /// The replay that it is, with its message id.
    pub fn replay(&self) -> Option<&(String, Replay)> {
        self.exported.as_ref()?.replay.as_ref()
    }

    /// Puts it into another run.
    pub(super) fn move_to(&mut self, run: RunId) {
        if run == self.run.run {
            return;
        }
        self.run.run = run;
        if let Some((id, replay)) = self.exported.as_mut().and_then(|exported| exported.replay.as_mut()) {
            replay.root.run = run;
            *id = id::replay(&replay.root, id);
        }
    }

    /// Its id in RAW.
    pub fn id(&self) -> String {
        match self.replay() {
            Some((id, _)) => id.clone(),
            None if self.is_another => id::another(&self.run.run, self.page, &sha256(&self.body)),
            None => id::raw(&self.run.run, self.page),
        }
    }

    /// Its message for RAW.
    pub fn message(&self) -> Outgoing {
        let replay = self.replay().map(|(_, replay)| replay);
        page::raw_as(&self.meta(), replay, self.id(), self.body.clone())
    }

    /// Whether RAW has no place for it.
    pub fn is_too_large(&self) -> bool {
        let message = self.message();
        message.size() > subject::limit(&message.subject)
            || message.header_size() > subject::header_limit(&message.subject)
    }
}

/// Decides about a recording.
pub fn plan(recorded: Recorded, now: DateTime<Utc>) -> Plan {
    let url = recorded.url.as_deref().and_then(|text| Url::parse(text).ok()).filter(Url::has_host);
    let dataset = match (recorded.dataset, &url) {
        (Some(dataset), _) => dataset,
        (None, Some(url)) => match classify(url) {
            Classified::Taken(dataset) => dataset,
            Classified::NotTaken(name) => return Plan::Leave(name),
        },
        (None, None) => return Plan::Leave("no URL"),
    };
    let Some(captured_at) = recorded.instant() else { return Plan::Leave("no instant") };
    if captured_at > now + AHEAD {
        let (name, until) = (&recorded.name, captured_at - now);
        let error = anyhow!(
            "{name} says that it was captured at {captured_at}, {} ahead of this machine's clock: set the clock, or import it then",
            words(until)
        );
        return Plan::Refuse("captured in the future", error);
    }
    if captured_at.year() < FIRST_YEAR {
        let name = &recorded.name;
        let error = anyhow!(
            "{name} says that it was captured at {captured_at}, before {FIRST_YEAR}, when MyAnimeList began: mend its captured_at"
        );
        return Plan::Refuse(TOO_EARLY, error);
    }
    let Some(source) = recorded.source.clone().or_else(|| url.as_ref().map(source_of)) else {
        return Plan::Leave("no source");
    };
    for (what, length, most) in [
        ("source", source.len(), PageMeta::MOST_SOURCE),
        ("url", recorded.url.as_ref().map_or(0, String::len), PageMeta::MOST_URL),
    ] {
        if length > most {
            let name = &recorded.name;
            let error = anyhow!("{name} has a {what} of {length} bytes, and {most} are the most");
            return Plan::Refuse("headers too long", error);
        }
    }
    let is_letter = recorded.refusal.is_some();
    let envelope = recorded.refusal.map_or_else(|| envelope::read(&recorded.body), Err);
    let page = recorded.page.or_else(|| url.as_ref().and_then(page_of)).unwrap_or(1);
    if page >= MOST_PAGE || recorded.pages.is_some_and(|pages| pages > MOST_PAGE) {
        let name = &recorded.name;
        return Plan::Refuse("no such page", anyhow!("{name} is page {page}, and {MOST_PAGE} is the last"));
    }
    let pages = recorded.pages.or_else(|| recorded.run.is_none().then(|| pages_of(dataset, &envelope, page)));
    let run = recorded.run.unwrap_or_else(|| {
        let address = recorded.url.as_deref().unwrap_or(&recorded.name);
        RunId::import(&source, address, captured_at, &sha256(&recorded.body))
    });
    Plan::Take(Box::new(Page {
        name: recorded.name,
        run: RunMeta { run, dataset, source, catalogue: recorded.catalogue, captured_at },
        page,
        pages,
        url: recorded.url,
        status: recorded.status,
        envelope,
        exported: recorded.exported,
        is_letter,
        is_another: false,
        counts: recorded.counts,
        body: recorded.body,
    }))
}

/// A length of time as a person says it.
fn words(length: TimeDelta) -> String {
    match (length.num_days(), length.num_hours(), length.num_minutes()) {
        (0, 0, minutes) => count(minutes.unsigned_abs(), "minute"),
        (0, hours, _) => count(hours.unsigned_abs(), "hour"),
        (days, ..) => count(days.unsigned_abs(), "day"),
    }
}

fn page_of(url: &Url) -> Option<u32> {
    let page = url.query_pairs().find(|(key, _)| key == "page")?.1.parse().ok()?;
    (page > 0).then_some(page)
}

/// A recording by itself is a run by itself. Of a ranked list it is complete only when the list has no more pages:
/// ten titles of thousands are not the whole ranking, and the run shall say so.
fn pages_of(dataset: Dataset, envelope: &Result<Envelope, Refusal>, page: u32) -> u32 {
    let least = if dataset.is_ranked() { page } else { 1 };
    match envelope {
        Ok(envelope) if dataset.is_ranked() && envelope.has_next_page => {
            envelope.last_visible_page.unwrap_or(page + 1).max(page + 1).min(MOST_PAGE)
        }
        _ => least,
    }
}

#[cfg(test)]
mod tests {
    use kansoku_schemas::Catalogue;

    use super::*;

    fn recorded(url: &str, captured_at: &str, body: &str) -> Recorded {
        Recorded {
            name: "a.json".to_owned(),
            url: Some(url.to_owned()),
            status: 200,
            captured_at: Some(captured_at.to_owned()),
            source: None,
            catalogue: Catalogue::Mal,
            run: None,
            dataset: None,
            page: None,
            pages: None,
            exported: None,
            refusal: None,
            counts: 1,
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_cannot_be_taken_is_left_by_name() {
        let at = "2026-05-07T11:01:35Z";
        for (url, captured_at, name) in [
            ("any", at, "no URL"),
            ("GET /v4/anime/298", at, "no URL"),
            ("https://api.example.org/v4/anime/1/episodes", at, "episodes"),
            ("https://api.example.org/v4/anime/1", "2022-02-17 (commit date)", "no instant"),
        ] {
            let plan = plan(recorded(url, captured_at, "{}"), now());
            assert!(matches!(plan, Plan::Leave(left) if left == name), "{url} {captured_at}: {plan:?}");
        }
    }

    #[test]
    fn a_capture_of_the_future_is_refused_and_named() {
        let at = |captured_at| plan(recorded("https://api.example.org/v4/anime/1", captured_at, "{}"), now());
        assert!(matches!(at("2026-11-01T00:05:00Z"), Plan::Take(_)), "clocks differ a little");
        let Plan::Refuse(name, error) = at("2026-11-01T00:06:00Z") else { panic!("taken") };
        assert_eq!(name, "captured in the future");
        assert!(
            error
                .to_string()
                .starts_with("a.json says that it was captured at 2026-11-01 00:06:00 UTC, 6 minutes ahead"),
            "{error}"
        );
    }

    #[test]
    fn a_capture_from_before_anybody_counted_is_refused_and_named() {
        let at = |captured_at| plan(recorded("https://api.example.org/v4/anime/1", captured_at, "{}"), now());
        assert!(matches!(at("2004-01-01T00:00:00Z"), Plan::Take(_)));
        for captured_at in ["2003-12-31T23:59:59Z", "1000-01-01T00:00:00Z", "0001-01-01T00:00:00Z"] {
            let Plan::Refuse(name, error) = at(captured_at) else { panic!("taken") };
            assert_eq!(name, "before 2004");
            let error = error.to_string();
            assert!(
                error.starts_with("a.json says that it was captured at ") && error.contains("MyAnimeList")
            );
        }
    }

    #[test]
    fn the_same_recording_is_the_same_run() {
        let take = |body: &str| {
            let at = "2026-05-07T11:01:35+00:00";
            match plan(recorded("https://api.example.org/v4/top/anime?page=3", at, body), now()) {
                Plan::Take(page) => page,
                other => panic!("{other:?}"),
            }
        };
        let endless = r#"{"pagination":{"last_visible_page":4294967295,"has_next_page":true},"data":[{}]}"#;
        assert_eq!(pages_of(Dataset::TopScore, &envelope::read(endless.as_bytes()), 1), MOST_PAGE);
        let list = r#"{"pagination":{"last_visible_page":9,"has_next_page":true},"data":[{}]}"#;
        let (one, two, other) = (take(list), take(list), take(r#"{"data":[]}"#));
        assert_eq!(one, two);
        assert_ne!(one.run.run, other.run.run);
        assert_eq!((one.page, one.pages), (3, Some(9)));
        assert_eq!((other.page, other.pages), (3, Some(3)), "the two before it are missing");
        assert_eq!(one.run.source, "https://api.example.org/v4");
    }
}
