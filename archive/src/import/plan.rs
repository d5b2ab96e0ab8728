//! What to do with a recording. Pure.

use anyhow::anyhow;
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

use super::{
    Exported, Recorded,
    forms::{self, NoInstant},
};

/// How far ahead of us a recording's clock may be.
pub(crate) const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// Nobody counted before: MyAnimeList began in November 2004.
pub(crate) const FIRST_YEAR: i32 = 2004;
/// What that is called in a closing table.
pub(crate) const TOO_EARLY: &str = "before 2004";
/// What a capture in a leap second is called there.
pub(crate) const LEAP_SECOND: &str = "a leap second";
/// What a capture without an instant is called there.
pub(crate) const NO_INSTANT: &str = "no instant";

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
    /// Whether nothing names its run.
    pub is_alone: bool,
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

    /// What is wrong with a page that is of another capture than its run.
    pub(super) fn mismatch(&self, run: &RunMeta) -> Option<anyhow::Error> {
        let (name, id, is) = (&self.name, run.run, &self.run);
        (self.run != *run)
            .then(|| anyhow!("{name} is {is}, and its run {id} is {run}: give it a run of its own, or none"))
    }

    /// Why it goes to DLQ: what was in RAW goes to RAW, page or not; what it is worth was the validator's to say.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        self.envelope.as_ref().err().filter(|_| self.exported.is_none())
    }

    /// Whether it goes to DLQ.
    pub(super) fn is_dead(&self) -> bool {
        self.refusal().is_some()
    }

    /// How many pages it says that its run has.
    pub(super) fn planned(&self) -> Option<u32> {
        self.pages.filter(|_| self.replay().is_none())
    }

    /// The replay that it is, with its message id.
    pub fn replay(&self) -> Option<&(String, Replay)> {
        self.exported.as_ref()?.replay.as_ref()
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
    let name = recorded.name.clone();
    decide(recorded, now).unwrap_or_else(|(what, problem)| Plan::Refuse(what, anyhow!("{name} {problem}")))
}

fn decide(recorded: Recorded, now: DateTime<Utc>) -> Result<Plan, (&'static str, String)> {
    let address = match &recorded.url {
        None => None,
        // Of a capture of ours the address is told as it was, whatever it is.
        Some(text) if recorded.dataset.is_some() => forms::address(text),
        Some(text) => Some(forms::address(text).ok_or_else(|| {
            ("no address", format!("has the url {text:?}, and an address is such as {}", forms::ADDRESSES))
        })?),
    };
    let url = address.as_ref().map(|address| &address.url);
    let dataset = match (recorded.dataset, url) {
        (Some(dataset), _) => dataset,
        (None, Some(url)) => match classify(url) {
            Classified::Taken(dataset) => dataset,
            Classified::NotTaken(name) => return Ok(Plan::Leave(name)),
        },
        (None, None) => return Err(("no address", "has no url".to_owned())),
    };
    let captured_at = captured_at(recorded.captured_at.as_deref(), now)?;
    let source = recorded.source.clone().or_else(|| {
        let address = address.as_ref()?;
        Some(if address.has_host { source_of(&address.url) } else { "file".to_owned() })
    });
    let source = source.ok_or_else(|| ("no source", "names no source: say --source".to_owned()))?;
    let text = address.as_ref().map(|address| address.text.clone()).or_else(|| recorded.url.clone());
    for (what, length, most) in [
        ("source", source.len(), PageMeta::MOST_SOURCE),
        ("url", text.as_ref().map_or(0, String::len), PageMeta::MOST_URL),
    ] {
        if length > most {
            return Err((
                "headers too long",
                format!("has a {what} of {length} bytes, and {most} are the most"),
            ));
        }
    }
    let envelope = recorded.refusal.map_or_else(|| envelope::read(&recorded.body), Err);
    let page = match (recorded.page, url.map(forms::page)) {
        (Some(page), _) => page,
        (None, Some(Err(text))) => {
            return Err(("no such page", format!("has an address with page={text}, which is no page")));
        }
        (None, Some(Ok(Some(page)))) => page,
        (None, _) => 1,
    };
    if page >= MOST_PAGE || recorded.pages.is_some_and(|pages| pages > MOST_PAGE) {
        return Err(("no such page", format!("is page {page}, and {MOST_PAGE} is the last")));
    }
    let pages = recorded.pages.or_else(|| recorded.run.is_none().then(|| pages_of(dataset, &envelope, page)));
    let run = recorded.run.unwrap_or_else(|| {
        let address = text.as_deref().unwrap_or(&recorded.name);
        RunId::import(&source, address, captured_at, &sha256(&recorded.body))
    });
    Ok(Plan::Take(Box::new(Page {
        name: recorded.name,
        run: RunMeta { run, dataset, source, catalogue: recorded.catalogue, captured_at },
        page,
        pages,
        url: text,
        status: recorded.status,
        envelope,
        exported: recorded.exported,
        is_alone: recorded.run.is_none(),
        is_another: false,
        counts: recorded.counts,
        body: recorded.body,
    })))
}

