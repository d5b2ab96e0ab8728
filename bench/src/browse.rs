//! Requests to the API as a browser sends them: compressed answers, six at a time.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};

/// Connections that a browser opens to one server.
const AT_ONCE: usize = 6;

/// Requests everything that a person sees who looks at a month of the archive, twice: the second time from the cache.
pub fn look_around(url: &str) -> Result<()> {
    let paths = [paths(), paths()].concat();
    let next = AtomicUsize::new(0);
    let browse = || {
        let agent = ureq::agent();
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let request = agent.get(format!("{url}{path}")).header("Accept-Encoding", "gzip, br");
            let answer = request.call().and_then(|mut answer| answer.body_mut().read_to_vec());
            answer.with_context(|| format!("GET {path}"))?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(browse)).collect();
        running.into_iter().try_for_each(|one| one.join().map_err(|_| anyhow!("a browser panicked"))?)
    })
}

/// Every analytics page of each day of the archive's last month, and the lists of runs and sources.
fn paths() -> Vec<String> {
    let lists = ["runs", "runs/days", "sources"].map(|list| format!("/api/v1/{list}"));
    let pages = ["top-anime?", "top-anime?format=csv&", "genre-distribution?", "seasonal-trend?"];
    let of_day = |day| pages.map(|page| format!("/api/v1/analytics/{page}as_of=2026-10-{day:02}"));
    lists.into_iter().chain((1..=31).flat_map(of_day)).collect()
}
