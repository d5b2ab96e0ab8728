//! The `[nats]` section of every service's configuration.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where the server is and who we are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The server's address, e.g. `nats://127.0.0.1:7422`; several separated by commas.
    pub url: String,
    /// The file with the user's nkey seed; without one we connect as nobody.
    pub nkey_file: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { url: "nats://127.0.0.1:7422".to_owned(), nkey_file: None }
    }
}
