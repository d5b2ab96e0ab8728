//! TLS: the files that a configuration names, what they hold, and connections made with them.
//!
//! Files are read again whenever a connection is made or numbers are fetched, and a listener looks at its own every few
//! seconds, so that new certificates take the place of old ones without a restart.

mod client;
mod expiry;
mod files;
mod pem;
mod problem;
mod server;
mod validity;

use std::sync::Arc;

use tokio_rustls::rustls::crypto::{CryptoProvider, ring};

pub(crate) use self::server::Certificate;
pub use self::{
    client::{connect, over},
    files::TlsFiles,
    problem::tls_problem,
};

/// Settles which implementation of cryptography a library takes that does not say: more than one is compiled in.
pub fn settle_provider() {
    // Whoever settled it before has settled it.
    let _ = ring::default_provider().install_default();
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
