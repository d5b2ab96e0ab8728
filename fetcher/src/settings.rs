//! The fetcher's configuration.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use anyhow::Context;
use chrono::{DateTime, Utc};
use kansoku_runs::RawSettings;
use kansoku_schemas::{Catalogue, Dataset, PageMeta};
use kansoku_service::{ConfigError, FastSettings, HttpSettings, Secret};
use serde::{Deserialize, Serialize};

use crate::schedule::{Entry, Slots, Target, entry, plan};

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
    /// How often, for each base URL.
    pub limits: LimitSettings,
    /// Base URLs; the first that works is asked.
    pub upstream: Vec<Upstream>,
    /// What is known of RAW.
    pub raw: RawSettings,
    /// A calendar that runs fast, beside a simulated upstream that does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast: Option<FastSettings>,
    /// What is captured, and how often.
    pub schedule: Vec<Entry>,
}

impl Settings {
    /// What a schedule is held against.
    pub fn allowed(&self) -> plan::Allowed {
        let LimitSettings { per_second, per_minute, per_day } = self.limits;
        let slowest = (1_000.0 / f64::from(per_second)).max(60_000.0 / f64::from(per_minute));
        let interval =
            self.client.interval_ms.map_or(Duration::from_secs_f64(slowest / 1_000.0), Duration::from_millis);
        plan::Allowed { interval, per_day }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let entry = |dataset, cron: &str, pages| {
            // A test holds that the defaults are expressions.
            let cron = Slots::try_from(cron.to_owned()).unwrap_or_else(|error| unreachable!("{error}"));
            Entry { dataset, cron, pages, jitter_s: entry::jitter() }
        };
        let daily = |dataset, cron, pages| entry(Target::One(dataset), cron, pages);
        Self {
            nats: kansoku_nats::Settings::default(),
            http: HttpSettings::loopback(7401),
            client: ClientSettings::default(),
            limits: LimitSettings::default(),
            upstream: vec![Upstream::new("http://127.0.0.1:7450/v4", "jikan-sim", Catalogue::Sample)],
            raw: RawSettings::default(),
            fast: None,
            schedule: vec![
                daily(Dataset::SeasonNow, "10 3 * * *", 20),
                daily(Dataset::SeasonUpcoming, "20 3 * * *", 20),
                daily(Dataset::TopAiring, "30 3 * * *", 20),
                daily(Dataset::TopUpcoming, "40 3 * * *", 20),
                daily(Dataset::TopScore, "0 4 * * *", 20),
                daily(Dataset::TopMembers, "10 4 * * *", 20),
                daily(Dataset::TopFavorites, "20 4 * * *", 20),
                daily(Dataset::Genres, "30 4 * * *", 1),
                entry(Target::Seasons, "0 6 * * 1", 20),
                entry(Target::One(Dataset::TopMembers), "0 7 * * 1", 2_000),
            ],
        }
    }
}

/// How often a base URL may be asked; all three hold at once, in every sliding window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// The most requests in a second.
    pub per_second: u32,
    /// The most requests in a minute.
    pub per_minute: u32,
    /// The most requests in 24 hours.
    pub per_day: u64,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self { per_second: 3, per_minute: 60, per_day: 40_000 }
    }
}

/// How the upstream is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientSettings {
    /// The least time between two requests to an upstream on this machine, in milliseconds; then `limits` does not apply
    /// to it. For simulators and benchmarks.
    pub interval_ms: Option<u64>,
    /// How long one request may take, in milliseconds.
    pub timeout_ms: u64,
    /// How long one page may take with all its tries, in milliseconds.
    pub deadline_ms: u64,
    /// The most bytes of a body.
    pub max_body: usize,
    /// How often a page is asked for before the run goes on without it.
    pub attempts: usize,
    /// How often at least a fetcher tells of the run that it works on, in milliseconds; another takes the run over after
    /// three times as long without a word.
    pub heartbeat_ms: u64,
    /// So many failures in a row open the breaker of a base URL.
    pub breaker_failures: u32,
    /// So many seconds it stays open.
    pub breaker_seconds: u64,
    /// An address in the `User-Agent`, so that the upstream's people can reach ours.
    pub contact: Option<String>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            interval_ms: None,
            timeout_ms: 30_000,
            deadline_ms: 120_000,
            max_body: 1 << 20,
            attempts: 4,
            heartbeat_ms: 30_000,
            breaker_failures: 5,
            breaker_seconds: 60,
            contact: None,
        }
    }
}

