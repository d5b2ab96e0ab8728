//! The fetcher's configuration.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kansoku_schemas::{Catalogue, Dataset};
use kansoku_service::{ConfigError, HttpSettings};
use serde::{Deserialize, Serialize};

use crate::schedule::{Slots, Wanted, plan};

/// What the schedule is counted over when it is checked: a fixed month, so that the answer never changes.
const MONTH: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// Everything that can be set, with its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where the streams are.
    pub nats: kansoku_nats::Settings,
    /// Where `/livez`, `/readyz` and `/metrics` are answered.
    pub http: HttpSettings,
    /// How the upstream is asked.
    pub client: ClientSettings,
    /// Base URLs, the first is asked.
    pub upstream: Vec<Upstream>,
    /// What is captured, and how often.
    pub schedule: Vec<Entry>,
}

impl Default for Settings {
    fn default() -> Self {
        let entry = |dataset, cron: &str, pages| {
            // A test holds that the defaults are expressions.
            let cron = Slots::try_from(cron.to_owned()).unwrap_or_else(|error| unreachable!("{error}"));
            Entry { dataset, cron, pages, jitter_s: jitter() }
        };
        let daily = |dataset, cron, pages| entry(Wanted::One(dataset), cron, pages);
        Self {
            nats: kansoku_nats::Settings::default(),
            http: HttpSettings::loopback(7401),
            client: ClientSettings::default(),
            upstream: vec![Upstream {
                url: "http://127.0.0.1:7450/v4".to_owned(),
                source: "jikan-sim".to_owned(),
                catalogue: Catalogue::Sample,
            }],
            schedule: vec![
                daily(Dataset::SeasonNow, "10 3 * * *", 20),
                daily(Dataset::SeasonUpcoming, "20 3 * * *", 20),
                daily(Dataset::TopAiring, "30 3 * * *", 20),
                daily(Dataset::TopUpcoming, "40 3 * * *", 20),
                daily(Dataset::TopScore, "0 4 * * *", 20),
                daily(Dataset::TopMembers, "10 4 * * *", 20),
                daily(Dataset::TopFavorites, "20 4 * * *", 20),
                daily(Dataset::Genres, "30 4 * * *", 1),
                entry(Wanted::Seasons, "0 6 * * 1", 20),
                entry(Wanted::One(Dataset::TopMembers), "0 7 * * 1", 2_000),
            ],
        }
    }
}

/// How the upstream is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientSettings {
    /// The least time between two requests, in milliseconds.
    pub interval_ms: u64,
    /// The most requests on a UTC day that a schedule may need.
    pub per_day: u64,
    /// How long one request may take, in milliseconds.
    pub timeout_ms: u64,
    /// The most bytes of a body.
    pub max_body: usize,
    /// How often a page is asked for before the run goes on without it.
    pub attempts: usize,
    /// How often at least a fetcher tells of the run that it works on, in milliseconds; another takes the run over after
    /// three times as long without a word.
    pub heartbeat_ms: u64,
    /// An address in the `User-Agent`, so that the upstream's people can reach ours.
    pub contact: Option<String>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            interval_ms: 1_100,
            per_day: 40_000,
            timeout_ms: 30_000,
            max_body: 1 << 20,
            attempts: 4,
            heartbeat_ms: 30_000,
            contact: None,
        }
    }
}

impl ClientSettings {
    /// The least time between two requests.
    pub fn interval(&self) -> Duration {
        Duration::from_millis(self.interval_ms)
    }

    /// How often at least a fetcher tells of the run that it works on.
    pub fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.heartbeat_ms)
    }

    /// What a schedule is held against.
    pub fn allowed(&self) -> plan::Allowed {
        plan::Allowed { interval: self.interval(), per_day: self.per_day }
    }

    /// How long one request may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

/// A Jikan-v4-compatible API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Its base URL, with the version.
    pub url: String,
    /// What its observations are kept under.
    pub source: String,
    /// Which family of titles it speaks of.
    pub catalogue: Catalogue,
}

impl Upstream {
    /// The key that will not do, and why.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let url = url::Url::parse(&self.url);
        if !url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
            return Err((
                "url",
                format!("{:?} is no http address such as https://api.tenrai.org/v1", self.url),
            ));
        }
        if self.source.is_empty() || !self.source.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(("source", "must be printable ASCII and not empty".to_owned()));
        }
        Ok(())
    }
}

/// What is captured, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What: a dataset, or `seasons` for the last eight seasons.
    pub dataset: Wanted,
    /// When, in UTC; each instant begins a slot, and a slot is captured once.
    pub cron: Slots,
    /// The most pages.
    #[serde(default = "most_pages")]
    pub pages: u32,
    /// How many seconds after its slot begins a capture may wait.
    #[serde(default = "jitter")]
    pub jitter_s: u32,
}

const fn jitter() -> u32 {
    300
}

const fn most_pages() -> u32 {
    20
}

impl kansoku_service::Settings for Settings {
    fn check(&self) -> Result<(), ConfigError> {
        for (place, upstream) in self.upstream.iter().enumerate() {
            upstream
                .check()
                .map_err(|(key, problem)| ConfigError::new(format!("upstream[{place}].{key}"), problem))?;
        }
        if self.upstream.is_empty() {
            return Err(ConfigError::new("upstream", "at least one base URL is needed"));
        }
        for (place, entry) in self.schedule.iter().enumerate() {
            if entry.pages == 0 || matches!(entry.dataset, Wanted::One(Dataset::Anime | Dataset::History)) {
                let problem = "must be a list with at least one page";
                return Err(ConfigError::new(format!("schedule[{place}].dataset"), problem));
            }
        }
        let ClientSettings { attempts, timeout_ms, max_body, heartbeat_ms, .. } = self.client;
        for (key, is_zero) in [
            ("attempts", attempts == 0),
            ("timeout_ms", timeout_ms == 0),
            ("max_body", max_body == 0),
            ("heartbeat_ms", heartbeat_ms == 0),
        ] {
            if is_zero {
                return Err(ConfigError::new(format!("client.{key}"), "must be at least 1"));
            }
        }
        // Any month has every day of the week.
        if let Some(why) = plan::plan(&self.schedule, MONTH).refusal(self.client.allowed()) {
            return Err(ConfigError::new("schedule", why));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::Settings as _;

    use super::*;

    #[test]
    fn the_example_shows_the_defaults() {
        let example = include_str!("../fetcher.example.toml");
        assert_eq!(kansoku_service::parse::<Settings>(example).unwrap(), Settings::default());
    }

    #[test]
    fn what_cannot_work_is_refused_by_its_key() {
        let refusal = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.check().unwrap_err().key
        };
        assert_eq!(refusal(|settings| settings.upstream[0].url = "ftp://x".to_owned()), "upstream[0].url");
        assert_eq!(refusal(|settings| settings.upstream.clear()), "upstream");
        assert_eq!(
            refusal(|settings| settings.schedule[0].dataset = Wanted::One(Dataset::Anime)),
            "schedule[0].dataset"
        );
        assert_eq!(refusal(|settings| settings.client.per_day = 2_000), "schedule");
        assert_eq!(refusal(|settings| settings.client.interval_ms = 60_000), "schedule");
    }
}
