//! A nats-server with a folder of its own, our users and our permissions.

mod cluster;

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use kansoku_nats::{keys, server_conf};
use tempfile::TempDir;

use crate::{
    child::{Child, Signal, Start},
    port, process, server,
    tls::{Files, Tls},
    tools,
};

pub use cluster::{LINKS, Member};

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
    /// Its place in a cluster; `None` alone.
    pub member: Option<Member>,
    /// TLS for clients, and nothing else then; the servers of a cluster speak without it.
    pub tls: Option<Tls>,
}

impl Options {
    /// The address for clients.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "tls" } else { "nats" };
        let port = self.member.as_ref().and_then(|member| member.proxy).unwrap_or(self.port);
        format!("{scheme}://127.0.0.1:{port}")
    }

    /// The private key of a user, as a file.
    pub fn key_file(&self, user: &str) -> PathBuf {
        key_file(&self.folder, user)
    }
}

/// A running server.
pub type Server = server::Server<Options>;

impl Server {
    /// Starts a server in a temporary folder on free ports, without streams.
    pub async fn temporary() -> Result<Self> {
        Self::temporary_in(&tempfile::env::temp_dir()).await
    }

    /// The same, in a temporary folder inside of another.
    pub async fn temporary_in(parent: &Path) -> Result<Self> {
        let (options, folder) = temporary(parent, None)?;
        Self::start_in(options, Some(folder)).await
    }

    /// Its name in the cluster.
    pub fn name(&self) -> Option<&str> {
        self.options.member.as_ref().map(|member| member.name.as_str())
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
}

fn temporary(parent: &Path, member: Option<Member>) -> Result<(Options, TempDir)> {
    let folder =
        tempfile::Builder::new().prefix("kansoku-nats-").tempdir_in(parent).context("make a folder")?;
    let options = Options {
        folder: folder.path().to_path_buf(),
        log: folder.path().join("log"),
        port: port::free()?,
        monitor: port::free()?,
        member,
        tls: None,
    };
    Ok((options, folder))
}

/// The private key of a user of the server in `folder`.
pub fn key_file(folder: &Path, user: &str) -> PathBuf {
    folder.join("keys").join(format!("{user}.nk"))
}

impl server::Options for Options {
    const LIMIT: Duration = Duration::from_secs(20);

    fn spawn(&self) -> Result<Child> {
        let keys = keys::ensure(&self.folder.join("keys")).context("make the keys of the NATS users")?;
        let settings = server_conf::Settings {
            listen: "127.0.0.1".to_owned(),
            port: self.port,
            monitor_port: self.monitor,
            store_dir: self.folder.join("store"),
            copies: self.member.as_ref().map_or(1, |_| 3),
            tls: self.tls.as_ref().map(|tls| {
                let Files { ca, cert, key } = tls.server.clone();
                server_conf::Tls { ca, cert, key }
            }),
        };
        let conf = self.folder.join("server.conf");
        let member = self.member.as_ref().map(ToString::to_string).unwrap_or_default();
        std::fs::write(&conf, server_conf::render(&settings, &keys) + &member)
            .context("write the server's configuration")?;
        let mut command = Command::new(tools::find("nats-server")?);
        command.arg("-c").arg(&conf);
        let log = self.log.clone();
        Child::start(Start { name: "nats-server", command, log, user: None, end: Signal::TERM })
    }

    async fn answers(&self) -> bool {
        matches!(process::get(self.monitor, "/healthz").await, Ok((200, _)))
    }
}
