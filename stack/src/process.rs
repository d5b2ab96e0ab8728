//! Our own programs as real processes, for tests and benchmarks.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::{
    child::{Child, Signal, Start},
    port,
};

/// How long a service may take to stop; its own limit is 10 s.
const STOP: Duration = Duration::from_secs(15);
const READY: Duration = Duration::from_secs(30);

/// The folder of the programs built beside the running one (`target/<profile>`).
pub fn programs() -> Result<PathBuf> {
    let own = std::env::current_exe().context("find the running program")?;
    let folder = own.parent().context("find the folder of the running program")?;
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    Ok(folder.to_path_buf())
}

/// What the variables of a program begin with.
pub(crate) fn prefix(name: &str) -> String {
    name.to_uppercase().replace('-', "_") + "_"
}

/// A program of ours about to be started.
#[derive(Debug)]
pub struct Service {
    name: String,
    command: Command,
    listen: u16,
}

impl Service {
    /// The program `name` as built beside the caller, with its address on a free port and no foreign telemetry.
    pub fn new(name: &str) -> Result<Self> {
        let program = programs()?.join(name);
        if !program.is_file() {
            bail!("{} is not built: `cargo build --workspace --bins` builds it", program.display());
        }
        let listen = port::free()?;
        let mut command = Command::new(program);
        command
            .env(prefix(name) + "HTTP__LISTEN", format!("127.0.0.1:{listen}"))
            .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT");
        if name == "query-api" {
            // Its second listener must not meet that of another one.
            command.env("QUERY_API_ADMIN__LISTEN", "127.0.0.1:0");
        }
        Ok(Self { name: name.to_owned(), command, listen })
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, key: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(key, value);
        self
    }

    /// Sets variables of its environment.
    #[must_use]
    pub fn envs(self, variables: &[(&str, &str)]) -> Self {
        variables.iter().fold(self, |service, (key, value)| service.env(key, value))
    }

    /// Takes a variable out of its environment.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.command.env_remove(key);
        self
    }

    /// Lets it listen on this port.
    #[must_use]
    pub fn listen(self, port: u16) -> Self {
        let variable = prefix(&self.name) + "HTTP__LISTEN";
        Self { listen: port, ..self.env(&variable, format!("127.0.0.1:{port}")) }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Starts it; it may not be ready yet.
    pub fn spawn(self) -> Result<Running> {
        let folder =
            tempfile::Builder::new().prefix("kansoku-service-").tempdir().context("make a folder")?;
        let log = folder.path().join("log");
        let start = Start { name: &self.name, command: self.command, log, user: None, end: Signal::TERM };
        let child = Child::start(start)?;
        Ok(Running { child, listen: self.listen, _folder: folder })
    }
}

/// A started program of ours.
#[derive(Debug)]
pub struct Running {
    child: Child,
    listen: u16,
    _folder: TempDir,
}

impl Running {
    /// Waits until `/readyz` answers 200.
    pub async fn ready(&mut self) -> Result<()> {
        let listen = self.listen;
        self.child.ready(READY, || async move { matches!(get(listen, "/readyz").await, Ok((200, _))) }).await
    }

    /// Status and body of `GET path`.
    pub async fn get(&self, path: &str) -> Result<(u16, String)> {
        get(self.listen, path).await
    }

    /// The address of its HTTP listener.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.listen)
    }

    /// The file of its standard output and error.
    pub fn log(&self) -> &Path {
        self.child.log()
    }

    /// All that it wrote to standard output and error.
    pub fn logs(&self) -> String {
        self.child.logs()
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// The exit status, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.ended()
    }

    /// Sends SIGTERM and waits for the end.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        self.child.stop(STOP).await
    }

    /// Kills it, as kill -9 does.
    pub async fn kill(&mut self) -> Result<ExitStatus> {
        self.child.kill().await
    }

    /// Waits until it ends by itself.
    pub async fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        self.child.wait(limit).await
    }
}

/// `GET path` on the loopback interface.
pub async fn get(port: u16, path: &str) -> Result<(u16, String)> {
    send(port, "GET", path, "").await
}

/// The same with any method and body.
pub async fn send(port: u16, method: &str, path: &str, body: &str) -> Result<(u16, String)> {
    kansoku_service::request(&format!("127.0.0.1:{port}"), method, path, body).await
}
