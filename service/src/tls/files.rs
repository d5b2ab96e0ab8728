//! The files of one connection or listener, each with the key of the configuration that names it.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{
    pem::{self, BadIdentity},
    validity::Validity,
};
use crate::ConfigError;

/// A file, and the key that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// The key that an error is reported for, e.g. `nats.tls_ca`.
    pub(super) key: String,
    /// The same where several files stand in one key: `postgres.url sslcert`.
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// Whom one side of a connection trusts, and what it shows of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificates of the authority that signed what the other side shows.
    pub(super) ca: Option<Named>,
    /// What this side shows.
    pub(super) cert: Option<Named>,
    /// The key of that.
    pub(super) key: Option<Named>,
}

impl TlsFiles {
    /// The keys `tls_ca`, `tls_cert` and `tls_key` of a section; of the top level, where its name is empty.
    pub fn of(section: &str, ca: Option<&Path>, cert: Option<&Path>, key: Option<&Path>) -> Self {
        let named = |key: &str, path: Option<&Path>| {
            let key = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
            Named::of(key, path)
        };
        Self { ca: named("tls_ca", ca), cert: named("tls_cert", cert), key: named("tls_key", key) }
    }

    /// The options `--tls-ca`, `--tls-cert` and `--tls-key` of a command.
    pub fn of_options(ca: Option<&Path>, cert: Option<&Path>, key: Option<&Path>) -> Self {
        let named = |option: &str, path: Option<&Path>| Named::of(option.to_owned(), path);
        Self { ca: named("--tls-ca", ca), cert: named("--tls-cert", cert), key: named("--tls-key", key) }
    }

    /// What the address of a Postgres server names, which stands in `key`: `sslrootcert`, `sslcert` and `sslkey`.
    pub fn of_postgres(key: &str, url: &str) -> Self {
        let parameters = url.split_once('?').map_or("", |(_, parameters)| parameters);
        let named = |wanted: &[&str]| {
            let (name, path) = url::form_urlencoded::parse(parameters.as_bytes())
                .find(|(name, _)| wanted.contains(&name.as_ref()))?;
            Some(Named { key: key.to_owned(), name: format!("{key} {name}"), path: path.as_ref().into() })
        };
        Self {
            ca: named(&["sslrootcert", "ssl-root-cert", "ssl-ca"]),
            cert: named(&["sslcert", "ssl-cert"]),
            key: named(&["sslkey", "ssl-key"]),
        }
    }

    /// Whether no file is named.
    pub fn is_empty(&self) -> bool {
        self.ca.is_none() && self.cert.is_none() && self.key.is_none()
    }

    /// Whether each is named by its path. Errors repeat a path, so the text of a key must not stand in its place.
    ///
    /// # Errors
    /// The first that is not. What stands there is not repeated.
    pub fn check_paths(&self) -> Result<(), ConfigError> {
        let text = |file: &&Named| file.path.to_string_lossy().contains("-----BEGIN");
        match self.certificates().chain(&self.key).find(text) {
            Some(file) => {
                Err(file.refused("it holds a certificate or a key itself: name a file that holds it"))
            }
            None => Ok(()),
        }
    }

    /// Reads every file.
    ///
    /// # Errors
    /// The first that is not there, is not what it has to be, or is not valid now.
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), ConfigError> {
        self.check_paths()?;
        if let Some(ca) = &self.ca {
            pem::authority(&ca.path, now).map_err(|problem| ca.refused(problem))?;
        }
        match (&self.cert, &self.key) {
            (None, None) => Ok(()),
            (Some(cert), Some(key)) => {
                pem::identity(&cert.path, &key.path, now).map(drop).map_err(|bad| match bad {
                    BadIdentity::Certificate(problem) => cert.refused(problem),
                    BadIdentity::Key(problem) => key.refused(problem),
                })
            }
            (Some(cert), None) => Err(cert.refused("the file with its private key has to be named as well")),
            (None, Some(key)) => Err(key.refused("the file with its certificate has to be named as well")),
        }
    }

    /// When the first of the certificates ends; `None` where there is none, or one cannot be read.
    pub fn first_end(&self) -> Option<DateTime<Utc>> {
        let ends: Option<Vec<_>> = self.certificates().map(Named::end).collect();
        ends?.into_iter().min()
    }

    /// The files with certificates.
    pub(super) fn certificates(&self) -> impl Iterator<Item = &Named> {
        self.ca.iter().chain(&self.cert)
    }
}

impl Named {
    fn of(key: String, path: Option<&Path>) -> Option<Self> {
        path.map(|path| Self { name: key.clone(), key, path: path.to_owned() })
    }

    /// When the certificate ends; the first of several.
    pub(super) fn end(&self) -> Option<DateTime<Utc>> {
        let all = pem::certificates(&self.path).ok()?;
        all.iter().filter_map(|one| Some(Validity::of(one)?.until)).min()
    }

    fn refused(&self, problem: impl std::fmt::Display) -> ConfigError {
        let inside = self.name.strip_prefix(&self.key).map(str::trim).filter(|inside| !inside.is_empty());
        let problem = match inside {
            Some(inside) => format!("{inside}: {problem}"),
            None => problem.to_string(),
        };
        ConfigError::new(&self.key, problem)
    }
}

#[cfg(test)]
mod tests;
