//! The first limit: parsing and judging the bodies in one thread, with nothing around it.

use anyhow::{Result, ensure};
use kansoku_schemas::{Judge, PageVerdict};

use crate::{archive::Page, clock::Stopwatch};

/// Accepted rows per second.
pub fn rows_per_second(pages: &[Page]) -> Result<f64> {
    let judge = Judge::embedded();
    let watch = Stopwatch::start();
    let rows: usize = pages.iter().map(|page| accepted(&judge, page)).sum();
    let seconds = watch.seconds();
    ensure!(rows > 0, "the archive holds no row that passes");
    Ok(rows as f64 / seconds)
}

fn accepted(judge: &Judge, page: &Page) -> usize {
    match judge.page(&page.dataset, page.body.as_bytes()) {
        PageVerdict::Dead(_) => 0,
        PageVerdict::Judged(judged) => judged.rows.iter().filter(|row| row.outcome.is_ok()).count(),
    }
}
