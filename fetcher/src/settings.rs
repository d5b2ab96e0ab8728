//! The fetcher's configuration.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kansoku_runs::RawSettings;
use kansoku_schemas::{Catalogue, Dataset};
use kansoku_service::{ConfigError, FastClock, HttpSettings, TlsFiles};
use serde::{Deserialize, Serialize};

use crate::{
    schedule::{Entry, Slots, Target, entry, plan},
    upstream::{ClientSettings, LimitSettings, Upstream},
};

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
    /// How requests are sent.
    pub client: ClientSettings,
    /// How often, for each base URL.
    pub limits: LimitSettings,
    /// Base URLs; the first that works is used.
    pub upstream: Vec<Upstream>,
    /// What is known of RAW.
    pub raw: RawSettings,
    /// A calendar that runs fast, beside a simulated upstream that does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast: Option<FastClock>,
    /// What is captured, and how often.
    pub schedule: Vec<Entry>,
}

impl Settings {
    /// What a schedule is held against.
    pub fn allowed(&self) -> plan::Allowed {
        let interval = self.client.interval_ms.map_or(self.limits.interval(), Duration::from_millis);
        plan::Allowed { interval, per_day: self.limits.per_day }
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
        self.client.check()?;
        self.limits.check()?;
        for upstream in &self.upstream {
            upstream.check_contact(&self.client)?;
        }
        // Any month has every day of the week.
        if let Some(why) = plan::plan(&self.schedule, MONTH).refusal(self.allowed()) {
            return Err(ConfigError::new("schedule", why));
        }
        Ok(())
    }

    fn health_address(&self) -> std::net::SocketAddr {
        self.http.listen
    }

    fn tls(&self) -> Vec<TlsFiles> {
        vec![self.nats.tls()]
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
        settings.fast = Some(FastClock { from: started, started, day_ms: 60_000 });
        settings.check().unwrap();
        settings.client.contact = Some("me".to_owned());
        settings.upstream.push(Upstream::new("https://api.example.org/v4", "x", Catalogue::Sample));
        assert_eq!(settings.check().unwrap_err().key, "fast");
        for url in ["http://localhost:1/v4", "http://127.0.0.9/v4", "http://[::1]:7450/v4"] {
            assert!(Upstream::new(url, "s", Catalogue::Mal).is_loopback(), "{url}");
        }
    }
}
