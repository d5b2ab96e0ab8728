//! Bodies: rows in pages, byte for byte what the simulator answers and what an archive holds.

mod php;
mod row;

pub use php::to_vec;

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    labels::{Label, tags},
    snapshot::{Snapshot, TitleState},
};

/// Where everything claims to live; the domain can never exist.
pub const HOST: &str = "https://jikan-sim.invalid";

/// Which part of a list is requested.
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

/// In upstream's order, which a fault keeps too.
#[derive(Serialize)]
struct Page {
    pagination: Value,
    data: Vec<Value>,
}

/// One page of a list.
pub fn page(list: &[&TitleState], paging: Paging) -> Vec<u8> {
    let rows = paging.rows(list);
    let last = paging.pages(list.len());
    let pagination = json!({
        "last_visible_page": last,
        "has_next_page": paging.page < last,
        "current_page": paging.page,
        "items": { "count": rows.len(), "total": list.len(), "per_page": paging.limit },
    });
    to_vec(&Page { pagination, data: rows.iter().map(|state| row::row(state)).collect() })
}

/// How many rows this page has.
pub fn rows_on(total: usize, paging: Paging) -> usize {
    paging.rows(&vec![(); total]).len()
}

/// One title alone.
pub fn single(state: &TitleState) -> Vec<u8> {
    to_vec(&json!({ "data": row::row(state) }))
}

/// The vocabulary, with the number of titles that have each entry.
pub fn genres(snapshot: &Snapshot) -> Vec<u8> {
    let mut counts: HashMap<i32, usize> = HashMap::new();
    for tag in snapshot.titles().iter().flat_map(TitleState::tags) {
        *counts.entry(tag.id).or_default() += 1;
    }
    let row = |tag: &Label| row::genre(tag, counts.get(&tag.id).copied().unwrap_or(0));
    to_vec(&json!({ "data": tags().map(row).collect::<Vec<Value>>() }))
}
