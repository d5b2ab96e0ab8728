//! What the driver is given. It passes over a parameter that it does not know and logs it with its value, which may be a
//! secret: such an address never reaches it.

use sqlx::{ConnectOptions as _, Error, postgres::PgConnectOptions};
use url::Url;

use crate::Addresses;

/// Parameters that name a file. The driver takes the file's text as well, and whoever checks files would repeat it.
const FILES: &[&str] =
    &["sslrootcert", "ssl-root-cert", "ssl-ca", "sslcert", "ssl-cert", "sslkey", "ssl-key"];

/// Parameters that say how a session is made safe, and what they may say. The driver repeats what it does not take.
const MODES: &[&str] = &["sslmode", "ssl-mode"];
const MODE: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// The other parameters that the driver knows, besides `options[…]`.
const OTHERS: &[&str] = &[
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

impl Addresses {
    /// Reads an address as [`Addresses::parse`] does, for whoever checks a configuration.
    ///
    /// # Errors
    /// What is wrong with it. The address is not repeated, which is a secret.
    pub fn check(url: &str) -> Result<(), String> {
        Self::parse(url).map(drop).map_err(|error| match error {
            Error::Configuration(problem) => problem.to_string(),
            error => error.to_string(),
        })
    }
}

/// Reads the address of one host.
pub(crate) fn options(address: &str) -> Result<PgConnectOptions, Error> {
    let url = Url::parse(address).map_err(|error| {
        refused(format!("it is no address such as postgres://user@host/database: {error}"))
    })?;
    for (name, value) in url.query_pairs() {
        let name = name.as_ref();
        if FILES.contains(&name) {
            if value.contains("-----BEGIN") {
                let problem =
                    format!("{name} holds a certificate or a key itself: name a file that holds it");
                return Err(refused(problem));
            }
            continue;
        }
        if MODES.contains(&name) {
            if !MODE.contains(&value.to_ascii_lowercase().as_str()) {
                return Err(refused(format!("{name} is one of {}", MODE.join(", "))));
            }
            continue;
        }
        let is_option = name.starts_with("options[") && name.ends_with(']');
        if !is_option && !OTHERS.contains(&name) {
            return Err(refused(unknown(name, url.query())));
        }
    }
    PgConnectOptions::from_url(&url)
}

/// With an `@` behind the `?`, what looks like a name may be a part of a password.
fn unknown(name: &str, query: Option<&str>) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    if query.is_some_and(|query| query.contains('@')) || !name.chars().all(plain) {
        return "it has a parameter that is not known here; a ? in a password is written %3F".to_owned();
    }
    format!("the parameter {name} is not known here; leave it out")
}

fn refused(problem: String) -> Error {
    Error::Configuration(problem.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_the_driver_does_not_know_is_refused_without_its_value() {
        for url in [
            "postgres://me@one/data?sslpassword=hush",
            "postgres://me@one/data?sslmode=disable&ssl%70assword=hush",
            "postgres://me@one,two/data?sslpassword=hush",
            "postgres://me@one?sslpassword=hush",
            "postgres:data?sslpassword=hush",
        ] {
            assert_eq!(
                Addresses::check(url),
                Err("the parameter sslpassword is not known here; leave it out".to_owned()),
                "{url}"
            );
        }
    }

    #[test]
    fn what_may_be_a_part_of_a_password_is_not_repeated() {
        for url in ["postgres://me:12?hush@one/data", "postgres://me:12?hush&x=@one/data"] {
            let problem = Addresses::check(url).unwrap_err();
            assert!(problem.contains("%3F") && !problem.contains("hush"), "{problem}");
        }
    }

    #[test]
    fn every_parameter_of_the_driver_is_taken() {
        let url = "postgres://one/data?sslmode=prefer&ssl-mode=require&sslrootcert=/a&ssl-root-cert=/a&ssl-ca=/a\
                   &sslcert=/b&ssl-cert=/b&sslkey=/c&ssl-key=/c&statement-cache-capacity=9&host=two&hostaddr=::1\
                   &port=1&dbname=other&user=me&password=hush@home&application_name=x&options=-c%20a=b&options[c]=d";
        assert_eq!(Addresses::check(url), Ok(()));
    }

    #[test]
    fn the_text_of_a_key_is_refused_and_not_repeated() {
        for begin in ["-----BEGIN PRIVATE KEY-----", "%2D%2D%2d--BEGIN%20PRIVATE+KEY-----"] {
            for name in ["sslkey", "ssl-key", "ssl%6bey", "sslcert", "sslrootcert"] {
                let url = format!("postgres://me@one,two/data?{name}={begin}%0AhUsH%0A-----END");
                let problem = Addresses::check(&url).unwrap_err();
                assert!(problem.contains("holds a certificate or a key itself"), "{problem}");
                assert!(!problem.contains("hUsH"), "{problem}");
            }
        }
    }

    #[test]
    fn a_mode_of_tls_that_is_none_is_refused_with_those_that_there_are() {
        for (name, url) in [
            ("sslmode", "postgres://me@one/data?sslmode=hush"),
            ("ssl-mode", "postgres://me@one,two/data?ssl%2Dmode=hush"),
        ] {
            let said = "is one of disable, allow, prefer, require, verify-ca, verify-full";
            assert_eq!(Addresses::check(url), Err(format!("{name} {said}")));
        }
        assert_eq!(Addresses::check("postgres://me@one/data?sslmode=Verify-Full"), Ok(()));
    }

    #[test]
    fn no_value_of_a_parameter_is_repeated() {
        for name in
            FILES.iter().chain(MODES).chain(OTHERS).chain(&["options[c]", "target_session_attrs", "unknown"])
        {
            let problem = Addresses::check(&format!("postgres://me@one/data?{name}=hush"));
            assert!(problem.as_ref().err().is_none_or(|problem| !problem.contains("hush")), "{problem:?}");
        }
    }

    #[test]
    fn what_fails_at_a_start_is_found_before_it() {
        for url in [
            "postgres://me:hush@one/data?target_session_attrs=any",
            "postgres://me:hush@one:99999/data",
            "postgres://me:hush@one, two/data",
            "postgres://me:hush@one/data?sslmode=bogus",
            "postgres://me@one,two/data?target_session_attrs=hush",
            "postgres://me:hush@one/data?hostaddr=hush",
            "hush",
        ] {
            let problem = Addresses::check(url).unwrap_err();
            assert!(!problem.contains("hush"), "{problem}");
        }
    }
}
