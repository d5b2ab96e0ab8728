//! A Redis server that keeps nothing on disk: it is a cache.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    child::{Child, Signal, Start},
    port, postgres, server, tools,
};

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where its log goes.
    pub log: PathBuf,
    /// The loopback port.
    pub port: u16,
}

/// A running server. Started again, it is empty.
pub type Server = server::Server<Options>;

impl Server {
    /// Starts a server in a temporary folder on a free port.
    pub async fn temporary() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("kansoku-redis-").tempdir().context("make a folder")?;
        let options = Options { log: folder.path().join("log"), port: port::free()? };
        Self::start_in(options, Some(folder)).await
    }

    /// The address.
    pub fn url(&self) -> String {
        url(self.options.port)
    }
}

/// The address of a server on `port`.
pub fn url(port: u16) -> String {
    format!("redis://127.0.0.1:{port}/")
}

impl server::Options for Options {
    const LIMIT: Duration = Duration::from_secs(10);

    fn spawn(&self) -> Result<Child> {
        let mut command = Command::new(tools::find("redis-server")?);
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/"]);
        command.args(["--maxmemory", "128mb", "--maxmemory-policy", "allkeys-lru"]);
        command.arg("--port").arg(self.port.to_string());
        let user = postgres::is_root().then_some("redis");
        let log = self.log.clone();
        Child::start(Start { name: "redis-server", command, log, user, end: Signal::TERM })
    }

    /// A listening socket alone may belong to somebody else.
    async fn answers(&self) -> bool {
        ping(self.port).await.is_ok()
    }
}

/// Sends `PING` in Redis' own protocol.
async fn ping(port: u16) -> Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.context("connect to Redis")?;
    stream.write_all(b"PING\r\n").await.context("send PING to Redis")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await.context("read the answer of Redis")?;
    anyhow::ensure!(&answer == b"+PONG", "Redis does not answer PONG");
    Ok(())
}