fn captured_at(text: Option<&str>, now: DateTime<Utc>) -> Result<DateTime<Utc>, (&'static str, String)> {
    let text = text.ok_or_else(|| (NO_INSTANT, "does not say when it was captured".to_owned()))?;
    let at = forms::instant(text).map_err(|why| match why {
        NoInstant::LeapSecond => {
            (LEAP_SECOND, format!("has the date {text:?}, a leap second: no table has it"))
        }
        NoInstant::NoZone => {
            (NO_INSTANT, format!("has the date {text:?} without a zone: write +00:00 or Z behind it"))
        }
        NoInstant::Unreadable => {
            (NO_INSTANT, format!("has the date {text:?}, and an instant is such as {}", forms::INSTANTS))
        }
    })?;
    if at > now + AHEAD {
        let until = words(at - now);
        return Err((
            "captured in the future",
            format!(
                "says that it was captured at {at}, {until} ahead of this machine's clock: set the clock, or import it then"
            ),
        ));
    }
    if at.year() < FIRST_YEAR {
        return Err((
            TOO_EARLY,
            format!(
                "says that it was captured at {at}, before {FIRST_YEAR}, when MyAnimeList began: mend its captured_at"
            ),
        ));
    }
    Ok(at)
}

/// A length of time as a person says it.
fn words(length: TimeDelta) -> String {
    match (length.num_days(), length.num_hours(), length.num_minutes()) {
        (0, 0, minutes) => count(minutes.unsigned_abs(), "minute"),
        (0, hours, _) => count(hours.unsigned_abs(), "hour"),
        (days, ..) => count(days.unsigned_abs(), "day"),
    }
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
    use super::*;

    fn recorded(url: &str, captured_at: &str, body: &str) -> Recorded {
        Recorded {
            url: Some(url.to_owned()),
            captured_at: Some(captured_at.to_owned()),
            ..Recorded::new("a.json".to_owned(), Bytes::copy_from_slice(body.as_bytes()))
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_cannot_be_taken_is_named_with_its_reason() {
        let at = "2026-05-07T11:01:35Z";
        let left = plan(recorded("https://api.example.org/v4/anime/1/episodes", at, "{}"), now());
        assert!(matches!(left, Plan::Leave("episodes")), "{left:?}");
        let one = "https://api.example.org/v4/anime/1";
        for (url, captured_at, name, words) in [
            ("any", at, "no address", "a.json has the url \"any\", and an address is such as"),
            (
                one,
                "2022-02-17 (commit date)",
                "no instant",
                "a.json has the date \"2022-02-17 (commit date)\"",
            ),
            (one, "2022-02-17T10:00:00", "no instant", "without a zone"),
            (one, "2019-06-30T23:59:60Z", "a leap second", "2019-06-30T23:59:60Z"),
            ("https://api.example.org/v4/top/anime?page=abc", at, "no such page", "page=abc"),
        ] {
            let Plan::Refuse(refused, error) = plan(recorded(url, captured_at, "{}"), now()) else {
                panic!("{url}")
            };
            assert_eq!(refused, name);
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn a_path_with_a_method_and_a_date_of_http_are_taken() {
        let page = plan(recorded("GET /v4/anime/59032/full", "Tue, 07 Apr 2026 10:00:00 GMT", "{}"), now());
        let Plan::Take(page) = page else { panic!("{page:?}") };
        assert_eq!((page.url.as_deref(), page.run.source.as_str()), (Some("/v4/anime/59032/full"), "file"));
        assert_eq!(page.run.captured_at.to_rfc3339(), "2026-04-07T10:00:00+00:00");
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
