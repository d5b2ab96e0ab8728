//! Where the fetcher of an installation captures from: the simulator, at the pace of the real calendar or faster, or a
//! live API.

use anyhow::{Result, bail, ensure};
use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use kansoku_service::{FastClock, day_words};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    folders::{Folders, write_private},
    state::Ports,
};

/// The seed of the sample catalogue: the history and the simulated upstream must agree on it.
pub const SEED: u64 = 20_261_001;

/// The public API that speaks Jikan v4 (its limits and terms: <https://api.tenrai.org/documentation>).
pub const TENRAI: &str = "https://api.tenrai.org/v1";
/// How many days a fast start leaves for growing before one's eyes.
pub const FAST_DAYS: u32 = 10;

/// What is captured from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// The simulator.
    Sim {
        /// How its time runs, when it is not the real one.
        #[serde(default)]
        fast: Option<FastClock>,
    },
    /// A live API.
    Live {
        /// How its people reach ours.
        contact: String,
        /// Base URLs for when Tenrai fails.
        base_urls: Vec<String>,
    },
}

/// The options of `stack up`; one that is not given stays as it was.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `sim` or `live`.
    pub live: Option<bool>,
    /// How long a simulated day takes, in milliseconds.
    pub fast_ms: Option<u64>,
    /// How the people of a live API reach ours.
    pub contact: Option<String>,
    /// Base URLs for when the first live API fails.
    pub base_urls: Vec<String>,
}

impl Options {
    /// What that means here; `begun` says whether there is a sample history.
    pub fn decide(self, before: &Source, begun: bool, now: DateTime<Utc>) -> Result<Source> {
        let Self { live, fast_ms, contact, base_urls } = self;
        let is_live = live.unwrap_or(matches!(before, Source::Live { .. }));
        if is_live {
            ensure!(fast_ms.is_none(), "only the simulator's time can run fast");
            return match before {
                Source::Live { .. } if contact.is_none() && base_urls.is_empty() => Ok(before.clone()),
                Source::Live { contact: known, .. } => {
                    Source::live(contact.or_else(|| Some(known.clone())), base_urls)
                }
                Source::Sim { .. } => Source::live(contact, base_urls),
            };
        }
        ensure!(
            contact.is_none() && base_urls.is_empty(),
            "a contact and base URLs are for a live API: make up SOURCE=live CONTACT=…"
        );
        match (fast_ms, before) {
            (None, Source::Sim { .. }) => Ok(before.clone()),
            (None, Source::Live { .. }) => Ok(Source::Sim { fast: None }),
            (Some(day_ms), Source::Sim { fast: Some(fast) }) if fast.day_ms == day_ms => Ok(before.clone()),
            (Some(day_ms), _) if begun => {
                let runs = match before {
                    Source::Sim { fast: Some(fast) } => {
                        format!("time runs here with a day in {}", day_words(fast.day_ms))
                    }
                    _ => {
                        "the sample history is there already, and fast time begins before its end".to_owned()
                    }
                };
                bail!(
                    "{runs}; to have a day in {}, begin anew: `make reset`, which deletes the data, and then \
                     `make up FAST={0}` (`make up` without FAST goes on as it is)",
                    day_words(day_ms)
                )
            }
            (Some(day_ms), _) => Ok(Source::Sim { fast: Some(fast(now.trunc_subsecs(0), day_ms)) }),
        }
    }
}

impl Source {
    /// The one of this installation; the simulator before anything else was said.
    pub fn of(folders: &Folders) -> Result<Self> {
        match std::fs::read_to_string(folders.data.join("source.json")) {
            Ok(text) => Ok(serde_json::from_str(&text)?),
            Err(_) => Ok(Self::Sim { fast: None }),
        }
    }

    /// Keeps it for the next start.
    pub fn save(&self, folders: &Folders) -> Result<()> {
        write_private(&folders.data.join("source.json"), &serde_json::to_string_pretty(self)?)
    }

