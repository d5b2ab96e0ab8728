//! TLS of an installation: an authority of its own, and what it signs.

pub mod authority;
pub mod probe;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use kansoku_service::TlsFiles;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use url::form_urlencoded::Serializer;

/// What one side of a connection trusts and shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The authority's certificate.
    pub ca: PathBuf,
    /// What is shown.
    pub cert: PathBuf,
    /// The key of that.
    pub key: PathBuf,
}

/// How a server of ours speaks TLS, and what those who ask it from here show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The server's side.
    pub server: Files,
    /// Ours.
    pub client: Files,
}

impl Files {
    /// Those of this name in a folder.
    pub fn new(folder: &Path, name: &str) -> Self {
        let file = |name: &str, end: &str| folder.join(format!("{name}.{end}"));
        Self { ca: file("ca", "crt"), cert: file(name, "crt"), key: file(name, "key") }
    }

    /// As a configuration names them.
    pub fn named(&self) -> TlsFiles {
        TlsFiles::of("", Some(&self.ca), Some(&self.cert), Some(&self.key))
    }

    /// The certificate that is shown, as bytes.
    pub fn der(&self) -> Result<Vec<u8>> {
        let certificate = CertificateDer::from_pem_file(&self.cert);
        Ok(certificate.with_context(|| format!("read {}", self.cert.display()))?.to_vec())
    }

    /// As the address of a Postgres server names them.
    pub fn of_postgres(&self) -> String {
        let shown = |path: &Path| path.display().to_string();
        let mut parameters = Serializer::new(String::new());
        parameters.append_pair("sslmode", "verify-full").append_pair("sslrootcert", &shown(&self.ca));
        parameters.append_pair("sslcert", &shown(&self.cert)).append_pair("sslkey", &shown(&self.key));
        parameters.finish()
    }

    /// As keys of a section of our configuration files.
    pub fn of_section(&self) -> String {
        let shown = |path: &Path| path.display().to_string();
        let (ca, cert, key) = (shown(&self.ca), shown(&self.cert), shown(&self.key));
        format!("tls_ca = {ca:?}\ntls_cert = {cert:?}\ntls_key = {key:?}\n")
    }
}
