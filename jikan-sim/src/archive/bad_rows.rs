//! Where rows are broken on purpose.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use chrono::{DateTime, Days, Utc};

use super::{Request, Run, pages, rows};
use crate::{
    body::{Paging, rows_on},
    faults,
    rng::SeededRng,
    snapshot::Snapshot,
    world::World,
};

/// Bad rows lie in the last so many days …
const SPREAD: Days = Days::new(28);
/// … but not in the last one, so that the newest captures are whole.
const FRESH: Days = Days::new(1);
/// How rows are broken, in turn: faults of the catalogue.
const FAULTS: [&str; 3] = ["score-text", "titles-text", "members-negative"];

/// Row and fault by page: the instant names the run.
#[derive(Debug, Default)]
pub(super) struct BadRows(HashMap<(DateTime<Utc>, u32), (usize, &'static str)>);

impl BadRows {
    /// Spreads the bad rows evenly over the pages of anime of the last weeks, one on a page, the faults in turn.
    pub(super) fn plan(request: &Request, world: &World, runs: &[Run]) -> Result<Self> {
        if request.bad_rows == 0 {
            return Ok(Self::default());
        }
        let from = request.until - SPREAD;
        let to = request.until - FRESH;
        let mut places: Vec<(DateTime<Utc>, u32, usize)> = Vec::new();
        for run in runs.iter().filter(|run| run.dataset.is_anime_rows()) {
            if (from..to).contains(&run.captured_at) {
                let total = rows(run.dataset, &Snapshot::of(world, run.captured_at));
                let of_page = |page| (run.captured_at, page, rows_on(total, Paging::number(page)));
                places.extend((1..=pages(run.dataset, total)).map(of_page).filter(|(.., rows)| *rows > 0));
            }
        }
        ensure!(
            request.bad_rows <= places.len(),
            "there is no place for {} bad rows: of the days from four weeks ago to yesterday {} pages of anime are captured",
            request.bad_rows,
            places.len()
        );
        let rng = SeededRng::seeded(request.seed).of("flaws");
        let planned = (0..request.bad_rows).zip(FAULTS.iter().cycle()).map(|(number, fault)| {
            // Distinct, as there are at least as many places as bad rows.
            let (at, page, rows) = places[number * places.len() / request.bad_rows];
            ((at, page), (rng.at(number as i64).below(rows), *fault))
        });
        Ok(Self(planned.collect()))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The body of this page, with its bad row.
    pub(super) fn on(&self, run: &Run, page: u32, body: Vec<u8>) -> Vec<u8> {
        let planned = self.0.get(&(run.captured_at, page));
        let fault = planned.and_then(|(row, name)| Some((*row, faults::named(name)?)));
        fault.and_then(|(row, fault)| faults::with_bad_row(&body, row, &fault.kind)).unwrap_or(body)
    }
}
