//! An operator at a terminal: `kansoku` against a running API, with a token of its own.

use std::{
    fs::Permissions,
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Command,
};

use anyhow::{Context, Result, ensure};
use kansoku_stack::{pipeline::Pipeline, process::programs};
use serde_json::Value;
use tempfile::TempDir;

/// Somebody who may work with dead letters.
#[derive(Debug)]
pub struct Operator {
    api: String,
    folder: TempDir,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Said {
    /// The exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// It ended with this code, and all these words stand in what it printed.
    #[track_caller]
    pub fn ends(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        for word in words {
            assert!(self.out.contains(word), "nothing of {word:?} in {}{}", self.out, self.err);
        }
        self
    }

    /// What the API said.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

/// What `query-api operator …` prints for whoever runs the installation.
///
/// # Errors
/// It ends with another status than 0.
pub fn installer(pipeline: &Pipeline, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(programs()?.join("query-api"));
    command
        .arg("operator")
        .args(arguments)
        .env("QUERY_API_POSTGRES__URL", pipeline.database.url())
        .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT");
    let output = command.output().context("run query-api operator")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).context("read what it printed")
}

/// The whole answer, head and body, of a request of HTTP/1.0 with these further lines in its head.
///
/// # Errors
/// The API is away.
pub fn answer(api: &str, request: &str, head: &[&str], body: &str) -> Result<Vec<u8>> {
    let address = api.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).context("connect to the API")?;
    let head: String = head.iter().map(|line| format!("{line}\r\n")).collect();
    let length = body.len();
    // Of HTTP/1.0: the answer is what comes until the end.
    write!(stream, "{request} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {length}\r\n{head}\r\n{body}")
        .context("ask the API")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).context("read the answer")?;
    Ok(answer)
}

impl Operator {
    /// Adds an operator as whoever runs the installation does, and gives them the token.
    pub fn add(pipeline: &Pipeline, api: &str, name: &str, rights: &str) -> Result<Self> {
        let folder = tempfile::tempdir().context("make a folder")?;
        let printed = installer(pipeline, &["add", name, "--rights", rights])?;
        let token = folder.path().join("operator.token");
        std::fs::write(&token, printed).context("write the token")?;
        std::fs::set_permissions(token, Permissions::from_mode(0o600)).context("hide the token")?;
        Ok(Self { api: api.to_owned(), folder })
    }

    /// Runs `kansoku`.
    #[track_caller]
    pub fn kansoku(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(programs().expect("there are programs").join("kansoku"));
        command.args(arguments).env("KANSOKU_API_URL", &self.api).env("KANSOKU_DATA", self.folder.path());
        for name in ["KANSOKU_TOKEN", "KANSOKU_TOKEN_FILE", "VISUAL", "EDITOR"] {
            command.env_remove(name);
        }
        let output = command.stdin(std::process::Stdio::null()).output().expect("kansoku runs");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The token.
    pub fn token(&self) -> Result<String> {
        let token = std::fs::read_to_string(self.folder.path().join("operator.token"));
        Ok(token.context("read the token")?.trim().to_owned())
    }

    /// The bytes that the API answers to `GET path`.
    pub fn get(&self, path: &str) -> Result<Vec<u8>> {
        let bearer = format!("Authorization: Bearer {}", self.token()?);
        let mut answer = answer(&self.api, &format!("GET {path}"), &[&bearer], "")?;
        let head =
            answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").context("find the end of the head")?;
        let body = answer.split_off(head + 4);
        ensure!(answer.starts_with(b"HTTP/1.0 200 "), "{path}: {}", String::from_utf8_lossy(&answer));
        Ok(body)
    }

    /// A file in a folder of its own.
    pub fn file(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).context("write a file")?;
        Ok(path)
    }
}
