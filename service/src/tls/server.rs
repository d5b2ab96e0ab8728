//! The certificate that a listener shows: read from its files again when they change.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use anyhow::Context as _;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};

use super::{TlsFiles, pem, provider};
use crate::{Clock as _, Stop, SystemClock};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// A certificate that changes with its files.
#[derive(Debug)]
pub(crate) struct Certificate {
    cert: PathBuf,
    key: PathBuf,
    shown: RwLock<Arc<CertifiedKey>>,
}

/// What the files hold; two different pairs are different.
type Content = (Option<Vec<u8>>, Option<Vec<u8>>);

impl Certificate {
    /// Reads it; `None` where no file is named.
    pub(crate) fn of(files: &TlsFiles) -> anyhow::Result<Option<Arc<Self>>> {
        let (Some(cert), Some(key)) = (&files.cert, &files.key) else { return Ok(None) };
        let (cert, key) = (cert.path.clone(), key.path.clone());
        let shown = pem::identity(&cert, &key, SystemClock.now()).map_err(|bad| anyhow::anyhow!("{bad}"))?;
        let shown = RwLock::new(Arc::new(shown));
        Ok(Some(Arc::new(Self { cert, key, shown })))
    }

    /// What makes a connection one that shows it.
    pub(crate) fn acceptor(self: &Arc<Self>) -> anyhow::Result<TlsAcceptor> {
        let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(self) as _;
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .context("settle the versions of TLS")?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config).into())
    }

    /// Takes up what is put in the place of the files, until the stop. Files that do not fit, as while they are being
    /// replaced one after the other, are left alone, and what was shown is shown on.
    pub(crate) async fn follow(self: Arc<Self>, stop: Stop) {
        let mut seen = self.content().await;
        let mut look = tokio::time::interval(LOOK);
        while stop.run_until(look.tick()).await.is_some() {
            let found = self.content().await;
            if found != seen {
                self.take_up();
                seen = found;
            }
        }
    }

    fn take_up(&self) {
        let file = self.cert.display();
        match pem::identity(&self.cert, &self.key, SystemClock.now()) {
            Ok(new) => {
                *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
                tracing::info!(%file, "the new certificate in {file} is shown from now on");
            }
            Err(bad) => {
                tracing::warn!(%file, "the files of the certificate have changed and cannot be used; the one before is shown on: {bad}")
            }
        }
    }

    async fn content(&self) -> Content {
        (tokio::fs::read(&self.cert).await.ok(), tokio::fs::read(&self.key).await.ok())
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use tokio::net::TcpListener;

    use super::*;
    use crate::tls::connect;

    type Authority = CertifiedIssuer<'static, KeyPair>;

    /// A certificate for this machine in `own.crt`, with its key; its bytes.
    fn put(folder: &tempfile::TempDir, authority: &Authority) -> Vec<u8> {
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, authority).unwrap();
        std::fs::write(folder.path().join("own.crt"), certificate.pem()).unwrap();
        std::fs::write(folder.path().join("own.key"), key.serialize_pem()).unwrap();
        certificate.der().to_vec()
    }

    #[tokio::test]
    async fn a_new_pair_of_files_is_shown_and_a_wrong_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut own = CertificateParams::default();
        own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority: Authority = CertifiedIssuer::self_signed(own, KeyPair::generate().unwrap()).unwrap();
        std::fs::write(folder.path().join("ca.crt"), authority.pem()).unwrap();
        let first = put(&folder, &authority);
        let file = |name: &str| folder.path().join(name);
        let files = TlsFiles::of("", None, Some(&file("own.crt")), Some(&file("own.key")));
        let trusting = TlsFiles::of("", Some(&file("ca.crt")), None, None);
        let certificate = Certificate::of(&files).unwrap().unwrap();
        let acceptor = certificate.acceptor().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                drop(acceptor.accept(stream).await);
            }
        });
        let shown = async || {
            let stream = connect(&address, &trusting).await.unwrap();
            stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
        };
        assert_eq!(shown().await, first);
        let second = put(&folder, &authority);
        certificate.take_up();
        assert_eq!(shown().await, second);
        std::fs::write(file("own.key"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
        certificate.take_up();
        assert_eq!(shown().await, second, "a key that does not fit changes nothing");
    }
}
