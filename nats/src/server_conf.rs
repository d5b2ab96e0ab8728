//! The configuration of nats-server: `server.conf` beneath the definitions of the variables it names.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use crate::keys::PublicKeys;

/// `server.conf` as it is in the repository: variables not yet defined.
pub const TEMPLATE: &str = include_str!("../server.conf");

/// What differs between installations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The address to listen on, for clients and monitoring.
    pub listen: String,
    /// The port for clients.
    pub port: u16,
    /// The port of the monitoring pages.
    pub monitor_port: u16,
    /// Where the streams are kept.
    pub store_dir: PathBuf,
    /// On how many servers a stream may be kept: its account counts each copy.
    pub copies: u8,
    /// How it speaks TLS with its clients, if it does.
    pub tls: Option<Tls>,
}

/// TLS from the first byte on, and only with clients that show a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The authority that signs the clients' certificates.
    pub ca: PathBuf,
    /// What the server shows.
    pub cert: PathBuf,
    /// The key of that.
    pub key: PathBuf,
}

/// What the account may keep once, in GB; the streams' files stay below (a test).
pub(crate) const ACCOUNT_GB: u64 = 18;

/// A configuration that `nats-server -c` reads.
pub fn render(settings: &Settings, keys: &PublicKeys) -> String {
    let Settings { listen, port, monitor_port, store_dir, copies, tls } = settings;
    let mut text = format!(
        "# Made by `topology server-conf`. The text below the definitions is nats/server.conf.\n\
         KANSOKU_LISTEN: {}\nKANSOKU_PORT: {port}\nKANSOKU_MONITOR: {}\nKANSOKU_STORE_DIR: {}\n\
         KANSOKU_ACCOUNT_FILE: {}GB\n",
        quoted(listen),
        quoted(&format!("{listen}:{monitor_port}")),
        quoted(&store_dir.display().to_string()),
        ACCOUNT_GB * u64::from(*copies),
    );
    for (user, key) in keys.iter() {
        // Unwrap safety: writing to a String cannot fail.
        let _ = writeln!(text, "KANSOKU_KEY_{}: {key}", user.to_uppercase().replace('-', "_"));
    }
    if let Some(Tls { ca, cert, key }) = tls {
        let quoted = |path: &Path| quoted(&path.display().to_string());
        let (ca, cert, key) = (quoted(ca), quoted(cert), quoted(key));
        // Unwrap safety: as above.
        let _ = writeln!(
            text,
            "tls {{\n  cert_file: {cert}\n  key_file: {key}\n  ca_file: {ca}\n  verify: true\n  handshake_first: true\n}}"
        );
    }
    text + "\n" + TEMPLATE
}

/// A string of nats-server's configuration language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
