//! How Redis is reached.

use std::{
    path::Path,
    sync::{PoisonError, RwLock},
    time::Duration,
};

use anyhow::Context;
use kansoku_service::{Clock as _, SystemClock};
use redis::{
    Client, ClientTlsConfig, TlsCertificates,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use crate::settings::RedisSettings;

/// Slower than this, the database is the better choice.
const TIMEOUT: Duration = Duration::from_millis(250);

/// What the files of TLS hold: the authority, our certificate, its key.
type Pem = [Option<Vec<u8>>; 3];

/// A connection that is made when it is first used, and anew when the files of TLS change.
pub(super) struct Connection {
    settings: RedisSettings,
    current: RwLock<(Pem, ConnectionManager)>,
}

impl Connection {
    pub(super) fn new(settings: &RedisSettings) -> anyhow::Result<Self> {
        let files = read(settings)?;
        let manager = open(settings, &files)?;
        Ok(Self { settings: settings.clone(), current: RwLock::new((files, manager)) })
    }

    pub(super) fn get(&self) -> ConnectionManager {
        self.current.read().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// Takes up files that have changed, and says whether it did. What cannot be used is left alone.
    pub(super) fn take_up_files(&self) -> bool {
        // One that is not there is being replaced.
        let Ok(files) = read(&self.settings) else { return false };
        if self.current.read().unwrap_or_else(PoisonError::into_inner).0 == files {
            return false;
        }
        let checked = self.settings.tls().check(SystemClock.now());
        // What was checked has to be what is taken up.
        if read(&self.settings).ok().as_ref() != Some(&files) {
            return false;
        }
        let opened = checked.map_err(Into::into).and_then(|()| open(&self.settings, &files));
        let taken_up = opened.is_ok();
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.0 = files;
        match opened {
            Ok(manager) => {
                current.1 = manager;
                tracing::info!("Redis is connected to anew, with the new files of redis.tls_…");
            }
            Err(error) => {
                tracing::warn!("the files of redis.tls_… have changed and cannot be used: {error:#}")
            }
        }
        taken_up
    }
}

fn read(settings: &RedisSettings) -> anyhow::Result<Pem> {
    let RedisSettings { tls_ca, tls_cert, tls_key, .. } = settings;
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("read {}", path.display()));
    let [ca, cert, key] = [tls_ca, tls_cert, tls_key].map(|path| path.as_deref().map(read).transpose());
    Ok([ca?, cert?, key?])
}

fn open(settings: &RedisSettings, files: &Pem) -> anyhow::Result<ConnectionManager> {
    let url = settings.url.expose().as_str();
    let client = if url.starts_with("rediss://") {
        kansoku_service::settle_provider();
        let [root_cert, cert, key] = files.clone();
        let client_tls =
            cert.zip(key).map(|(client_cert, client_key)| ClientTlsConfig { client_cert, client_key });
        Client::build_with_tls(url, TlsCertificates { client_tls, root_cert })
    } else {
        Client::open(url)
    };
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(0)
        .set_connection_timeout(Some(TIMEOUT))
        .set_response_timeout(Some(TIMEOUT));
    let client = client.context("read the address of Redis")?;
    ConnectionManager::new_lazy_with_config(client, config).context("prepare Redis")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(folder: &Path, key: &rcgen::KeyPair) {
        let certificate = rcgen::CertificateParams::new(["localhost".to_owned()])
            .and_then(|params| params.self_signed(key))
            .expect("a certificate");
        std::fs::write(folder.join("own.crt"), certificate.pem()).expect("written");
    }

    fn put_key(folder: &Path, key: &rcgen::KeyPair) {
        std::fs::write(folder.join("own.key"), key.serialize_pem()).expect("written");
    }

    #[tokio::test]
    async fn a_key_that_does_not_fit_is_not_taken_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let [first, second] = std::array::from_fn(|_| rcgen::KeyPair::generate().expect("a key"));
        put(folder.path(), &first);
        put_key(folder.path(), &first);
        let settings = RedisSettings {
            url: "rediss://localhost:1/".into(),
            tls_ca: None,
            tls_cert: Some(folder.path().join("own.crt")),
            tls_key: Some(folder.path().join("own.key")),
        };
        let connection = Connection::new(&settings).expect("a connection");
        assert!(!connection.take_up_files(), "nothing has changed");
        put(folder.path(), &second);
        assert!(!connection.take_up_files(), "the key is the one of before");
        put_key(folder.path(), &second);
        assert!(connection.take_up_files(), "they fit again");
    }
}
