//! Bodies: rows in pages, byte for byte what the simulator answers and what an archive holds.

mod dates;
mod flaw;
mod parts;
mod php;
mod row;

pub use flaw::Flaw;
pub use php::to_vec;
pub use row::Row;

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use self::parts::{GenreRow, Items, Pagination, YearRow};

use crate::{
    snapshot::{Sighting, Snapshot},
    tags::{TAGS, Tag, TagKind},
};

/// Where everything claims to live; the domain can never exist.
pub const HOST: &str = "https://jikan-sim.invalid";

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    /// From 1.
    pub page: u32,
    /// Rows on a page.
    pub limit: u32,
}

impl Paging {
    /// The page with this number, of the usual size.
    pub const fn number(page: u32) -> Self {
        Self { page, limit: 25 }
    }

    /// Pages of a list of this length; a list without rows has one.
    pub fn pages(self, total: usize) -> u32 {
        u32::try_from(total).unwrap_or(u32::MAX).div_ceil(self.limit).max(1)
    }

    fn rows<T>(self, list: &[T]) -> &[T] {
        let start = (self.page as usize - 1).saturating_mul(self.limit as usize).min(list.len());
        let end = start.saturating_add(self.limit as usize).min(list.len());
        &list[start..end]
    }
}

#[derive(Serialize)]
struct Page<'w> {
    pagination: Pagination,
    data: Vec<Row<'w>>,
}

/// One page of a list. Flaws go by row.
pub fn page(list: &[&Sighting], paging: Paging, flaws: &[(usize, Flaw)]) -> Vec<u8> {
    let rows = paging.rows(list);
    let last = paging.pages(list.len());
    let items = Items { count: rows.len(), total: list.len(), per_page: paging.limit };
    let pagination = Pagination {
        last_visible_page: last,
        has_next_page: paging.page < last,
        current_page: Some(paging.page),
        items: Some(items),
    };
    let flaw = |row| flaws.iter().find(|(flawed, _)| *flawed == row).map(|(_, flaw)| *flaw);
    let data = rows.iter().enumerate().map(|(row, sighting)| Row::of(sighting, flaw(row))).collect();
    to_vec(&Page { pagination, data })
}

/// How many rows this page has.
pub fn rows_on(total: usize, paging: Paging) -> usize {
    paging.rows(&vec![(); total]).len()
}

/// One title alone.
pub fn single(sighting: &Sighting) -> Vec<u8> {
    #[derive(Serialize)]
    struct Single<'w> {
        data: Row<'w>,
    }
    to_vec(&Single { data: Row::of(sighting, None) })
}

/// The vocabulary, with the number of titles that have each entry.
pub fn genres(snapshot: &Snapshot, kind: Option<TagKind>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Genres {
        data: Vec<GenreRow>,
    }
    let mut counts: HashMap<i32, usize> = HashMap::new();
    for tag in snapshot.sightings().iter().flat_map(Sighting::tags) {
        *counts.entry(tag.id).or_default() += 1;
    }
    let asked = TAGS.iter().filter(|tag| kind.is_none_or(|kind| tag.kind == kind));
    let row = |tag: &'static Tag| GenreRow::of(tag, counts.get(&tag.id).copied().unwrap_or(0));
    to_vec(&Genres { data: asked.map(row).collect() })
}

/// The seasons that anything is known of, newest year first.
pub fn seasons(snapshot: &Snapshot) -> Vec<u8> {
    #[derive(Serialize)]
    struct Seasons {
        pagination: Pagination,
        data: Vec<YearRow>,
    }
    let quarters: BTreeSet<_> = snapshot.sightings().iter().map(|one| one.title.quarter).collect();
    let mut data: Vec<YearRow> = Vec::new();
    for quarter in quarters {
        match data.last_mut() {
            Some(row) if row.year == quarter.year() => row.seasons.push(quarter.name()),
            _ => data.push(YearRow { year: quarter.year(), seasons: vec![quarter.name()] }),
        }
    }
    data.reverse();
    let pagination =
        Pagination { last_visible_page: 1, has_next_page: false, current_page: None, items: None };
    to_vec(&Seasons { pagination, data })
}
