//! The rows of a batch, each staged with what it needs from its page.

use chrono::{DateTime, Utc};
use kansoku_schemas::{GenreRow, HistoryRow, SnapshotRow};

use crate::{
    page::{Page, Rows},
    store::Ids,
    winner::{FactsRank, Origin, facts_rank},
};

/// A row on its way into the tables of one catalogue.
#[derive(Debug, Clone, Copy)]
pub struct StagedRow<'a, R> {
    /// Its page.
    pub page: &'a Page,
    /// The short id of the page's source.
    pub source_id: i32,
    /// The short id of the page's run.
    pub run_id: i32,
    /// Its place in the ranking, from 0.
    pub position: i64,
    /// The row.
    pub row: &'a R,
}

impl<R> StagedRow<'_, R> {
    /// Where it comes from.
    pub fn origin(&self) -> Origin {
        self.page.origin
    }

    /// The source at an instant, as its run sees it.
    pub fn instant(&self) -> (i32, DateTime<Utc>, i32) {
        (self.source_id, self.page.captured_at, self.run_id)
    }

    /// Its rank among facts about the same thing.
    pub fn facts_rank(&self) -> FactsRank {
        facts_rank(self.page.captured_at, self.position, self.page.origin)
    }
}

/// The rows of some pages, by what they are.
#[derive(Debug, Default)]
pub struct StagedRows<'a> {
    /// Titles.
    pub anime: Vec<StagedRow<'a, SnapshotRow>>,
    /// Genres.
    pub genres: Vec<StagedRow<'a, GenreRow>>,
    /// Numbers of histories.
    pub history: Vec<StagedRow<'a, HistoryRow>>,
}

impl<'a> StagedRows<'a> {
    /// Collects the rows that `wanted` names, by page and by place in the page's contract.
    pub fn collect(pages: &[(usize, &'a Page)], ids: &Ids, wanted: impl Fn(usize, usize) -> bool) -> Self {
        let mut found = Self::default();
        for &(number, page) in pages {
            let (source_id, run_id) = ids.of(page);
            match &page.rows {
                Rows::Anime(rows) => {
                    let kept = rows.iter().enumerate().filter(|(place, _)| wanted(number, *place));
                    found.anime.extend(kept.map(|(_, row)| {
                        let position = i64::from(row.position);
                        StagedRow { page, source_id, run_id, position, row }
                    }));
                }
                Rows::Genres(rows) => {
                    let kept = rows.iter().enumerate().filter(|(place, _)| wanted(number, *place));
                    found.genres.extend(kept.map(|(_, row)| {
                        let position = page.genre_position(row.index);
                        StagedRow { page, source_id, run_id, position, row }
                    }));
                }
                Rows::History(rows) => {
                    let kept = rows.iter().enumerate().filter(|(place, _)| wanted(number, *place));
                    found.history.extend(kept.map(|(_, row)| {
                        let position = i64::from(row.position);
                        StagedRow { page, source_id, run_id, position, row }
                    }));
                }
            }
        }
        found
    }
}
