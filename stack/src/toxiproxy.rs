//! toxiproxy as a process of its own, driven by its HTTP API.

use std::{process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    child::{Child, Signal, Start},
    port, process, tools,
};

/// The name of its program in `.tools/bin`.
pub const PROGRAM: &str = "toxiproxy-server";
const LIMIT: Duration = Duration::from_secs(10);

/// A running toxiproxy; it ends with this value.
#[derive(Debug)]
pub struct Toxiproxy {
    port: u16,
    _child: Child,
    _folder: TempDir,
}

impl Toxiproxy {
    /// Starts it without proxies.
    ///
    /// # Errors
    /// It is not installed, or does not answer.
    pub async fn start() -> Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("kansoku-toxiproxy-").tempdir().context("make a folder")?;
        let port = port::free()?;
        let mut command = Command::new(tools::find(PROGRAM)?);
        command.args(["-host", "127.0.0.1", "-port", &port.to_string()]);
        let log = folder.path().join("log");
        let start = Start { name: PROGRAM, command, log, user: None, end: Signal::TERM };
        let mut child = Child::start(start)?;
        let answers = || async move { matches!(process::get(port, "/version").await, Ok((200, _))) };
        child.ready(LIMIT, answers).await?;
        Ok(Self { port, _child: child, _folder: folder })
    }

    /// Makes a proxy from a free port to `upstream`; returns the port.
    ///
    /// # Errors
    /// toxiproxy refuses.
    pub async fn link(&self, name: &str, upstream: u16) -> Result<u16> {
        let listen = port::free()?;
        let proxy = json!({ "name": name, "listen": format!("127.0.0.1:{listen}"),
            "upstream": format!("127.0.0.1:{upstream}"), "enabled": true });
        self.ask("POST", "/proxies", &proxy).await?;
        Ok(listen)
    }

    /// Adds a toxic in both directions.
    ///
    /// # Errors
    /// toxiproxy refuses.
    pub async fn add(&self, link: &str, kind: &str, attributes: &Value) -> Result<()> {
        for stream in ["upstream", "downstream"] {
            let toxic = json!({ "name": format!("{kind}-{stream}"), "type": kind, "stream": stream,
                "attributes": attributes });
            self.ask("POST", &format!("/proxies/{link}/toxics"), &toxic).await?;
        }
        Ok(())
    }

    /// Takes it away again.
    ///
    /// # Errors
    /// toxiproxy refuses.
    pub async fn remove(&self, link: &str, kind: &str) -> Result<()> {
        for stream in ["upstream", "downstream"] {
            self.ask("DELETE", &format!("/proxies/{link}/toxics/{kind}-{stream}"), &Value::Null).await?;
        }
        Ok(())
    }

    /// Opens a link or closes it; closed, it refuses connections.
    ///
    /// # Errors
    /// toxiproxy refuses.
    pub async fn open(&self, link: &str, is_open: bool) -> Result<()> {
        self.ask("POST", &format!("/proxies/{link}"), &json!({ "enabled": is_open })).await
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Result<()> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, said) = process::send(self.port, method, path, &body).await.context("ask toxiproxy")?;
        ensure!(status < 300, "{method} {path} of toxiproxy: {status} {}", said.trim());
        Ok(())
    }
}
