//! A Redis server that keeps nothing on disk: it is a cache.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use kansoku_service::tls_connect;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use crate::{
    child::{Child, Signal, Start},
    port, postgres, server,
    tls::Tls,
    tools,
};

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where its log goes.
    pub log: PathBuf,
    /// The loopback port.
    pub port: u16,
    /// TLS, and nothing else then.
    pub tls: Option<Tls>,
}

impl Options {
    /// The address.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "rediss" } else { "redis" };
        format!("{scheme}://127.0.0.1:{}/", self.port)
    }
}

/// A running server. Started again, it is empty.
pub type Server = server::Server<Options>;

impl Server {
    /// Starts a server in a temporary folder on a free port.
    pub async fn temporary() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("kansoku-redis-").tempdir().context("make a folder")?;
        let options = Options { log: folder.path().join("log"), port: port::free()?, tls: None };
        Self::start_in(options, Some(folder)).await
    }

    /// The address.
    pub fn url(&self) -> String {
        self.options.url()
    }
}

/// The user of the operating system that the server runs as when we are root.
pub fn unprivileged() -> Option<&'static str> {
    postgres::is_root().then_some("redis")
}

impl server::Options for Options {
    const LIMIT: Duration = Duration::from_secs(10);

    fn spawn(&self) -> Result<Child> {
        let mut command = Command::new(tools::find("redis-server")?);
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/"]);
        command.args(["--maxmemory", "128mb", "--maxmemory-policy", "allkeys-lru"]);
        match &self.tls {
            None => command.arg("--port").arg(self.port.to_string()),
            Some(Tls { server, .. }) => command
                .args(["--port", "0", "--tls-auth-clients", "yes", "--tls-port"])
                .arg(self.port.to_string())
                .arg("--tls-ca-cert-file")
                .arg(&server.ca)
                .arg("--tls-cert-file")
                .arg(&server.cert)
                .arg("--tls-key-file")
                .arg(&server.key),
        };
        let user = unprivileged();
        let log = self.log.clone();
        Child::start(Start { name: "redis-server", command, log, user, end: Signal::TERM })
    }

    /// A listening socket alone may belong to somebody else.
    async fn answers(&self) -> bool {
        self.ask("PING", "+PONG").await.is_ok()
    }
}

impl Options {
    /// Sends a command in Redis' own protocol, which has to be answered like this.
    pub(crate) async fn ask(&self, command: &str, expected: &str) -> Result<()> {
        let address = format!("127.0.0.1:{}", self.port);
        match &self.tls {
            None => {
                let stream = TcpStream::connect(address).await.context("connect to Redis")?;
                ask(stream, command, expected).await
            }
            Some(tls) => ask(tls_connect(&address, &tls.client.named()).await?, command, expected).await,
        }
    }

    /// Lets the server read the files of its certificate again, for the connections to come.
    pub(crate) async fn take_up_certificate(&self) -> Result<()> {
        let Some(Tls { server, .. }) = &self.tls else { return Ok(()) };
        let quoted = |path: &Path| {
            format!("\"{}\"", path.display().to_string().replace('\\', "\\\\").replace('"', "\\\""))
        };
        let (cert, key, ca) = (quoted(&server.cert), quoted(&server.key), quoted(&server.ca));
        let set = format!("CONFIG SET tls-cert-file {cert} tls-key-file {key} tls-ca-cert-file {ca}");
        self.ask(&set, "+OK").await
    }
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, command: &str, expected: &str) -> Result<()> {
    stream.write_all(format!("{command}\r\n").as_bytes()).await.context("send a command to Redis")?;
    stream.flush().await.context("send a command to Redis")?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).await.context("read the answer of Redis")?;
    anyhow::ensure!(answer.trim_end() == expected, "Redis answers {:?}", answer.trim_end());
    Ok(())
}
