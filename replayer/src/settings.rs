//! The replayer's configuration.

use kansoku_postgres::Addresses;
use kansoku_runs::RawSettings;
use kansoku_schemas::SchemaSettings;
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
    /// What rows are judged by; the same as the validator's.
    pub schemas: SchemaSettings,
    /// How RAW is taken.
    pub raw: RawSettings,
    /// How much is replayed at once.
    pub replay: ReplaySettings,
    /// What a dry run may cost.
    pub plan: PlanSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            nats: kansoku_nats::Settings::default(),
            postgres: PostgresSettings::default(),
            http: HttpSettings::loopback(7405),
            schemas: SchemaSettings::default(),
            raw: RawSettings::default(),
            replay: ReplaySettings::default(),
            plan: PlanSettings::default(),
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

/// How much is replayed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReplaySettings {
    /// The most replays of one job that are neither stored nor dead again.
    pub in_flight: usize,
}

impl Default for ReplaySettings {
    fn default() -> Self {
        Self { in_flight: 5_000 }
    }
}

/// What a dry run may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlanSettings {
    /// How long the judging of one plan may take; what takes longer has failed.
    pub judging_timeout_ms: u64,
}

impl Default for PlanSettings {
    fn default() -> Self {
        Self { judging_timeout_ms: 60_000 }
    }
}

impl kansoku_service::Settings for Settings {
    fn check(&self) -> Result<(), ConfigError> {
        self.nats.check()?;
        Addresses::check(self.postgres.url.expose())
            .map_err(|problem| ConfigError::new("postgres.url", problem))?;
        if self.replay.in_flight == 0 {
            return Err(ConfigError::new("replay.in_flight", "must be at least 1"));
        }
        if self.plan.judging_timeout_ms == 0 {
            return Err(ConfigError::new("plan.judging_timeout_ms", "must be at least 1"));
        }
        self.schemas.judge().map(drop).map_err(|error| ConfigError::new("schemas.overlay", error.to_string()))
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
        let example = include_str!("../replayer.example.toml");
        let settings: Settings = kansoku_service::parse(example).unwrap();
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn what_cannot_work_is_refused_by_its_key() {
        let refusal = |change: fn(&mut Settings)| {
            let mut settings = Settings::default();
            change(&mut settings);
            kansoku_service::Settings::check(&settings).unwrap_err().key
        };
        let unknown =
            |settings: &mut Settings| settings.postgres.url = "postgres://one/data?sslmode=bogus".into();
        assert_eq!(refusal(unknown), "postgres.url");
        assert_eq!(refusal(|settings| settings.replay.in_flight = 0), "replay.in_flight");
        assert_eq!(refusal(|settings| settings.plan.judging_timeout_ms = 0), "plan.judging_timeout_ms");
        assert_eq!(refusal(|settings| settings.schemas.overlay = Some("/nowhere".into())), "schemas.overlay");
    }
}
