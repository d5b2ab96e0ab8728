//! The configuration of the base URLs, and of the requests to them.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use anyhow::Context;
use kansoku_schemas::{Catalogue, PageMeta};
use kansoku_service::{ConfigError, Secret};
use serde::{Deserialize, Serialize};

const MAX_RATE: u64 = 1_000_000;
const MAX_TIME: u64 = 86_400_000;

/// How often requests may be sent to a base URL; all three hold at once, in every sliding window.
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

impl LimitSettings {
    /// The least time between two requests of one process.
    pub fn interval(&self) -> Duration {
        let each = |length: Duration, count: u32| length / count.max(1);
        each(Duration::from_secs(1), self.per_second).max(each(Duration::from_secs(60), self.per_minute))
    }

    /// Refuses what cannot be kept.
    ///
    /// # Errors
    /// The key whose value will not do.
    pub fn check(&self) -> Result<(), ConfigError> {
        within("limits.per_second", self.per_second.into(), MAX_RATE)?;
        within("limits.per_minute", self.per_minute.into(), MAX_RATE)?;
        within("limits.per_day", self.per_day, u64::MAX)
    }
}

/// How requests are sent.
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
    /// How often a page is requested before the run goes on without it.
    pub attempts: usize,
    /// How often at least a fetcher appends an event to the run that it works on, in milliseconds; another takes the run over
    /// after three times as long without one.
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
    /// How often at least a fetcher appends an event to the run that it works on.
    pub fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.heartbeat_ms)
    }

    /// Refuses what cannot work.
    ///
    /// # Errors
    /// The key whose value will not do.
    pub fn check(&self) -> Result<(), ConfigError> {
        for (key, value, most) in [
            ("client.attempts", self.attempts as u64, u64::MAX),
            ("client.timeout_ms", self.timeout_ms, MAX_TIME),
            ("client.deadline_ms", self.deadline_ms, MAX_TIME),
            ("client.max_body", self.max_body as u64, u64::MAX),
            ("client.heartbeat_ms", self.heartbeat_ms, u64::MAX),
            ("client.breaker_failures", self.breaker_failures.into(), u64::MAX),
            ("client.breaker_seconds", self.breaker_seconds, MAX_TIME),
        ] {
            within(key, value, most)?;
        }
        let is_header = |contact: &String| contact.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if self.contact.as_ref().is_some_and(|contact| contact.trim().is_empty() || !is_header(contact)) {
            return Err(ConfigError::new("client.contact", "must be printable ASCII and not empty"));
        }
        Ok(())
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

    /// The host it is at.
    pub fn host(&self) -> String {
        let url = url::Url::parse(&self.url).ok();
        url.as_ref().and_then(|url| url.host_str()).unwrap_or_default().to_owned()
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
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
        // It is shown to everybody as where numbers come from.
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

fn within(key: &str, value: u64, most: u64) -> Result<(), ConfigError> {
    match value {
        0 => Err(ConfigError::new(key, "must be at least 1")),
        value if value > most => Err(ConfigError::new(key, format!("must be at most {most}"))),
        _ => Ok(()),
    }
}
