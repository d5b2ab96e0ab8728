//! What every configuration has in common.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::TlsFiles;

/// A service's configuration. Every struct in it derives `Default`-like values and carries
/// `#[serde(default, deny_unknown_fields)]`: what is not given has its default, what is not known is refused. The section
/// `[telemetry]` belongs to the harness and is not part of it.
pub trait Settings: Default + Serialize + DeserializeOwned + 'static {
    /// What types cannot say: ranges, and keys that need one another. Called before anything is started.
    ///
    /// # Errors
    /// The first key whose value will not do.
    fn check(&self) -> Result<(), ConfigError>;

    /// Where the service answers `/livez` and `/readyz`: what `--healthcheck` asks.
    fn health_address(&self) -> SocketAddr;

    /// The files of TLS that it names: read before anything is started, and shown as numbers from then on.
    fn tls(&self) -> Vec<TlsFiles> {
        Vec::new()
    }
}

/// A configuration that will not do: which key, where it came from, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", self.words())]
pub struct ConfigError {
    /// The key with its sections, e.g. `http.listen`; empty where the whole file is at fault.
    pub key: String,
    /// What is wrong, and what would be right.
    pub problem: String,
    /// The file or the environment variable that says so.
    pub origin: Option<String>,
}

impl ConfigError {
    /// A value that will not do. Its origin is found by the harness.
    pub fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into(), origin: None }
    }

    fn words(&self) -> String {
        let origin = self.origin.as_ref().map(|origin| format!(" ({origin})")).unwrap_or_default();
        match self.key.as_str() {
            "" => format!("{}{origin}", self.problem),
            key => format!("{key}: {}{origin}", self.problem),
        }
    }
}

/// The `[http]` section: where the service answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    /// Address and port, e.g. `127.0.0.1:7402`; port 0 takes any free one and says in the log which.
    pub listen: SocketAddr,
    /// How many connections may be open at once; further clients wait for a free one.
    pub max_connections: u32,
    /// How many of them one client may have: one IPv4 address, or one /64 of IPv6. A further one is closed. 0 sets no limit.
    /// Behind a reverse proxy all connections come from its address.
    pub max_connections_per_client: u32,
    /// How long a client may take to send the head of a request, and how long a connection may idle between two.
    pub header_timeout_ms: u64,
}

impl HttpSettings {
    /// A port on the loopback interface: each service's default.
    pub const fn loopback(port: u16) -> Self {
        Self {
            listen: SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), port),
            // Well below the 1,024 files that a process may have open where nobody raised that.
            max_connections: 512,
            // Half of all: one client never keeps the others out, and a browser (six or so a tab) or a proxy is far from it.
            max_connections_per_client: 256,
            header_timeout_ms: 10_000,
        }
    }
}

impl Default for HttpSettings {
    /// Any free port on the loopback interface.
    fn default() -> Self {
        Self::loopback(0)
    }
}

/// The `[telemetry]` section, in every service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Telemetry {
    /// What is logged: a level, or `target=level` separated by commas.
    pub(crate) log: String,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { log: "info".to_owned() }
    }
}
