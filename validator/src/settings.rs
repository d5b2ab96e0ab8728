//! The validator's configuration.

use kansoku_schemas::SchemaSettings;
use kansoku_service::{ConfigError, HttpSettings, TlsFiles};
use serde::{Deserialize, Serialize};

/// The most pages of one batch: each has its message open at the server while it is judged.
const MAX_PAGES: usize = 1_000;
/// A largest page must fit into a batch.
const MIN_BYTES: usize = 2 << 20;

/// Everything that can be set, with its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where the streams are.
    pub nats: kansoku_nats::Settings,
    /// Where `/livez`, `/readyz` and `/metrics` are answered.
    pub http: HttpSettings,
    /// What pages are judged by.
    pub schemas: SchemaSettings,
    /// How much is taken at once.
    pub batch: BatchSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            nats: kansoku_nats::Settings::default(),
            http: HttpSettings::loopback(7402),
            schemas: SchemaSettings::default(),
            batch: BatchSettings::default(),
        }
    }
}

/// How much is taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BatchSettings {
    /// The most pages.
    pub pages: usize,
    /// The most bytes of their bodies and headers.
    pub bytes: usize,
}

impl Default for BatchSettings {
    fn default() -> Self {
        Self { pages: 64, bytes: 8 << 20 }
    }
}

impl kansoku_service::Settings for Settings {
    fn check(&self) -> Result<(), ConfigError> {
        self.nats.check()?;
        if !(1..=MAX_PAGES).contains(&self.batch.pages) {
            return Err(ConfigError::new("batch.pages", format!("must be between 1 and {MAX_PAGES}")));
        }
        if self.batch.bytes < MIN_BYTES {
            let problem = format!("must be at least {MIN_BYTES}, so that a largest page fits");
            return Err(ConfigError::new("batch.bytes", problem));
        }
        let judge = self.schemas.judge();
        judge
            .map(drop)
            .map_err(|error| ConfigError::new("schemas.overlay", format!("{:#}", anyhow::Error::new(error))))
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
    use std::fs;

    use kansoku_service::Settings as _;

    use super::*;

    #[test]
    fn the_example_shows_the_defaults() {
        let example = include_str!("../validator.example.toml");
        assert_eq!(kansoku_service::parse::<Settings>(example).unwrap(), Settings::default());
        let shown: toml::Table = example.parse().unwrap();
        for (section, keys) in toml::Table::try_from(Settings::default()).unwrap() {
            for key in keys.as_table().unwrap().keys() {
                assert!(shown[&section].get(key).is_some(), "{section}.{key} is not in the example");
            }
        }
    }

    #[test]
    fn what_cannot_work_is_refused_by_its_key() {
        let refusal = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            settings.check().unwrap_err().key
        };
        assert_eq!(refusal(|settings| settings.batch.pages = 0), "batch.pages");
        assert_eq!(refusal(|settings| settings.batch.bytes = 1 << 20), "batch.bytes");
        assert_eq!(refusal(|settings| settings.schemas.overlay = Some("/nowhere".into())), "schemas.overlay");
    }

    #[test]
    fn an_overlay_that_is_no_schema_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("anime.v1.json"), "{").unwrap();
        let mut settings = Settings::default();
        settings.schemas.overlay = Some(folder.path().to_owned());
        assert_eq!(settings.check().unwrap_err().key, "schemas.overlay");
    }
}
