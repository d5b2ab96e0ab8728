//! Parsing and judging the bodies in one thread, with nothing around it.

use anyhow::{Result, ensure};
use kansoku_schemas::Judge;

use crate::{archive::Page, proc};

/// Processor seconds of a row that passes.
pub fn measure(pages: &[Page]) -> Result<f64> {
    let judge = Judge::embedded();
    let own = std::process::id();
    let before = proc::processor(own)?;
    let rows: usize = pages.iter().map(|page| accepted(&judge, page)).sum();
    let processor = proc::processor(own)? - before;
    ensure!(rows > 0, "the archive holds no row that passes");
    Ok(processor / rows as f64)
}

fn accepted(judge: &Judge, page: &Page) -> usize {
    judge.page(&page.dataset, page.body.as_bytes()).map_or(0, |judged| judged.rows.len())
}
