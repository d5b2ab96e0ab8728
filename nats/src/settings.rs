//! The `[nats]` section of every service's configuration.

use std::path::PathBuf;

use async_nats::ServerAddr;
use kansoku_service::ConfigError;
use serde::{Deserialize, Serialize};

/// Where the server is and who we are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The server's address, e.g. `nats://127.0.0.1:7422`; several separated by commas.
    pub url: String,
    /// The file with the user's nkey seed; without one we connect as nobody.
    pub nkey_file: Option<PathBuf>,
    /// Host and port of the server's monitoring pages, whose `/healthz` readiness then shows.
    pub monitor: Option<String>,
}

impl Settings {
    /// The addresses of the servers.
    ///
    /// # Errors
    /// One of them is none.
    pub fn addresses(&self) -> std::io::Result<Vec<ServerAddr>> {
        self.url.split(',').map(|address| address.trim().parse()).collect()
    }

    /// Refuses what can never be connected to.
    pub fn check(&self) -> Result<(), ConfigError> {
        let is_none = |address: &&str| address.is_empty() || address.parse::<ServerAddr>().is_err();
        let Some(address) = self.url.split(',').map(str::trim).find(is_none) else { return Ok(()) };
        let problem = format!(
            "{address:?} is no address of a NATS server: say one such as {}, or several with commas between them",
            Self::default().url
        );
        Err(ConfigError::new("nats.url", problem))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { url: "nats://127.0.0.1:7422".to_owned(), nkey_file: None, monitor: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_named() {
        let check = |url: &str| Settings { url: url.to_owned(), ..Settings::default() }.check();
        assert!(Settings::default().check().is_ok() && check("nats://a:1, b:2").is_ok());
        for (url, named) in [("", "\"\""), ("nats://a:1,", "\"\""), ("a:b, c", "\"a:b\"")] {
            let refused = check(url).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("nats.url: {named} is no address")), "{refused}");
        }
    }
}
