//! The first limit: parsing and judging the bodies in one thread, with nothing around it.

use anyhow::{Result, ensure};
use kansoku_schemas::Judge;

use crate::{archive::Page, clock::Stopwatch, proc};

/// What judging alone does.
#[derive(Debug, Clone, Copy)]
pub struct Alone {
    /// Accepted rows per second.
    pub rate: f64,
    /// Processor seconds per accepted row.
    pub processor: f64,
}

/// Lets so many threads judge all pages each.
///
/// One thread is the limit that the road is held against. One on each core tells whether the cores of this machine are
/// whole ones: virtual cores often share one.
pub fn measure(pages: &[Page], threads: usize) -> Result<Alone> {
    let judge = Judge::embedded();
    let own = std::process::id();
    let before = proc::processor(own)?;
    let watch = Stopwatch::start();
    let rows: usize = std::thread::scope(|scope| {
        let count = || pages.iter().map(|page| accepted(&judge, page)).sum::<usize>();
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(count)).collect();
        // A thread that panicked has no rows; the panic itself is on standard error.
        running.into_iter().map(|thread| thread.join().unwrap_or_default()).sum()
    });
    let seconds = watch.seconds();
    let processor = proc::processor(own)? - before;
    ensure!(rows > 0, "the archive holds no row that passes");
    let rows = rows as f64;
    Ok(Alone { rate: rows / seconds, processor: processor / rows })
}

fn accepted(judge: &Judge, page: &Page) -> usize {
    judge.page(&page.dataset, page.body.as_bytes()).map_or(0, |judged| judged.rows.len())
}
