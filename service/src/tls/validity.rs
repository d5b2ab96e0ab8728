//! From when to when a certificate is valid, read out of its DER encoding (RFC 5280, 4.1).

use chrono::{DateTime, NaiveDateTime, Utc};

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// The version, which the oldest kind of certificate does not have.
const VERSION: u8 = 0xa0;

/// When a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Validity {
    pub(crate) from: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
}

impl Validity {
    /// `None` where this is no certificate.
    pub(crate) fn of(certificate: &[u8]) -> Option<Self> {
        let (certificate, _) = value(certificate, SEQUENCE)?;
        let (mut fields, _) = value(certificate, SEQUENCE)?;
        if let Some((_, rest)) = value(fields, VERSION) {
            fields = rest;
        }
        // The serial number, the algorithm of the signature, the issuer.
        for tag in [INTEGER, SEQUENCE, SEQUENCE] {
            (_, fields) = value(fields, tag)?;
        }
        let (both, _) = value(fields, SEQUENCE)?;
        let (from, rest) = time(both)?;
        let (until, _) = time(rest)?;
        Some(Self { from, until })
    }
}

/// The content of the first value, if it has this tag, and what follows it.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (head, rest) = der.split_at_checked(2)?;
    let (length, rest) = match head[1] {
        short @ ..=0x7f => (usize::from(short), rest),
        long @ 0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    if head[0] == tag { rest.split_at_checked(length) } else { None }
}

fn time(der: &[u8]) -> Option<(DateTime<Utc>, &[u8])> {
    let (text, rest, format) = match value(der, UTC_TIME) {
        Some((text, rest)) => (text, rest, "%y%m%d%H%M%SZ"),
        None => {
            let (text, rest) = value(der, GENERALIZED_TIME)?;
            (text, rest, "%Y%m%d%H%M%SZ")
        }
    };
    let time = NaiveDateTime::parse_from_str(std::str::from_utf8(text).ok()?, format).ok()?;
    Some((time.and_utc(), rest))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn both_forms_of_a_time_are_read() {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        for (until, read) in [(2031, "2031-05-06T00:00:00Z"), (2150, "2150-05-06T00:00:00Z")] {
            (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 2), date_time_ymd(until, 5, 6));
            let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            let validity = Validity::of(certificate.der()).unwrap();
            assert_eq!(validity.from, "2020-01-02T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
            assert_eq!(validity.until, read.parse::<DateTime<Utc>>().unwrap());
            for end in 0..200 {
                // A part of one is none, and no reason to panic.
                let _ = Validity::of(&certificate.der()[..end]);
            }
        }
        assert_eq!(Validity::of(b"no certificate"), None);
        assert_eq!(Validity::of(&[SEQUENCE, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }
}
