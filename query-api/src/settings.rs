//! The configuration of this service.

use std::path::PathBuf;

use axum::http::HeaderName;
use kansoku_postgres::Addresses;
use kansoku_schemas::SchemaSettings;
use kansoku_service::{ConfigError, FastClock, HttpSettings, Secret, TlsFiles};
use serde::{Deserialize, Serialize};

/// All settings, by section.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The database that is read.
    pub postgres: PostgresSettings,
    /// The shared level of the cache.
    pub redis: RedisSettings,
    /// Where the API and the web UI are served.
    pub http: HttpSettings,
    /// The certificate that is shown there; without one it is HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_cert: Option<PathBuf>,
    /// The key of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
    /// Where health and metrics are served besides, apart from the clients.
    pub admin: HttpSettings,
    /// The web UI.
    pub web: WebSettings,
    /// How much is kept, and for how long.
    pub cache: CacheSettings,
    /// What one client, and one response, may cost.
    pub limits: LimitSettings,
    /// What texts of operators are judged by.
    pub schemas: SchemaSettings,
    /// Where a trace can be seen: an address with `{trace_id}` in the place of its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_url: Option<String>,
    /// The calendar of captures that a simulated upstream gives fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast: Option<FastClock>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            postgres: PostgresSettings::default(),
            redis: RedisSettings::default(),
            http: HttpSettings::loopback(7400),
            tls_cert: None,
            tls_key: None,
            admin: HttpSettings::loopback(7410),
            web: WebSettings::default(),
            cache: CacheSettings::default(),
            limits: LimitSettings::default(),
            schemas: SchemaSettings::default(),
            trace_url: None,
            fast: None,
        }
    }
}

impl kansoku_service::Settings for Settings {
    fn check(&self) -> Result<(), ConfigError> {
        begins(self.postgres.url.expose(), "postgres.url", &["postgres://", "postgresql://"])?;
        Addresses::check(self.postgres.url.expose())
            .map_err(|problem| ConfigError::new("postgres.url", problem))?;
        if self.postgres.max_connections < 2 {
            let problem = "at least 2 are needed: one listens for news, one reads";
            return Err(ConfigError::new("postgres.max_connections", problem));
        }
        self.redis.check()?;
        at_least_one("cache.redis_seconds", self.cache.redis_seconds)?;
        at_least_one("limits.burst", self.limits.burst.into())?;
        at_least_one("limits.statement_ms", self.limits.statement_ms)?;
        at_least_one("limits.answer_ms", self.limits.answer_ms)?;
        self.trace_url.as_deref().map_or(Ok(()), trace_template)?;
        self.fast.as_ref().map_or(Ok(()), FastClock::check)?;
        self.limits.client_header().map(drop)
    }

    fn health_address(&self) -> std::net::SocketAddr {
        self.admin.listen
    }

    fn tls(&self) -> Vec<TlsFiles> {
        vec![
            self.tls_files(),
            self.redis.tls(),
            TlsFiles::of_postgres("postgres.url", self.postgres.url.expose()),
        ]
    }
}

impl Settings {
    /// What browsers and other clients are shown.
    pub(crate) fn tls_files(&self) -> TlsFiles {
        TlsFiles::of("", None, self.tls_cert.as_deref(), self.tls_key.as_deref())
    }
}

/// The address itself is a secret, so the refusal does not repeat it.
fn begins(url: &str, key: &str, starts: &[&str]) -> Result<(), ConfigError> {
    if starts.iter().any(|start| url.starts_with(start)) {
        return Ok(());
    }
    Err(ConfigError::new(key, format!("must begin with {}", starts.join(" or "))))
}

fn trace_template(template: &str) -> Result<(), ConfigError> {
    begins(template, "trace_url", &["http://", "https://"])?;
    if template.contains("{trace_id}") {
        return Ok(());
    }
    Err(ConfigError::new("trace_url", "must hold {trace_id} where the id of a trace is to stand"))
}

fn at_least_one(key: &str, value: u64) -> Result<(), ConfigError> {
    if value == 0 { Err(ConfigError::new(key, "must be at least 1")) } else { Ok(()) }
}

/// The database that is read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PostgresSettings {
    /// Address with user, password and database.
    pub url: Secret<String>,
    /// Sessions at most; one of them listens for news.
    pub max_connections: u32,
}

impl Default for PostgresSettings {
    fn default() -> Self {
        Self { url: "postgres://kansoku@127.0.0.1:7432/kansoku".into(), max_connections: 8 }
    }
}

/// The shared level of the cache.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisSettings {
    /// Address, with the password if it needs one; `rediss://` with TLS.
    pub url: Secret<String>,
    /// The certificates of the authority that signed the server's; without it those of the system are trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_ca: Option<PathBuf>,
    /// Our certificate, for a server that asks for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_cert: Option<PathBuf>,
    /// The key of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
}

