//! The `[nats]` section of every service's configuration.

use std::path::PathBuf;

use async_nats::ServerAddr;
use kansoku_service::{ConfigError, TlsFiles};
use serde::{Deserialize, Serialize};

/// Where the server is and who we are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The server's address, e.g. `nats://127.0.0.1:7422`, or `tls://…`; several separated by commas.
    pub url: String,
    /// The file with the user's nkey seed; without one we connect as nobody.
    pub nkey_file: Option<PathBuf>,
    /// The certificates of the authority that signed the server's; without it those of the system are trusted.
    pub tls_ca: Option<PathBuf>,
    /// Our certificate, for a server that asks for one.
    pub tls_cert: Option<PathBuf>,
    /// The key of that.
    pub tls_key: Option<PathBuf>,
    /// Whether the server begins with TLS (`handshake_first`), and not with a line of text about itself.
    pub tls_first: bool,
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
        let Some(address) = self.url.split(',').map(str::trim).find(is_none) else {
            return self.check_scheme();
        };
        let problem = format!(
            "{address:?} is no address of a NATS server: say one such as {}, or several with commas between them",
            Self::default().url
        );
        Err(ConfigError::new("nats.url", problem))
    }

    /// Who names files of TLS must not be left without it.
    fn check_scheme(&self) -> Result<(), ConfigError> {
        let is_plain = |address: &&str| !address.starts_with("tls://") && !address.starts_with("wss://");
        let plain = self.url.split(',').map(str::trim).find(is_plain);
        match plain.filter(|_| self.tls_first || !self.tls().is_empty()) {
            None => Ok(()),
            Some(address) => {
                let problem =
                    format!("{address:?} is without TLS, and nats.tls_… is set: say tls://host:port");
                Err(ConfigError::new("nats.url", problem))
            }
        }
    }

    /// Whether every connection has to be one with TLS.
    pub(crate) fn is_tls(&self) -> bool {
        self.url.split(',').any(|address| address.trim().starts_with("tls://"))
    }

    /// The files of TLS.
    pub fn tls(&self) -> TlsFiles {
        let Self { tls_ca, tls_cert, tls_key, .. } = self;
        TlsFiles::of("nats", tls_ca.as_deref(), tls_cert.as_deref(), tls_key.as_deref())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: "nats://127.0.0.1:7422".to_owned(),
            nkey_file: None,
            tls_ca: None,
            tls_cert: None,
            tls_key: None,
            tls_first: false,
            monitor: None,
        }
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

    #[test]
    fn an_address_without_tls_is_refused_beside_files_of_it() {
        let check = |url: &str| {
            let tls_ca = Some("/etc/kansoku/ca.crt".into());
            Settings { url: url.to_owned(), tls_ca, ..Settings::default() }.check()
        };
        assert_eq!(check("tls://a:1, tls://b:2"), Ok(()));
        let refused = check("tls://a:1, nats://b:2").unwrap_err().to_string();
        assert!(refused.starts_with("nats.url: \"nats://b:2\" is without TLS"), "{refused}");
        let first = Settings { tls_first: true, ..Settings::default() };
        assert!(first.check().is_err());
    }
}
