//! One question to a process on the same machine: what a container engine asks by `--healthcheck`, in an image without a
//! shell.

use std::{
    io::{Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};

/// For the connection, and for each part of the answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// More of an answer is not read.
const MAX_ANSWER: u64 = 64 * 1024;

/// Asks the process that listens at `listen` for `path`.
///
/// # Errors
/// It does not answer, or with another status than 200; the words repeat the body, which says why.
pub fn healthcheck(listen: SocketAddr, path: &str) -> anyhow::Result<()> {
    let address = reachable(listen)?;
    let answer = ask(address, path).with_context(|| format!("ask http://{address}{path}"))?;
    judge(&answer).with_context(|| format!("http://{address}{path}"))
}

/// Who listens on every address is asked on the loopback interface.
fn reachable(listen: SocketAddr) -> anyhow::Result<SocketAddr> {
    ensure!(
        listen.port() != 0,
        "it listens on any free port ({listen}), so nobody knows which to ask: set a port"
    );
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    Ok(SocketAddr::new(ip, listen.port()))
}

fn ask(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn judge(answer: &str) -> anyhow::Result<()> {
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer that is HTTP")?;
    match head.split_ascii_whitespace().nth(1) {
        Some("200") => Ok(()),
        Some(status) => bail!("answered {status}: {}", body.trim()),
        None => bail!("answered without a status"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_200_is_healthy_and_the_body_says_why_not() {
        assert!(judge("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nalive\n").is_ok());
        let words = |answer| judge(answer).unwrap_err().to_string();
        let refused = "HTTP/1.1 503 Service Unavailable\r\n\r\n{\"ready\":false}\n";
        assert_eq!(words(refused), "answered 503: {\"ready\":false}");
        assert_eq!(words("HTTP/1.1 200 OK\r\n"), "no answer that is HTTP");
        assert_eq!(words("\r\n\r\n"), "answered without a status");
    }

    #[test]
    fn every_address_is_asked_on_loopback_and_any_port_is_refused() {
        let asked = |listen: &str| reachable(listen.parse().unwrap()).map(|address| address.to_string());
        assert_eq!(asked("0.0.0.0:7402").unwrap(), "127.0.0.1:7402");
        assert_eq!(asked("[::]:7402").unwrap(), "[::1]:7402");
        assert_eq!(asked("10.1.2.3:7402").unwrap(), "10.1.2.3:7402");
        assert!(asked("0.0.0.0:0").unwrap_err().to_string().contains("set a port"));
    }
}
