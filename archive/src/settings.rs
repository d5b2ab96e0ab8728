//! The configuration of `archive`.

use std::path::PathBuf;

use kansoku_service::{ConfigError, HttpSettings, TlsFiles};
use serde::{Deserialize, Serialize};

/// Everything that can be set, with its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where the streams are.
    pub nats: kansoku_nats::Settings,
    /// Where `archive keep` answers `/livez`, `/readyz` and `/metrics`.
    pub http: HttpSettings,
    /// Where RAW is kept when it drops its oldest.
    pub keep: KeepSettings,
}

impl Default for Settings {
    fn default() -> Self {
        let (nats, keep) = (kansoku_nats::Settings::default(), KeepSettings::default());
        Self { nats, http: HttpSettings::loopback(7404), keep }
    }
}

/// Where RAW is kept when it drops its oldest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeepSettings {
    /// The folder of the archive files. Where it is set, an import waits for what is not archived yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
}

impl kansoku_service::Settings for Settings {
    fn check(&self) -> Result<(), ConfigError> {
        self.nats.check()
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
    use super::*;

    #[test]
    fn the_example_shows_the_defaults() {
        let example = include_str!("../archive.example.toml");
        assert_eq!(kansoku_service::parse::<Settings>(example).unwrap(), Settings::default());
    }
}
