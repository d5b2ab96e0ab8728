//! A nats-server with a folder of its own, our users and our permissions.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use kansoku_nats::{keys, server_conf};
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::{
    child::{Child, Signal, Start},
    port, process, tools,
};

const START: Duration = Duration::from_secs(20);

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its folder: `keys/`, `server.conf` and the streams in `store/`.
    pub folder: PathBuf,
    /// Where its log goes.
    pub log: PathBuf,
    /// The loopback port for clients.
    pub port: u16,
    /// The loopback port for monitoring.
    pub monitor: u16,
}

impl Options {
    /// The address for clients.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The private key of a user, as a file.
    pub fn key_file(&self, user: &str) -> PathBuf {
        key_file(&self.folder, user)
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    options: Options,
    child: Mutex<Child>,
    _folder: TempDir,
}

impl Server {
    /// Starts a server in a temporary folder on free ports, without streams.
    pub async fn temporary() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("kansoku-nats-").tempdir().context("make a folder")?;
        let options = Options {
            folder: folder.path().to_path_buf(),
            log: folder.path().join("log"),
            port: port::free()?,
            monitor: port::free()?,
        };
        let child = Mutex::new(launch(&options).await?);
        Ok(Self { options, child, _folder: folder })
    }

    /// The address for clients.
    pub fn url(&self) -> String {
        self.options.url()
    }

    /// The port of the monitoring pages.
    pub fn monitor(&self) -> u16 {
        self.options.monitor
    }

    /// The private key of a user, as a file.
    pub fn key_file(&self, user: &str) -> PathBuf {
        self.options.key_file(user)
    }

    /// The process id.
    pub async fn pid(&self) -> u32 {
        self.child.lock().await.pid()
    }

    /// All that the server wrote.
    pub async fn logs(&self) -> String {
        self.child.lock().await.logs()
    }

    /// Stops it.
    pub async fn stop(&self) -> Result<()> {
        self.child.lock().await.stop(START).await.map(drop)
    }

    /// Kills it, as kill -9 does.
    pub async fn kill(&self) -> Result<()> {
        self.child.lock().await.kill().await.map(drop)
    }

    /// Starts it again with the same folder and ports.
    pub async fn start_again(&self) -> Result<()> {
        let mut child = self.child.lock().await;
        *child = launch(&self.options).await?;
        Ok(())
    }
}

/// The private key of a user of the server in `folder`.
pub fn key_file(folder: &Path, user: &str) -> PathBuf {
    folder.join("keys").join(format!("{user}.nk"))
}

async fn launch(options: &Options) -> Result<Child> {
    let mut child = spawn(options)?;
    let monitor = options.monitor;
    child.ready(START, || answers(monitor)).await?;
    Ok(child)
}

/// Starts the process; it may not be ready yet.
pub fn spawn(options: &Options) -> Result<Child> {
    let keys = keys::ensure(&options.folder.join("keys")).context("make the keys of the NATS users")?;
    let settings = server_conf::Settings {
        listen: "127.0.0.1".to_owned(),
        port: options.port,
        monitor_port: options.monitor,
        store_dir: options.folder.join("store"),
    };
    let conf = options.folder.join("server.conf");
    std::fs::write(&conf, server_conf::render(&settings, &keys))
        .context("write the server's configuration")?;
    let mut command = Command::new(tools::find("nats-server")?);
    command.arg("-c").arg(&conf);
    let log = options.log.clone();
    Child::start(Start { name: "nats-server", command, log, user: None, end: Signal::Term })
}

/// Whether a server says on its monitoring port that it is well.
pub async fn answers(monitor: u16) -> bool {
    matches!(process::get(monitor, "/healthz").await, Ok((200, _)))
}
