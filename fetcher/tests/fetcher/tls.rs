//! An upstream whose certificate is none to trust: a yearly tradition (jikan#556).

use std::{path::PathBuf, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

use crate::world::{Said, end, fetcher};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut own = CertificateParams::default();
    own.distinguished_name.push(DnType::CommonName, name);
    own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(own, KeyPair::generate().unwrap()).unwrap()
}

/// A server for a name that shows a certificate valid until that year; its port.
async fn server(authority: &Authority, name: &str, until: i32) -> u16 {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(until, 1, 1));
    let key = KeyPair::generate().unwrap();
    let certificate: CertificateDer<'static> = params.signed_by(&key, authority).unwrap().into();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            // Whoever gets on with the certificate gets no answer.
            tokio::spawn(async move { acceptor.accept(stream).await.map(drop) });
        }
    });
    port
}

/// `fetcher probe` of a server on this port, where certificates of the authority are trusted.
async fn probe(folder: &tempfile::TempDir, trusted: &PathBuf, port: u16) -> Said {
    let config = folder.path().join(format!("{port}.toml"));
    let upstream = format!(
        "[[upstream]]\nurl = \"https://localhost:{port}/v4\"\nsource = \"s\"\ncatalogue = \"sample\"\n"
    );
    std::fs::write(&config, upstream).unwrap();
    let mut command = fetcher(["--config", config.to_str().unwrap(), "probe"]);
    command.env("SSL_CERT_FILE", trusted).env("FETCHER_NATS__URL", "nats://127.0.0.1:1");
    command.env("FETCHER_CLIENT__INTERVAL_MS", "1");
    end(command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_certificate_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (trusted, stranger) = (authority("trusted"), authority("stranger"));
    let file = folder.path().join("trusted.pem");
    std::fs::write(&file, trusted.pem()).unwrap();
    let cases = [
        (server(&trusted, "localhost", 2021).await, "tls", "expired"),
        (server(&trusted, "elsewhere.invalid", 2999).await, "tls", "not valid for name"),
        (server(&stranger, "localhost", 2999).await, "tls", "UnknownIssuer"),
        // With a certificate to trust it is not the certificate.
        (server(&trusted, "localhost", 2999).await, "network", ""),
    ];
    for (port, class, words) in cases {
        let said = probe(&folder, &file, port).await;
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(
            said.out.contains(&format!("none: {class} (")) && said.out.contains(words),
            "{words}: {said:?}"
        );
    }
}
