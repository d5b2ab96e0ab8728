//! A private certificate authority: for one machine, and good for its own names alone.

use std::{net::Ipv6Addr, path::Path};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use kansoku_service::TlsFiles;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};

use crate::up::folders::write_private;

/// The names of this machine for itself, all that the authority may sign.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// How long the authority is good for, and what it signs.
const AUTHORITY: TimeDelta = TimeDelta::days(3_650);
pub(crate) const SIGNED: TimeDelta = TimeDelta::days(90);
/// A clock that runs behind by no more takes a certificate at once.
const BEFORE: TimeDelta = TimeDelta::hours(1);

/// Signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// A server shows it.
    Server,
    /// A client shows it.
    Client,
}

/// A certificate and its key, as PEM.
#[derive(Debug)]
pub struct Signed {
    /// The certificate.
    pub cert: String,
    /// The key.
    pub key: String,
}

impl Authority {
    /// The one in a folder (`ca.crt`, `ca.key`), made where it is not there.
    pub fn ensure(folder: &Path, now: DateTime<Utc>) -> Result<Self> {
        let (cert, key) = (folder.join("ca.crt"), folder.join("ca.key"));
        // It has to outlive what it signs.
        let lasts =
            TlsFiles::of("", Some(&cert), None, None).first_end().is_some_and(|end| end > now + SIGNED);
        if lasts
            && let (Ok(certificate), Ok(key)) =
                (std::fs::read_to_string(&cert), std::fs::read_to_string(&key))
        {
            let key = KeyPair::from_pem(&key).context("read the key of the authority")?;
            return Ok(Self { issuer: Issuer::new(params(now)?, key), certificate });
        }
        let pair = KeyPair::generate().context("make a key")?;
        let secret = pair.serialize_pem();
        let params = params(now)?;
        let certificate = params.self_signed(&pair).context("sign the authority's certificate")?.pem();
        write_private(&key, &secret)?;
        write_private(&cert, &certificate)?;
        Ok(Self { issuer: Issuer::new(params, pair), certificate })
    }

    /// Its certificate, as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// A certificate for this machine that is valid from `now` on, for so long.
    pub fn sign(&self, name: &str, usage: Usage, now: DateTime<Utc>, long: TimeDelta) -> Result<Signed> {
        let mut params = CertificateParams::new(NAMES.map(str::to_owned)).context("take the names")?;
        params.distinguished_name = named(name);
        valid(&mut params, now, long)?;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![match usage {
            Usage::Server => ExtendedKeyUsagePurpose::ServerAuth,
            Usage::Client => ExtendedKeyUsagePurpose::ClientAuth,
        }];
        let key = KeyPair::generate().context("make a key")?;
        let cert = params.signed_by(&key, &self.issuer).with_context(|| format!("sign for {name}"))?;
        Ok(Signed { cert: cert.pem(), key: key.serialize_pem() })
    }
}

fn params(now: DateTime<Utc>) -> Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Kansoku, for this machine");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut params, now, AUTHORITY)?;
    // Who trusts it in a browser trusts it for nothing else.
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("localhost".to_owned()),
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([127, 0, 0, 0], 8)),
            GeneralSubtree::IpAddress(CidrSubnet::from_v6_prefix(Ipv6Addr::LOCALHOST.octets(), 128)),
        ],
        excluded_subtrees: Vec::new(),
    });
    Ok(params)
}

fn named(name: &str) -> rcgen::DistinguishedName {
    let mut own = rcgen::DistinguishedName::new();
    own.push(DnType::OrganizationName, "Kansoku");
    own.push(DnType::CommonName, name);
    own
}

fn valid(params: &mut CertificateParams, now: DateTime<Utc>, long: TimeDelta) -> Result<()> {
    let since = |at: DateTime<Utc>| (at - DateTime::UNIX_EPOCH).to_std().context("take a time after 1970");
    let epoch = date_time_ymd(1970, 1, 1);
    (params.not_before, params.not_after) = (epoch + since(now - BEFORE)?, epoch + since(now + long)?);
    Ok(())
}