impl ClientSettings {
    /// How often at least a fetcher tells of the run that it works on.
    pub fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.heartbeat_ms)
    }

    /// How long one request may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// How long one page may take.
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
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
    /// A key that is sent as `X-Server-Key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_key: Option<Secret<String>>,
    /// A file that holds the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_key_file: Option<PathBuf>,
}

impl Upstream {
    /// An upstream without a key.
    pub fn new(url: impl Into<String>, source: impl Into<String>, catalogue: Catalogue) -> Self {
        let (url, source) = (url.into(), source.into());
        Self { url, source, catalogue, server_key: None, server_key_file: None }
    }

    /// The key, from wherever it is.
    pub fn key(&self) -> anyhow::Result<Option<Secret<String>>> {
        let Some(path) = &self.server_key_file else { return Ok(self.server_key.clone()) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("read the file of upstream.server_key_file, {}", path.display()))?;
        Ok(Some(text.trim_end().into()))
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        let Ok(url) = url::Url::parse(&self.url) else { return false };
        let Some(host) = url.host_str() else { return false };
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        address.map_or(host == "localhost", |address| address.is_loopback())
    }

    /// The key that will not do, and why.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let url = url::Url::parse(&self.url);
        if !url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
            return Err((
                "url",
                format!("{:?} is no http address such as https://api.tenrai.org/v1", self.url),
            ));
        }
        // It is told to everybody as where numbers come from.
        if url::Url::parse(&self.url).is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
        {
            return Err((
                "url",
                "a name and a password in an address are shown as its source: leave them out".to_owned(),
            ));
        }
        if self.source.is_empty()
            || self.source.len() > PageMeta::MOST_SOURCE
            || !self.source.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        {
            return Err(("source", "must be printable ASCII, not empty and at most 255 bytes".to_owned()));
        }
        let is_text = |key: &Secret<String>| key.expose().bytes().all(|byte| matches!(byte, b'!'..=b'~'));
        if self.server_key.as_ref().is_some_and(|key| !is_text(key)) {
            return Err(("server_key", "must be printable ASCII without spaces".to_owned()));
        }
        if self.server_key.is_some() && self.server_key_file.is_some() {
            return Err(("server_key_file", "server_key is given as well; keep one of them".to_owned()));
        }
        Ok(())
    }

    /// Whether the upstream's people can reach ours, as they must.
    pub fn check_contact(&self, client: &ClientSettings) -> Result<(), ConfigError> {
        if self.is_loopback() || client.contact.is_some() {
            return Ok(());
        }
        let problem = format!(
            "{} is not on this machine: say how its people can reach you (an address or URL for the User-Agent)",
            self.url
        );
        Err(ConfigError::new("client.contact", problem))
    }
}

