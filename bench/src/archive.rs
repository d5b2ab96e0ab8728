//! The same bytes for all: captures of the simulator.

use std::{fs::File, io::BufReader, path::Path};

use anyhow::{Context, Result};
use kansoku_schemas::{ArchiveReader, Dataset};
use kansoku_stack::pipeline::Pipeline;

/// A body, and what it is a page of.
#[derive(Debug)]
pub struct Page {
    /// What it is a page of.
    pub dataset: Dataset,
    /// The bytes that came.
    pub body: String,
}

/// The simulator's world.
pub const SEED: &str = "7";

/// Writes `days` of captures, the same every time.
pub fn write(days: u32, file: &Path) -> Result<()> {
    Pipeline::archive(&["--days", &days.to_string(), "--until", "2026-11-01T12:00:00Z", "--seed", SEED], file)
}

/// Reads the pages of an archive.
pub fn read(file: &Path) -> Result<Vec<Page>> {
    let opened = File::open(file).with_context(|| format!("open {}", file.display()))?;
    let lines = ArchiveReader::new(BufReader::new(opened));
    lines
        .map(|line| {
            let line = line.with_context(|| format!("read {}", file.display()))?;
            let capture = line.into_capture().context("find a capture")?;
            let dataset = capture.dataset.context("find the dataset of a capture")?;
            let body = capture.body.context("read a body that is no text")?;
            Ok(Page { dataset, body })
        })
        .collect()
}
