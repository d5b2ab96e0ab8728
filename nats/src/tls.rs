//! How a connection is made with TLS.

use async_nats::ConnectOptions;

use crate::settings::Settings;

/// Adds what the settings say. The files are read at every connection, so that new ones are taken up.
pub(crate) fn with_tls(options: ConnectOptions, settings: &Settings) -> ConnectOptions {
    // A server may ask for TLS where the address does not.
    kansoku_service::settle_provider();
    let Settings { tls_ca, tls_cert, tls_key, tls_first, .. } = settings;
    // Also with servers that were only heard of.
    let options = options.require_tls(settings.is_tls());
    let options = tls_ca.iter().fold(options, |options, ca| options.add_root_certificates(ca.clone()));
    let options = match (tls_cert, tls_key) {
        (Some(cert), Some(key)) => options.add_client_certificate(cert.clone(), key.clone()),
        _ => options,
    };
    if *tls_first { options.tls_first() } else { options }
}
