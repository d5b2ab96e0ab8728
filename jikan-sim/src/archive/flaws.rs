//! Where rows are broken on purpose.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use chrono::{DateTime, Days, Utc};

use super::{Request, Run, address, pages};
use crate::{
    body::{Flaw, Paging, rows_on},
    chance::Chance,
    snapshot::Snapshot,
    world::World,
};

/// Bad rows lie in the last so many days …
const SPREAD: Days = Days::new(28);
/// … but not in the last one, so that the newest captures are whole.
const FRESH: Days = Days::new(1);

/// Broken rows by page: the instant names the run.
#[derive(Debug, Default)]
pub(super) struct Flaws(HashMap<(DateTime<Utc>, u32), (usize, Flaw)>);

impl Flaws {
    /// Spreads the bad rows evenly over the pages of anime of the last weeks, one on a page, the kinds in turn.
    pub(super) fn plant(request: &Request, world: &World, runs: &[Run]) -> Result<Self> {
        if request.bad_rows == 0 {
            return Ok(Self::default());
        }
        let from = request.until - SPREAD;
        let to = request.until - FRESH;
        let mut places: Vec<(DateTime<Utc>, u32, usize)> = Vec::new();
        for run in runs.iter().filter(|run| run.dataset.is_anime_rows()) {
            if (from..to).contains(&run.captured_at) {
                let total =
                    address(run.dataset, 1).route()?.listed(&Snapshot::of(world, run.captured_at)).len();
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
        let chance = Chance::seeded(request.seed).of("flaws");
        let planted = (0..request.bad_rows).zip(Flaw::ALL.iter().cycle()).map(|(number, flaw)| {
            // Distinct, as there are at least as many places as flaws.
            let (at, page, rows) = places[number * places.len() / request.bad_rows];
            ((at, page), (chance.at(number as i64).below(rows), *flaw))
        });
        Ok(Self(planted.collect()))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Those on this page, by row.
    pub(super) fn on(&self, run: &Run, page: u32) -> Vec<(usize, Flaw)> {
        self.0.get(&(run.captured_at, page)).copied().into_iter().collect()
    }
}
