//! The rows of a batch, each staged with what it needs from its page.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use kansoku_schemas::{GenreRow, HistoryRow, Page, Rows, SnapshotRow};

use crate::{
    store::Ids,
    winner::{Extent, FactsRank, Origin, PlaceRank, facts_rank},
};

/// A page of a batch, with what its rows need of it as the tables have it.
#[derive(Debug, Clone, Copy)]
pub struct StagedPage<'a> {
    /// Which page of the batch it is.
    pub at: usize,
    /// The page.
    pub page: &'a Page,
    /// Its number in its run.
    pub number: i32,
    /// When it was captured.
    pub captured_at: DateTime<Utc>,
    /// Where it comes from.
    pub origin: Origin,
    /// How many rows its message has of it.
    pub extent: Extent,
}

impl<'a> StagedPage<'a> {
    /// The page that stands `at` in the batch.
    pub fn new(at: usize, page: &'a Page) -> Self {
        let (number, captured_at) = (page.meta.page.cast_signed(), page.meta.captured_at);
        let (received, limit) = (page.body.counts.received.cast_signed(), page.body.limit.cast_signed());
        let extent = Extent::new(received, limit, page.replayed_row().is_some());
        Self { at, page, number, captured_at, origin: Origin::of(page), extent }
    }
}

/// A row on its way into the tables of one catalogue.
#[derive(Debug, Clone, Copy)]
pub struct StagedRow<'a, R> {
    /// Its page.
    pub page: &'a StagedPage<'a>,
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

    /// Its rank among the rows of its run about the same title.
    pub fn place_rank(&self) -> PlaceRank {
        (Reverse(self.page.number), self.page.extent, Reverse(self.position), self.page.origin)
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
    /// Collects the rows that `wanted` names, by page and by place in the page's body.
    pub fn collect(
        pages: &'a [StagedPage<'a>],
        ids: &Ids,
        wanted: impl Fn(usize, usize) -> bool + Copy,
    ) -> Self {
        let mut found = Self::default();
        for staged in pages {
            let (page, ids) = (staged.page, ids.of(staged.page));
            let wanted = |place: usize| wanted(staged.at, place);
            match &page.body.rows {
                Rows::Anime(rows) => {
                    found.anime.extend(stage(staged, ids, rows, wanted, |row| row.position.into()));
                }
                Rows::History(rows) => {
                    found.history.extend(stage(staged, ids, rows, wanted, |row| row.position.into()));
                }
                Rows::Genres(rows) => {
                    let position = |row: &GenreRow| page.position(row.index).cast_signed();
                    found.genres.extend(stage(staged, ids, rows, wanted, position));
                }
            }
        }
        found
    }
}

fn stage<'a, R>(
    page: &'a StagedPage<'a>,
    (source_id, run_id): (i32, i32),
    rows: &'a [R],
    wanted: impl Fn(usize) -> bool,
    position: impl Fn(&R) -> i64,
) -> impl Iterator<Item = StagedRow<'a, R>> {
    let kept = rows.iter().enumerate().filter(move |(place, _)| wanted(*place));
    kept.map(move |(_, row)| StagedRow { page, source_id, run_id, position: position(row), row })
}
