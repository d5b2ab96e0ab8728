//! The loader's configuration.

use kansoku_postgres::Addresses;
use kansoku_service::{ConfigError, HttpSettings, Secret, TlsFiles};
use serde::{Deserialize, Serialize};

/// Everything that can be set, with its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where the streams are.
    pub nats: kansoku_nats::Settings,
    /// Where the tables are.
    pub postgres: PostgresSettings,
    /// Where `/livez`, `/readyz` and `/metrics` are answered.
    pub http: HttpSettings,
    /// How much one transaction takes.
    pub batch: BatchSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            nats: kansoku_nats::Settings::default(),
            postgres: PostgresSettings::default(),
            http: HttpSettings::loopback(7403),
            batch: BatchSettings::default(),
        }
    }
}

/// The database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PostgresSettings {
    /// Its address, with user and password: `postgres://user:password@host:port/database`.
    pub url: Secret<String>,
}

impl Default for PostgresSettings {
    fn default() -> Self {
        Self { url: Secret::new("postgres://kansoku@127.0.0.1:7432/kansoku".to_owned()) }
    }
}

/// How much one transaction takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BatchSettings {
    /// The most pages.
    pub pages: usize,
    /// The most bytes of their contracts.
    pub bytes: usize,
}

impl Default for BatchSettings {
    fn default() -> Self {
        Self { pages: 100, bytes: 8 << 20 }
    }
}

impl kansoku_service::Settings for Settings {
    fn check(&self) -> Result<(), ConfigError> {
        self.nats.check()?;
        Addresses::check(self.postgres.url.expose())
            .map_err(|problem| ConfigError::new("postgres.url", problem))?;
        if self.batch.pages == 0 || self.batch.pages > 500 {
            return Err(ConfigError::new("batch.pages", "must be between 1 and 500"));
        }
        Ok(())
    }

    fn health_address(&self) -> std::net::SocketAddr {
        self.http.listen
    }

    fn tls(&self) -> Vec<TlsFiles> {
        vec![self.nats.tls(), TlsFiles::of_postgres("postgres.url", self.postgres.url.expose())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_shows_the_defaults() {
        let example = include_str!("../loader.example.toml");
        let settings: Settings = kansoku_service::parse(example).unwrap();
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn an_address_that_cannot_work_is_refused_by_its_key() {
        let settings = Settings {
            postgres: PostgresSettings { url: "postgres://me:hush@one, two/data".into() },
            ..Settings::default()
        };
        let said = kansoku_service::Settings::check(&settings).unwrap_err().to_string();
        assert!(said.starts_with("postgres.url: ") && !said.contains("hush"), "{said}");
    }

    #[test]
    fn a_batch_of_nothing_is_refused() {
        let mut settings = Settings::default();
        settings.batch.pages = 0;
        assert!(kansoku_service::Settings::check(&settings).is_err());
    }
}
