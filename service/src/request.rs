//! A small HTTP client for health pages and the like: one plain request on a connection of its own.

use std::time::Duration;

use anyhow::Context as _;
use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

/// How long all of it may take.
const LIMIT: Duration = Duration::from_secs(5);
/// A longer body is an error.
const MAX_BODY: usize = 64 << 20;

/// Sends a request to `address` (`host:port`), without TLS, and returns the answer's status and body.
///
/// # Errors
/// Nobody answers there in time, or not in HTTP.
pub async fn request(address: &str, method: &str, path: &str, body: &str) -> anyhow::Result<(u16, String)> {
    let request = Request::builder().method(method).uri(path).header(header::HOST, address);
    let request = request.body(Body::from(body.to_owned())).context("make the request")?;
    let answered = async {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connect to {address}"))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.context("speak HTTP")?;
        // It ends with the sender; what goes wrong with it the sender reports.
        tokio::spawn(connection);
        let answer = sender.send_request(request).await.context("send the request")?;
        let status = answer.status().as_u16();
        let body = to_bytes(Body::new(answer.into_body()), MAX_BODY).await.context("read the answer")?;
        anyhow::Ok((status, String::from_utf8_lossy(&body).into_owned()))
    };
    timeout(LIMIT, answered).await.with_context(|| format!("wait for an answer of {address}"))?
}
