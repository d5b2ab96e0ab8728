//! The least that one needs of HTTP/1.1, so that the client costs little of what it measures.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
};

use anyhow::{Context, Result, bail};
use axum::{Router, body::Bytes, http::header, routing::get};

/// A connection that stays open.
#[derive(Debug)]
pub struct Connection(BufReader<TcpStream>);

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Whether the API says that it read it from the database for this request.
    pub is_read_anew: bool,
    /// Its body.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects to this machine.
    ///
    /// # Errors
    /// Nobody listens.
    pub fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).context("connect")?;
        stream.set_nodelay(true).context("send at once")?;
        Ok(Self(BufReader::with_capacity(1 << 16, stream)))
    }

    /// Asks and reads all of the answer.
    ///
    /// # Errors
    /// The answer does not tell its length, or ends before it.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).context("send a request")?;
        let mut line = String::new();
        self.0.read_line(&mut line).context("read an answer")?;
        let status =
            line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("read the status")?;
        let (mut length, mut is_read_anew) = (None, false);
        loop {
            line.clear();
            self.0.read_line(&mut line).context("read the head of an answer")?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok(),
                "cache-status" => is_read_anew = value.contains("fwd=miss"),
                _ => {}
            }
        }
        let Some(length) = length else { bail!("GET {path}: the answer does not tell its length") };
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).context("read the body of an answer")?;
        Ok(Answer { status, is_read_anew, body })
    }
}

/// The peer of a cached answer: axum with these bytes in memory and nothing else, in threads of its own. Says its port.
///
/// # Errors
/// No port is free.
pub fn serve_one(body: Vec<u8>) -> Result<u16> {
    let body = Bytes::from(body);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").context("take a port")?;
    listener.set_nonblocking(true).context("take a port")?;
    let port = listener.local_addr().context("read the port")?.port();
    let serve = async move {
        let answer = move || async move { ([(header::CONTENT_TYPE, "application/json")], body.clone()) };
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, Router::new().route("/", get(answer))).await
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start threads")?;
    std::thread::spawn(move || runtime.block_on(serve));
    Ok(port)
}
