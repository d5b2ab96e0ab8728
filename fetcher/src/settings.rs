//! The fetcher's configuration.

use std::time::Duration;

use kansoku_schemas::{Catalogue, Dataset};
use kansoku_service::{ConfigError, HttpSettings};
use serde::{Deserialize, Serialize};

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
        let entry = |dataset, every_hours, pages| Entry { dataset, every_hours, pages };
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
                entry(Dataset::SeasonNow, 12, 20),
                entry(Dataset::SeasonUpcoming, 24, 20),
                entry(Dataset::TopScore, 12, 4),
                entry(Dataset::TopMembers, 24, 4),
                entry(Dataset::Genres, 24, 1),
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
    /// How long one request may take, in milliseconds.
    pub timeout_ms: u64,
    /// The most bytes of a body.
    pub max_body: usize,
    /// How often a page is asked for before the run goes on without it.
    pub attempts: usize,
    /// An address in the `User-Agent`, so that the upstream's people can reach ours.
    pub contact: Option<String>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self { interval_ms: 1_100, timeout_ms: 30_000, max_body: 1 << 20, attempts: 4, contact: None }
    }
}

impl ClientSettings {
    /// The least time between two requests.
    pub fn interval(&self) -> Duration {
        Duration::from_millis(self.interval_ms)
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
    /// What.
    pub dataset: Dataset,
    /// How often, in hours; slots begin at midnight UTC.
    pub every_hours: u32,
    /// The most pages.
    #[serde(default = "most_pages")]
    pub pages: u32,
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
            if !(1..=24 * 28).contains(&entry.every_hours) {
                return Err(ConfigError::new(
                    format!("schedule[{place}].every_hours"),
                    "must be between 1 and 672",
                ));
            }
            if entry.pages == 0 || matches!(entry.dataset, Dataset::Anime | Dataset::History) {
                let problem = "must be a list with at least one page";
                return Err(ConfigError::new(format!("schedule[{place}].dataset"), problem));
            }
        }
        let ClientSettings { attempts, timeout_ms, max_body, .. } = self.client;
        for (key, is_zero) in
            [("attempts", attempts == 0), ("timeout_ms", timeout_ms == 0), ("max_body", max_body == 0)]
        {
            if is_zero {
                return Err(ConfigError::new(format!("client.{key}"), "must be at least 1"));
            }
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
        assert_eq!(refusal(|settings| settings.schedule[1].every_hours = 0), "schedule[1].every_hours");
        assert_eq!(refusal(|settings| settings.schedule[0].dataset = Dataset::Anime), "schedule[0].dataset");
    }
}
