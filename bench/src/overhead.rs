//! What traces cost: the same work with a collector that takes them, and without.

use std::{
    net::Ipv4Addr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use axum::{Router, body::Bytes};

use crate::{answers, pipeline};

/// One thing without traces, and with.
pub type Pair = [f64; 2];

/// One comparison.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    /// Rows committed a second.
    pub rows: Pair,
    /// Microseconds of the processor a row, over all processes.
    pub processor: Pair,
    /// Cached answers a second.
    pub answers: Pair,
    /// Bytes that the collector got.
    pub bytes: u64,
}

/// Lets the archive through twice, and asks the API for what came of it. What is measured first is cold, so callers take turns.
pub async fn measure(archive: &Path, traced_first: bool) -> Result<Measured> {
    let (collector, bytes) = collector().await?;
    let on = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.as_str())];
    let (mut rows, mut processor, mut answers) = ([0.0; 2], [0.0; 2], [0.0; 2]);
    let mut order = [(0, &[][..]), (1, &on[..])];
    order.rotate_left(traced_first.into());
    for (place, variables) in order {
        let filled = pipeline::fill(archive).await?;
        let one = pipeline::measure_with(&filled, variables).await?;
        (rows[place], processor[place]) = (one.rate(), one.processor());
        answers[place] = answers::cached(&filled.pipeline, variables).await?;
    }
    let bytes = bytes.load(Ordering::Relaxed);
    ensure!(bytes > 0, "the collector got no span");
    Ok(Measured { rows, processor, answers, bytes })
}

/// A collector that takes everything and keeps nothing: its address, and how many bytes it got.
async fn collector() -> Result<(String, Arc<AtomicU64>)> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("listen")?;
    let address = format!("http://{}", listener.local_addr().context("read the port")?);
    let bytes = Arc::new(AtomicU64::new(0));
    let got = Arc::clone(&bytes);
    let take = move |body: Bytes| {
        got.fetch_add(body.len() as u64, Ordering::Relaxed);
        std::future::ready(())
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await });
    Ok((address, bytes))
}