impl Default for RedisSettings {
    fn default() -> Self {
        Self { url: "redis://127.0.0.1:7479/".into(), tls_ca: None, tls_cert: None, tls_key: None }
    }
}

impl RedisSettings {
    /// The files of TLS.
    pub fn tls(&self) -> TlsFiles {
        let Self { tls_ca, tls_cert, tls_key, .. } = self;
        TlsFiles::of("redis", tls_ca.as_deref(), tls_cert.as_deref(), tls_key.as_deref())
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.tls().is_empty() {
            return begins(self.url.expose(), "redis.url", &["redis://", "rediss://"]);
        }
        // Who names files of TLS must not be left without it.
        begins(self.url.expose(), "redis.url", &["rediss://"])
    }
}

/// The web UI.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebSettings {
    /// The folder with the built files.
    pub dir: PathBuf,
}

impl Default for WebSettings {
    fn default() -> Self {
        Self { dir: "web/dist".into() }
    }
}

/// How much is kept, and for how long.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSettings {
    /// MiB of cached responses in this process.
    pub memory_mib: u64,
    /// Seconds that a response stays in Redis.
    pub redis_seconds: u64,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self { memory_mib: 16, redis_seconds: 86_400 }
    }
}

/// What one client, and one response, may cost.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// Requests of one client in the long run; 0 sets no limit.
    pub requests_per_minute: u32,
    /// Requests of one client at once.
    pub burst: u32,
    /// The header in which a proxy of ours names the client (`x-forwarded-for`); empty: the peer is the client.
    pub client_header: String,
    /// Milliseconds that one statement may run.
    pub statement_ms: u64,
    /// Milliseconds that all statements of one response may take.
    pub answer_ms: u64,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            requests_per_minute: 6_000,
            burst: 600,
            client_header: String::new(),
            statement_ms: 2_000,
            answer_ms: 5_000,
        }
    }
}

impl LimitSettings {
    /// The header that names the client, if one does.
    ///
    /// # Errors
    /// When no header can have that name.
    pub fn client_header(&self) -> Result<Option<HeaderName>, ConfigError> {
        if self.client_header.is_empty() {
            return Ok(None);
        }
        let name = self.client_header.parse().map(Some);
        name.map_err(|_| {
            ConfigError::new("limits.client_header", format!("{:?} is not a header", self.client_header))
        })
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::Settings as _;

    use super::*;

    fn refusal(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.check().expect_err("it is bad").to_string()
    }

    #[test]
    fn the_sample_file_shows_every_key_with_its_default() {
        let sample = include_str!("../query-api.example.toml");
        let read: Settings = kansoku_service::parse(sample).expect("the sample is good");
        assert_eq!(toml::to_string(&read).ok(), toml::to_string(&Settings::default()).ok());
        let shown: toml::Table = toml::from_str(sample).expect("a table");
        for (section, keys) in toml::Table::try_from(Settings::default()).expect("a table") {
            for key in keys.as_table().expect("a section").keys() {
                assert!(shown[&section].get(key).is_some(), "{section}.{key} is not in the sample");
            }
        }
    }

    #[test]
    fn what_cannot_work_is_refused_by_its_key() {
        assert!(refusal(|s| s.postgres.max_connections = 1).starts_with("postgres.max_connections: "));
        assert!(refusal(|s| s.limits.burst = 0).starts_with("limits.burst: "));
        assert!(refusal(|s| s.limits.answer_ms = 0).starts_with("limits.answer_ms: "));
        assert!(refusal(|s| s.limits.client_header = "a b".into()).starts_with("limits.client_header: "));
        let ca = Some("/etc/kansoku/ca.crt".into());
        assert!(refusal(|s| s.redis.tls_ca = ca).starts_with("redis.url: must begin with rediss://"));
        assert!(refusal(|s| s.cache.redis_seconds = 0).starts_with("cache.redis_seconds: "));
        assert!(
            refusal(|s| s.redis.url = "http://127.0.0.1/".into())
                .starts_with("redis.url: must begin with redis://")
        );
        let secret = refusal(|s| s.postgres.url = "mysql://root:hush@127.0.0.1/".into());
        assert!(secret.starts_with("postgres.url: must begin") && !secret.contains("hush"), "{secret}");
        let secret = refusal(|s| s.postgres.url = "postgres://root:hush@one:99999/data".into());
        assert!(secret.starts_with("postgres.url: ") && !secret.contains("hush"), "{secret}");
        assert!(kansoku_service::parse::<Settings>("[limits]\nbrust = 1\n").is_err());
    }
}
