//! A connection to a server that shows a certificate.

use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

use super::{TlsFiles, pem, provider, tls_problem};
use crate::{Clock as _, SystemClock};

/// Connects to `address` (`host:port`), trusting the authority of the files alone, and shows their certificate if there is one.
///
/// # Errors
/// A file cannot be used, nobody answers, or the server is not the one that its certificate speaks of.
pub async fn connect(address: &str, files: &TlsFiles) -> anyhow::Result<TlsStream<TcpStream>> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let stream = TcpStream::connect(address).await.with_context(|| format!("connect to {address}"))?;
    over(stream, host, files).await
}

/// Begins TLS on a connection that there is.
///
/// # Errors
/// As [`connect`].
pub async fn over(stream: TcpStream, host: &str, files: &TlsFiles) -> anyhow::Result<TlsStream<TcpStream>> {
    let connector = TlsConnector::from(Arc::new(config(files)?));
    let name =
        ServerName::try_from(host.to_owned()).with_context(|| format!("{host} is no name of a host"))?;
    connector.connect(name, stream).await.map_err(|error| match tls_problem(&error) {
        Some(problem) => anyhow!("begin TLS with {host}: {problem}"),
        None => anyhow!(error).context(format!("begin TLS with {host}")),
    })
}

fn config(files: &TlsFiles) -> anyhow::Result<ClientConfig> {
    let now = SystemClock.now();
    files.check(now)?;
    let mut roots = RootCertStore::empty();
    let ca = files.ca.as_ref().context("the authority is not named that signed the server's certificate")?;
    let authority = pem::authority(&ca.path, now).map_err(anyhow::Error::msg)?;
    roots.add_parsable_certificates(authority);
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .context("settle the versions of TLS")?
        .with_root_certificates(roots);
    let (Some(cert), Some(key)) = (&files.cert, &files.key) else { return Ok(builder.with_no_client_auth()) };
    let identity = pem::identity(&cert.path, &key.path, now).map_err(anyhow::Error::msg)?;
    Ok(builder
        .with_client_cert_resolver(Arc::new(tokio_rustls::rustls::sign::SingleCertAndKey::from(identity))))
}