    /// A live API, checked as far as it can be without asking it.
    pub fn live(contact: Option<String>, base_urls: Vec<String>) -> Result<Self> {
        let contact = contact.unwrap_or_default().trim().to_owned();
        ensure!(
            !contact.is_empty(),
            "requests to a live API carry a name: say how its people reach you, as in\n  \
             make up SOURCE=live CONTACT=you@example.org"
        );
        // What the fetcher would refuse is refused before anything is stopped for it.
        ensure!(
            contact.bytes().all(|byte| matches!(byte, b' '..=b'~')),
            "CONTACT must be printable ASCII: {contact:?}"
        );
        ensure!(
            contact.contains('@') || contact.contains("://"),
            "CONTACT must be an e-mail address or a URL by which people reach you: {contact:?}"
        );
        for url in &base_urls {
            // A name in it would be shown as the source; a comma or a question mark is no list and no path.
            let is_plain = |url: Url| {
                let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
                let has_more =
                    url.query().is_some() || url.fragment().is_some() || url.as_str().contains(',');
                is_http && !has_more && url.username().is_empty() && url.password().is_none()
            };
            ensure!(
                Url::parse(url).is_ok_and(is_plain),
                "{url:?} is no http address such as http://127.0.0.1:8080/v4 (several have spaces between them)"
            );
        }
        Ok(Self::Live { contact, base_urls })
    }

    /// The sections of the fetcher's configuration.
    pub fn fetcher(&self, ports: &Ports) -> String {
        let upstream = |url: &str, source: &str, catalogue: &str| {
            format!("\n[[upstream]]\nurl = {url:?}\nsource = {source:?}\ncatalogue = \"{catalogue}\"\n")
        };
        match self {
            Self::Sim { .. } => {
                let url = format!("http://127.0.0.1:{}/v4", ports.jikan_sim);
                // The simulator is ours: nobody else waits for it.
                let client = "[client]\ninterval_ms = 50\n";
                [client, &self.calendar(), &upstream(&url, "jikan-sim", "sample")].concat()
            }
            Self::Live { contact, base_urls } => {
                let others = base_urls.iter().map(|url| upstream(url, url.trim_end_matches('/'), "mal"));
                let others: String = others.collect();
                format!("[client]\ncontact = {contact:?}\n{}{others}", upstream(TENRAI, TENRAI, "mal"))
            }
        }
    }

    /// The section `[fast]` of those that live by its calendar; empty where that is the real one.
    pub fn calendar(&self) -> String {
        let Self::Sim { fast: Some(FastClock { from, started, day_ms }) } = self else {
            return String::new();
        };
        let (from, started) = (instant(*from), instant(*started));
        format!("\n[fast]\nfrom = \"{from}\"\nstarted = \"{started}\"\nday_ms = {day_ms}\n")
    }

    /// The simulator's arguments; `None` where it is not needed.
    pub fn simulator(&self, ports: &Ports) -> Option<Vec<String>> {
        let Self::Sim { fast } = self else { return None };
        let local = |port: u16| format!("127.0.0.1:{port}");
        let (listen, control) = (local(ports.jikan_sim), local(ports.jikan_sim_control));
        let seed = SEED.to_string();
        let arguments = ["serve", "--listen", &listen, "--control", &control, "--seed", &seed];
        let mut arguments = arguments.map(str::to_owned).to_vec();
        if let Some(FastClock { from, started, day_ms }) = fast {
            let more = [
                ("--from", instant(*from)),
                ("--started", instant(*started)),
                ("--day", format!("{day_ms}ms")),
            ];
            arguments.extend(more.into_iter().flat_map(|(name, value)| [name.to_owned(), value]));
        }
        Some(arguments)
    }
}

