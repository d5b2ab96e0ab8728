//! The same bytes for all: captures of the simulator.

use std::{fs::File, io::BufReader, path::Path};

use anyhow::{Context, Result};
use kansoku_schemas::{CaptureReader, Dataset};
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
    let captures = CaptureReader::new(BufReader::new(opened));
    captures
        .map(|capture| {
            let capture = capture.with_context(|| format!("read {}", file.display()))?;
            let dataset = capture.dataset.context("find the dataset of a capture")?;
            let body = capture.body.context("read a body that is no text")?;
            Ok(Page { dataset, body })
        })
        .collect()
}
