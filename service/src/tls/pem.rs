//! Reads certificates and keys from PEM files, and says what is wrong with a file that holds none.

use std::path::Path;

use chrono::{DateTime, Utc};
use tokio_rustls::rustls::{
    Error,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};

use super::{provider, validity::Validity};

/// What is wrong, in words for the one who named the file.
pub(super) type Problem = String;

/// All certificates of a file; at least one.
pub(super) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let shown = file.display();
    let text = read(file)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match all {
        Ok(all) if !all.is_empty() && all.iter().all(|one| Validity::of(one).is_some()) => Ok(all),
        _ => Err(format!("{shown} holds no certificate: it has to be PEM, -----BEGIN CERTIFICATE-----")),
    }
}

/// The certificates of an authority, of which one at least is valid.
pub(super) fn authority(file: &Path, now: DateTime<Utc>) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let all = certificates(file)?;
    let problems: Vec<Problem> = all.iter().filter_map(|one| invalid(one, now)).collect();
    match problems.first() {
        Some(problem) if problems.len() == all.len() => Err(format!("{} {problem}", file.display())),
        _ => Ok(all),
    }
}

/// A certificate, with those between it and the authority, and its key.
pub(super) fn identity(cert: &Path, key: &Path, now: DateTime<Utc>) -> Result<CertifiedKey, BadIdentity> {
    let chain = certificates(cert).map_err(BadIdentity::Certificate)?;
    if let Some(problem) = chain.first().and_then(|own| invalid(own, now)) {
        return Err(BadIdentity::Certificate(format!("{} {problem}", cert.display())));
    }
    let secret = PrivateKeyDer::from_pem_slice(&read(key).map_err(BadIdentity::Key)?);
    let secret = secret.map_err(|_| {
        BadIdentity::Key(format!(
            "{} holds no private key: it has to be PEM, -----BEGIN PRIVATE KEY-----",
            key.display()
        ))
    })?;
    CertifiedKey::from_der(chain, secret, &provider()).map_err(|error| {
        BadIdentity::Key(match error {
            Error::InconsistentKeys(_) => format!(
                "{} is the key of another certificate than {}: name the two that were made together",
                key.display(),
                cert.display()
            ),
            error => format!("{} cannot be used: {error}", key.display()),
        })
    })
}

/// Which of the two files of an identity is at fault.
#[derive(Debug)]
pub(super) enum BadIdentity {
    Certificate(Problem),
    Key(Problem),
}

impl std::fmt::Display for BadIdentity {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Certificate(problem) | Self::Key(problem)) = self;
        out.write_str(problem)
    }
}

fn invalid(certificate: &CertificateDer<'_>, now: DateTime<Utc>) -> Option<Problem> {
    let Validity { from, until } = Validity::of(certificate)?;
    let shown = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M UTC");
    if until <= now {
        return Some(format!("expired at {}: put a new certificate in its place", shown(until)));
    }
    (now < from).then(|| {
        format!("is valid from {} on, and here it is {}: is the clock right?", shown(from), shown(now))
    })
}

fn read(file: &Path) -> Result<Vec<u8>, Problem> {
    std::fs::read(file).map_err(|error| format!("read {}: {error}", file.display()))
}