/// Time that begins some days before `now`.
fn fast(now: DateTime<Utc>, day_ms: u64) -> FastClock {
    FastClock { from: now - TimeDelta::days(FAST_DAYS.into()), started: now, day_ms }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::{super::state::FIXED, *};

    #[test]
    fn a_live_api_is_asked_under_a_name_and_without_the_simulator() {
        let refused = Source::live(Some(" ".to_owned()), Vec::new()).unwrap_err().to_string();
        assert!(refused.contains("CONTACT=you@example.org"), "{refused}");
        for (contact, url, words) in [
            ("Jürgen", "http://h/v4", "printable ASCII"),
            ("you", "http://h/v4", "e-mail address or a URL"),
            ("me@h", "nonsense", "no http address"),
            ("me@h", "http://127.0.0.1:99999/v4", "no http address"),
            ("me@h", "http://[/v4", "no http address"),
            ("me@h", "http://a,http://b", "spaces between"),
            ("me@h", "http://h/v4?a=b", "no http address"),
            ("me@h", "http://u:secret@h/v4", "no http address"),
        ] {
            let refused = Source::live(Some(contact.to_owned()), vec![url.to_owned()]);
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
        }
        let live =
            Source::live(Some("me@example.org".to_owned()), vec!["http://127.0.0.1:8080/v4/".to_owned()]);
        let live = live.unwrap();
        assert_eq!(live.simulator(&FIXED), None);
        let text = live.fetcher(&FIXED);
        let first = text.find(TENRAI).unwrap();
        assert!(
            text.find("url = \"http://127.0.0.1:8080/v4/\"\nsource = \"http://127.0.0.1:8080/v4\"").unwrap()
                > first
        );
        assert!(
            text.starts_with("[client]\ncontact = \"me@example.org\"\n") && !text.contains("interval_ms"),
            "{text}"
        );
    }

    #[test]
    fn what_was_chosen_stays_until_something_else_is() {
        let now: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let sim = Source::Sim { fast: None };
        let live = Source::live(Some("me@example.org".to_owned()), Vec::new()).unwrap();
        let decide = |options: Options, before: &Source, begun| options.decide(before, begun, now);
        assert_eq!(decide(Options::default(), &live, true).unwrap(), live);
        assert_eq!(decide(Options { live: Some(true), ..Options::default() }, &live, true).unwrap(), live);
        assert_eq!(decide(Options { live: Some(false), ..Options::default() }, &live, true).unwrap(), sim);
        assert!(
            decide(Options { live: Some(true), ..Options::default() }, &sim, true).is_err(),
            "no contact"
        );
        let fast = Options { fast_ms: Some(1), ..Options::default() };
        assert!(matches!(decide(fast.clone(), &sim, false).unwrap(), Source::Sim { fast: Some(_) }));
        let refused = decide(fast, &sim, true).unwrap_err().to_string();
        assert!(refused.contains("is there already") && refused.contains("make reset"), "{refused}");
    }

    #[test]
    fn a_pace_that_runs_goes_on_and_another_one_is_told_how_to_begin() {
        let now: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let runs = Source::Sim { fast: Some(fast(now, 60_000)) };
        let decide = |day_ms| {
            let options = Options { fast_ms: Some(day_ms), ..Options::default() };
            options.decide(&runs, true, now + TimeDelta::minutes(3))
        };
        assert_eq!(decide(60_000).unwrap(), runs);
        let refused = decide(120_000).unwrap_err().to_string();
        assert!(refused.contains("a day in 1m;") && refused.contains("make up FAST=2m"), "{refused}");
    }

    #[test]
    fn simulator_and_fetcher_live_by_one_fast_calendar() {
        let now: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let fast = Source::Sim { fast: Some(fast(now, 60_000)) };
        let text = fast.fetcher(&FIXED);
        let said =
            "[fast]\nfrom = \"2026-11-13T12:00:00Z\"\nstarted = \"2026-11-23T12:00:00Z\"\nday_ms = 60000\n";
        assert!(text.contains(said), "{text}");
        let arguments = fast.simulator(&FIXED).unwrap();
        let of = |name: &str| &arguments[arguments.iter().position(|argument| argument == name).unwrap() + 1];
        assert_eq!(
            [of("--from"), of("--started"), of("--day")],
            ["2026-11-13T12:00:00Z", "2026-11-23T12:00:00Z", "60000ms"]
        );
        assert_eq!(Source::Sim { fast: None }.simulator(&FIXED).unwrap().len(), 7);
    }
}
