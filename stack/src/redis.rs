//! A Redis server that keeps nothing on disk: it is a cache.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Mutex,
};

use crate::{
    child::{Child, Signal, Start},
    port, postgres, tools,
};

const START: Duration = Duration::from_secs(10);

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where its log goes.
    pub log: PathBuf,
    /// The loopback port.
    pub port: u16,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    options: Options,
    child: Mutex<Child>,
    _folder: TempDir,
}

impl Server {
    /// Starts a server in a temporary folder on a free port.
    pub async fn temporary() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("kansoku-redis-").tempdir().context("make a folder")?;
        let options = Options { log: folder.path().join("log"), port: port::free()? };
        let child = Mutex::new(launch(&options).await?);
        Ok(Self { options, child, _folder: folder })
    }

    /// The address.
    pub fn url(&self) -> String {
        url(self.options.port)
    }

    /// The process id.
    pub async fn pid(&self) -> u32 {
        self.child.lock().await.pid()
    }

    /// Whether the process still runs.
    pub async fn runs(&self) -> bool {
        self.child.lock().await.ended().is_none()
    }

    /// Stops it.
    pub async fn stop(&self) -> Result<()> {
        self.child.lock().await.stop(START).await.map(drop)
    }

    /// Starts it again on the same port, empty.
    pub async fn start_again(&self) -> Result<()> {
        let mut child = self.child.lock().await;
        *child = launch(&self.options).await?;
        Ok(())
    }
}

/// The address of a server on `port`.
pub fn url(port: u16) -> String {
    format!("redis://127.0.0.1:{port}/")
}

async fn launch(options: &Options) -> Result<Child> {
    let mut child = spawn(options)?;
    let port = options.port;
    child.ready(START, || answers(port)).await?;
    Ok(child)
}

/// Starts the process; it may not be ready yet.
pub fn spawn(options: &Options) -> Result<Child> {
    let mut command = Command::new(tools::find("redis-server")?);
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/"]);
    command.args(["--maxmemory", "128mb", "--maxmemory-policy", "allkeys-lru"]);
    command.arg("--port").arg(options.port.to_string());
    let user = postgres::is_root().then_some("redis");
    let log = options.log.clone();
    Child::start(Start { name: "redis-server", command, log, user, end: Signal::Term })
}

/// Whether the server on `port` is a Redis that answers.
pub async fn answers(port: u16) -> bool {
    ping(port).await.is_ok()
}

/// Sends `PING` in Redis' own protocol: a listening socket alone may belong to somebody else.
async fn ping(port: u16) -> Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.context("connect to Redis")?;
    stream.write_all(b"PING\r\n").await.context("send PING to Redis")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await.context("read the answer of Redis")?;
    anyhow::ensure!(&answer == b"+PONG", "Redis does not answer PONG");
    Ok(())
}
