//! What TLS says when no connection comes about, in words.

use std::{error::Error as StdError, io};

use tokio_rustls::rustls::{AlertDescription, CertificateError, Error};

/// What is wrong with TLS, where that is why something failed; `None` where it failed for another reason.
pub fn tls_problem(error: &(dyn StdError + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = of(error) {
            return Some(words(found));
        }
        cause = error.source();
    }
    None
}

fn of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
    // What an `io::Error` wraps is not among its sources.
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    wrapped.and_then(|wrapped| wrapped.downcast_ref()).or_else(|| error.downcast_ref())
}

fn words(error: &Error) -> String {
    use AlertDescription::{
        AccessDenied, BadCertificate, CertificateExpired, CertificateRequired, CertificateUnknown, UnknownCA,
    };
    let of_the_server = match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            "its certificate is signed by an authority that is not trusted here"
        }
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "its certificate has expired"
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for another name than the address has",
        Error::InvalidMessage(_) => "it does not begin with TLS there",
        Error::AlertReceived(
            CertificateRequired | UnknownCA | BadCertificate | CertificateExpired | CertificateUnknown
            | AccessDenied,
        ) => "it does not accept our certificate, or wants one",
        _ => return format!("the server and we do not agree on TLS: {error}"),
    };
    format!("the server: {of_the_server} ({error})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tls_says_is_found_under_other_errors() {
        let inner = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let error = io::Error::new(io::ErrorKind::InvalidData, inner);
        let error = anyhow::Error::from(error).context("connect to Redis");
        let said = tls_problem(error.as_ref()).unwrap();
        assert!(
            said.starts_with("the server: its certificate is signed by an authority that is not"),
            "{said}"
        );
        let refused = anyhow::Error::from(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(tls_problem(refused.as_ref()), None);
    }
}