impl kansoku_service::Settings for Settings {
    fn check(&self) -> Result<(), ConfigError> {
        self.nats.check()?;
        for (place, upstream) in self.upstream.iter().enumerate() {
            upstream
                .check()
                .map_err(|(key, problem)| ConfigError::new(format!("upstream[{place}].{key}"), problem))?;
        }
        if self.upstream.is_empty() {
            return Err(ConfigError::new("upstream", "at least one base URL is needed"));
        }
        if let Some(fast) = &self.fast {
            fast.check()?;
            if !self.upstream.iter().all(Upstream::is_loopback) {
                return Err(ConfigError::new("fast", "is for simulated upstreams on this machine only"));
            }
        }
        for (place, entry) in self.schedule.iter().enumerate() {
            if entry.pages == 0 || matches!(entry.dataset, Target::One(Dataset::Anime | Dataset::History)) {
                let problem = "must be a list with at least one page";
                return Err(ConfigError::new(format!("schedule[{place}].dataset"), problem));
            }
        }
        let (client, limits) = (&self.client, &self.limits);
        for (key, is_zero) in [
            ("client.attempts", client.attempts == 0),
            ("client.timeout_ms", client.timeout_ms == 0),
            ("client.deadline_ms", client.deadline_ms == 0),
            ("client.max_body", client.max_body == 0),
            ("client.heartbeat_ms", client.heartbeat_ms == 0),
            ("client.breaker_failures", client.breaker_failures == 0),
            ("client.breaker_seconds", client.breaker_seconds == 0),
            ("limits.per_second", limits.per_second == 0),
            ("limits.per_minute", limits.per_minute == 0),
            ("limits.per_day", limits.per_day == 0),
        ] {
            if is_zero {
                return Err(ConfigError::new(key, "must be at least 1"));
            }
        }
        for (key, is_huge) in
            [("per_second", limits.per_second > 1_000_000), ("per_minute", limits.per_minute > 1_000_000)]
        {
            if is_huge {
                return Err(ConfigError::new(format!("limits.{key}"), "must be at most 1000000"));
            }
        }
        for (key, value) in [
            ("timeout_ms", client.timeout_ms),
            ("deadline_ms", client.deadline_ms),
            ("breaker_seconds", client.breaker_seconds),
        ] {
            if value > 86_400_000 {
                return Err(ConfigError::new(format!("client.{key}"), "must be at most 86400000"));
            }
        }
        let is_header = |contact: &String| contact.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if client.contact.as_ref().is_some_and(|contact| contact.trim().is_empty() || !is_header(contact)) {
            return Err(ConfigError::new("client.contact", "must be printable ASCII and not empty"));
        }
        for upstream in &self.upstream {
            upstream.check_contact(client)?;
        }
        // Any month has every day of the week.
        if let Some(why) = plan::plan(&self.schedule, MONTH).refusal(self.allowed()) {
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
    fn a_key_is_never_shown() {
        let mut settings = Settings::default();
        settings.upstream[0].server_key = Some("correct-horse".into());
        let shown = serde_json::to_string(&settings).unwrap() + &format!("{settings:?}");
        assert!(shown.contains("server_key") && !shown.contains("correct-horse"), "{shown}");
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
            refusal(|settings| settings.schedule[0].dataset = Target::One(Dataset::Anime)),
            "schedule[0].dataset"
        );
        assert_eq!(refusal(|settings| settings.limits.per_day = 2_000), "schedule");
        assert_eq!(refusal(|settings| settings.limits.per_minute = 1), "schedule");
        assert_eq!(refusal(|settings| settings.limits.per_minute = 0), "limits.per_minute");
        assert_eq!(refusal(|settings| settings.client.deadline_ms = 0), "client.deadline_ms");
        let key = |settings: &mut Settings| settings.upstream[0].server_key = Some("ü".into());
        assert_eq!(refusal(key), "upstream[0].server_key");
        for url in ["https://api.tenrai.org/v1", "http://192.0.2.1/v4", "http://localhost.example/v4"] {
            let mut settings = Settings::default();
            settings.upstream[0].url = url.to_owned();
            assert_eq!(settings.check().unwrap_err().key, "client.contact");
            settings.client.contact = Some("https://example.org/me".to_owned());
            settings.check().unwrap();
        }
        let mut settings = Settings::default();
        let started = "2026-11-23T12:00:00Z".parse().unwrap();
        settings.fast = Some(FastSettings { from: started, started, day_ms: 60_000 });
        settings.check().unwrap();
        settings.client.contact = Some("me".to_owned());
        settings.upstream.push(Upstream::new("https://api.example.org/v4", "x", Catalogue::Sample));
        assert_eq!(settings.check().unwrap_err().key, "fast");
        for url in ["http://localhost:1/v4", "http://127.0.0.9/v4", "http://[::1]:7450/v4"] {
            assert!(Upstream::new(url, "s", Catalogue::Mal).is_loopback(), "{url}");
        }
    }
}
