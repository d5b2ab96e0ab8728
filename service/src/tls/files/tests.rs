use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};

use super::*;

/// Files of a certificate that is valid in so many years, and of its authority.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(from: i32, until: i32) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let mut own = CertificateParams::default();
        own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        own.not_after = date_time_ymd(2100, 1, 1);
        let authority = CertifiedIssuer::self_signed(own, KeyPair::generate().unwrap()).unwrap();
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(until, 1, 1));
        let key = KeyPair::generate().unwrap();
        folder.put("ca.crt", &authority.pem());
        folder.put("own.crt", &params.signed_by(&key, &authority).unwrap().pem());
        folder.put("own.key", &key.serialize_pem());
        folder
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    fn files(&self) -> TlsFiles {
        let [ca, cert, key] = ["ca.crt", "own.crt", "own.key"].map(|name| self.file(name));
        TlsFiles::of("nats", Some(&ca), Some(&cert), Some(&key))
    }

    /// What is said of them in the middle of 2026, which names this key and this file.
    #[track_caller]
    fn refused(&self, key: &str, file: &str) -> String {
        let refused = self.files().check(now()).unwrap_err().to_string();
        assert!(refused.starts_with(&format!("{key}: ")), "{refused}");
        assert!(refused.contains(file), "{refused}");
        refused
    }
}

fn now() -> DateTime<Utc> {
    "2026-07-01T00:00:00Z".parse().unwrap()
}

#[test]
fn what_fits_is_taken_and_its_first_end_is_known() {
    let folder = Folder::new(2026, 2027);
    assert_eq!(folder.files().check(now()), Ok(()));
    assert_eq!(folder.files().first_end(), Some("2027-01-01T00:00:00Z".parse().unwrap()));
    assert_eq!(TlsFiles::default().check(now()), Ok(()));
}

#[test]
fn a_file_that_is_not_there_or_holds_something_else_is_named() {
    let folder = Folder::new(2026, 2027);
    folder.put("own.key", "no key");
    assert!(folder.refused("nats.tls_key", "own.key").contains("holds no private key"));
    std::fs::remove_file(folder.file("own.key")).unwrap();
    assert!(folder.refused("nats.tls_key", "own.key").contains("No such file"));
    folder.put("own.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert!(folder.refused("nats.tls_cert", "own.crt").contains("holds no certificate"));
    folder.put("ca.crt", "");
    assert!(folder.refused("nats.tls_ca", "ca.crt").contains("holds no certificate"));
}

#[test]
fn the_key_of_another_certificate_is_refused() {
    let folder = Folder::new(2026, 2027);
    folder.put("own.key", &KeyPair::generate().unwrap().serialize_pem());
    assert!(folder.refused("nats.tls_key", "own.key").contains("is the key of another certificate than"));
}

#[test]
fn a_certificate_that_has_expired_or_is_of_the_future_is_refused() {
    let said = Folder::new(2025, 2026).refused("nats.tls_cert", "own.crt");
    assert!(said.contains("expired at 2026-01-01 00:00 UTC: put a new certificate in its place"), "{said}");
    let said = Folder::new(2027, 2028).refused("nats.tls_cert", "own.crt");
    assert!(said.contains("is the clock right?"), "{said}");
}

#[test]
fn a_certificate_needs_its_key_and_the_other_way_round() {
    let folder = Folder::new(2026, 2027);
    let (cert, key) = (folder.file("own.crt"), folder.file("own.key"));
    let alone = |cert, key| TlsFiles::of("", None, cert, key).check(now()).unwrap_err().to_string();
    let said = alone(Some(&*cert), None);
    assert_eq!(said, "tls_cert: the file with its private key has to be named as well");
    let said = alone(None, Some(&*key));
    assert_eq!(said, "tls_key: the file with its certificate has to be named as well");
}

#[test]
fn an_address_of_postgres_names_its_files() {
    let folder = Folder::new(2025, 2026);
    let shown = |name: &str| folder.file(name).display().to_string();
    let url = format!(
        "postgres://a:b@h:1,h:2/c?sslmode=verify-full&sslrootcert={}&sslcert={}&sslkey={}",
        shown("ca.crt"),
        shown("own.crt"),
        shown("own.key")
    );
    let said = TlsFiles::of_postgres("postgres.url", &url).check(now()).unwrap_err().to_string();
    assert!(said.starts_with("postgres.url: sslcert: /") && said.contains("expired at"), "{said}");
    assert!(!said.contains("a:b"), "{said}");
    assert!(TlsFiles::of_postgres("postgres.url", "postgres://a:b@h/c").is_empty());
}

#[test]
fn the_text_of_a_key_in_the_place_of_a_path_is_refused_and_not_repeated() {
    let text = "-----BEGIN PRIVATE KEY-----\nhUsH\n-----END PRIVATE KEY-----\n";
    let encoded = text.replace('\n', "%0A").replacen('-', "%2D", 5);
    let of = |name: &str| TlsFiles::of_postgres("postgres.url", &format!("postgres://h/c?{name}={encoded}"));
    let in_key = TlsFiles::of("nats", None, Some(Path::new("/own.crt")), Some(Path::new(text)));
    for files in [of("sslkey"), of("ssl-key"), of("sslcert"), of("sslrootcert"), in_key] {
        for refused in [files.check_paths(), files.check(now())] {
            let said = refused.unwrap_err().to_string();
            assert!(said.contains("it holds a certificate or a key itself"), "{said}");
            assert!(!said.contains("hUsH"), "{said}");
        }
    }
}

#[test]
fn the_text_of_a_key_in_the_place_of_an_option_is_refused_and_not_repeated() {
    let text = PathBuf::from("-----BEGIN PRIVATE KEY-----\nhUsH\n-----END PRIVATE KEY-----\n");
    for (name, files) in [
        ("--tls-ca", TlsFiles::of_options(Some(&text), None, None)),
        ("--tls-cert", TlsFiles::of_options(None, Some(&text), None)),
        ("--tls-key", TlsFiles::of_options(None, None, Some(&text))),
    ] {
        let said = files.check_paths().unwrap_err().to_string();
        assert_eq!(
            said,
            format!("{name}: it holds a certificate or a key itself: name a file that holds it")
        );
    }
}
