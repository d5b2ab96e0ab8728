//! Asking the API as a browser does: compressed answers, six at a time.

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Connections that a browser opens to one server.
const AT_ONCE: usize = 6;

/// Asks for everything that a person sees who looks at a month of the archive, twice: the second time from the cache.
pub async fn look_around(url: &str) -> Result<()> {
    let host = url.strip_prefix("http://").context("read the address of the API")?;
    let questions = [questions(), questions()].concat();
    let mut running = JoinSet::new();
    for path in questions {
        if running.len() == AT_ONCE {
            running
                .join_next()
                .await
                .context("find an answer under way")?
                .context("wait for an answer")??;
        }
        running.spawn(ask(host.to_owned(), path));
    }
    running.join_all().await.into_iter().collect()
}

/// Every analytics page of each day of the archive's last month, and the lists of runs and sources.
fn questions() -> Vec<String> {
    let lists = ["runs", "runs/days", "sources"].map(|list| format!("/api/v1/{list}"));
    let pages = ["top-anime?", "top-anime?format=csv&", "genre-distribution?", "seasonal-trend?"];
    let of_day = |day| pages.map(|page| format!("/api/v1/analytics/{page}as_of=2026-10-{day:02}"));
    lists.into_iter().chain((1..=31).flat_map(of_day)).collect()
}

async fn ask(host: String, path: String) -> Result<()> {
    let mut stream = TcpStream::connect(&host).await.with_context(|| format!("connect to {host}"))?;
    let request = format!(
        "GET {path} HTTP/1.0\r\nHost: {host}\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.with_context(|| format!("ask {path}"))?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.with_context(|| format!("read the answer to {path}"))?;
    let first = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first);
    ensure!(first.split(' ').nth(1) == Some("200"), "GET {path}: {first}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_the_month_is_asked_for_on_every_page() {
        let all = questions();
        assert_eq!(all.len(), 3 + 31 * 4);
        assert!(all.contains(&"/api/v1/analytics/top-anime?format=csv&as_of=2026-10-09".to_owned()));
    }
}
