//! Answers of the API: a cached one beside the same bytes from a server that does nothing else, and a commit until it shows.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, ensure};
use axum::{Router, http::header, routing::get};
use kansoku_stack::{pipeline::Pipeline, process::Running};

use crate::clock::Stopwatch;

/// What the clients of the speed ask for: the ranking as a browser gets it.
const RANKING: &str = "/api/v1/analytics/top-anime?catalogue=sample&limit=50";
/// What tells the version of the data.
const VERSION: &str = "/api/v1/analytics/top-anime?catalogue=sample&limit=1";
/// What a commit does last.
const COMMIT: &str = "update data_version set version = version + 1 where catalogue = 'sample';
    select pg_notify('kansoku_data', '{}')";
const CLIENTS: usize = 4;
const SECONDS: f64 = 2.0;
const COMMITS: usize = 50;
const LIMIT: Duration = Duration::from_secs(10);

/// One run.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Cached answers a second.
    pub ours: f64,
    /// Answers a second of an axum server that has these bytes alone.
    pub axum: f64,
    /// Milliseconds from sending a commit until an answer has its version, for each of some commits.
    pub visible: Vec<f64>,
}

/// Measures over a database that is full.
pub async fn measure(pipeline: &Pipeline) -> Result<Measured> {
    let (mut api, port) = start(pipeline, &[]).await?;
    let body = tokio::task::spawn_blocking(move || Client::connect(port)?.get(RANKING)).await??;
    let bytes = bytes::Bytes::from(body);
    let answer = get(move || async move {
        ([(header::CONTENT_TYPE, "application/json"), (header::CONTENT_ENCODING, "br")], bytes)
    });
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("listen")?;
    let axum_port = listener.local_addr().context("read the port")?.port();
    let peer = tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    let axum = tokio::task::spawn_blocking(move || speed(axum_port)).await??;
    let ours = tokio::task::spawn_blocking(move || speed(port)).await??;
    peer.abort();
    let mut visible = Vec::new();
    for _ in 0..COMMITS {
        visible.push(commit(pipeline, port).await?);
    }
    api.terminate().await?;
    Ok(Measured { ours, axum, visible })
}

/// Cached answers a second, with further variables in the service's environment.
pub async fn cached(pipeline: &Pipeline, variables: &[(&str, &str)]) -> Result<f64> {
    let (mut api, port) = start(pipeline, variables).await?;
    let answers = tokio::task::spawn_blocking(move || speed(port)).await??;
    api.terminate().await?;
    Ok(answers)
}

async fn start(pipeline: &Pipeline, variables: &[(&str, &str)]) -> Result<(Running, u16)> {
    let service = pipeline.service("query-api")?.env("QUERY_API_LIMITS__REQUESTS_PER_MINUTE", "0");
    let mut api = service.envs(variables).spawn()?;
    api.ready().await?;
    let port = api.url().rsplit_once(':').and_then(|(_, port)| port.parse().ok()).context("read the port")?;
    Ok((api, port))
}

/// Answers a second.
fn speed(port: u16) -> Result<f64> {
    let (answers, watch) = (AtomicUsize::new(0), Stopwatch::start());
    let ask = || {
        let mut client = Client::connect(port)?;
        while watch.seconds() < SECONDS {
            client.get(RANKING)?;
            answers.fetch_add(1, Ordering::Relaxed);
        }
        anyhow::Ok(())
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(ask)).collect();
        clients.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow!("a client panicked"))?)
    })?;
    #[expect(clippy::cast_precision_loss, reason = "there are not that many")]
    Ok(answers.into_inner() as f64 / watch.seconds())
}

/// Commits, and asks until the answer has the new version.
async fn commit(pipeline: &Pipeline, port: u16) -> Result<f64> {
    let version = || pipeline.number("select version from data_version where catalogue = 'sample'");
    let new = format!("\"version\":{},", version().await? + 1);
    let watch = Stopwatch::start();
    pipeline.execute(COMMIT).await?;
    let seen = tokio::task::spawn_blocking(move || {
        let mut client = Client::plain(port)?;
        while !String::from_utf8_lossy(&client.get(VERSION)?).contains(&new) {
            ensure!(watch.seconds() < LIMIT.as_secs_f64(), "the commit never showed");
        }
        Ok(watch.seconds() * 1e3)
    });
    seen.await?
}

/// A connection that costs next to nothing: the processors are for the servers.
struct Client {
    stream: TcpStream,
    codings: &'static str,
    read: Vec<u8>,
}

impl Client {
    fn connect(port: u16) -> Result<Self> {
        Ok(Self { codings: "br", ..Self::plain(port)? })
    }

    fn plain(port: u16) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).context("connect to a server")?;
        stream.set_nodelay(true).context("set up a connection")?;
        stream.set_read_timeout(Some(LIMIT)).context("set up a connection")?;
        Ok(Self { stream, codings: "identity", read: Vec::new() })
    }

    /// The body of an answer, which has to be a good one.
    fn get(&mut self, path: &str) -> Result<Vec<u8>> {
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: bench\r\naccept-encoding: {}\r\n\r\n", self.codings);
        self.stream.write_all(request.as_bytes()).context("send a request")?;
        self.read.clear();
        loop {
            if let Some((start, length)) = head(&self.read)?
                && self.read.len() >= start + length
            {
                return Ok(self.read[start..start + length].to_vec());
            }
            let mut part = [0; 16_384];
            let count = self.stream.read(&mut part).context("read an answer")?;
            ensure!(count > 0, "the server hung up");
            self.read.extend_from_slice(&part[..count]);
        }
    }
}

/// Where the body starts, and its length; `None` while the head is not whole.
fn head(read: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(end) = read.windows(4).position(|part| part == b"\r\n\r\n") else { return Ok(None) };
    let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
    ensure!(head.starts_with("http/1.1 200"), "an answer is not good: {head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.and_then(|length| length.parse().ok()).context("read the length of an answer")?;
    Ok(Some((end + 4, length)))
}
