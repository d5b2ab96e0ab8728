//! More of everything on one machine: two and four validators and loaders, and streams that three nats-servers keep.

use std::path::Path;

use anyhow::Result;
use kansoku_stack::pipeline::Pipeline;

use crate::pipeline::{self, Measured};

/// What the same archive goes through.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    /// So many validators, and as many loaders.
    pub workers: usize,
    /// Whether three servers keep each stream, in place of one.
    pub is_cluster: bool,
}

const fn setup(workers: usize, is_cluster: bool) -> Setup {
    Setup { workers, is_cluster }
}

/// Each is measured once in a repetition; the first is what the others are held against.
pub const SETUPS: [Setup; 5] =
    [setup(1, false), setup(2, false), setup(4, false), setup(1, true), setup(2, true)];

/// What one of them did.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// Rows a second into RAW, each page acknowledged when it is durable.
    pub published: f64,
    /// RAW → committed.
    pub pipeline: Measured,
}

/// All of them, in the order of [`SETUPS`]. What is measured first is cold, so callers begin at different ones.
pub async fn measure(archive: &Path, first: usize) -> Result<Vec<Run>> {
    let mut runs = [None; SETUPS.len()];
    for turn in 0..SETUPS.len() {
        let at = (first + turn) % SETUPS.len();
        runs[at] = Some(run(archive, SETUPS[at]).await?);
    }
    Ok(runs.into_iter().flatten().collect())
}

async fn run(archive: &Path, Setup { workers, is_cluster }: Setup) -> Result<Run> {
    let servers = if is_cluster { Pipeline::with_cluster().await? } else { Pipeline::start().await? };
    let filled = pipeline::fill_in(servers, archive).await?;
    let measured = pipeline::measure_by(&filled, workers, &[]).await?;
    let rows = measured.rows / filled.pages as f64;
    Ok(Run { published: filled.rate * rows, pipeline: measured })
}
