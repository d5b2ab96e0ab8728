//! A page taken apart into its rows, so that what is not meant to change keeps its bytes.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use crate::body;

/// A body with `data`: the bytes of each row, and of the pagination.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pagination: Option<Vec<u8>>,
    pub(super) rows: Vec<Vec<u8>>,
    /// `data` is one title and no list.
    single: bool,
}

impl Page {
    /// None when the body is no answer with `data`.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Raw<'a> {
            #[serde(borrow)]
            pagination: Option<&'a RawValue>,
            #[serde(borrow)]
            data: &'a RawValue,
        }
        let bytes = |raw: &RawValue| raw.get().as_bytes().to_vec();
        let Raw { pagination, data } = serde_json::from_slice(body).ok()?;
        let pagination = pagination.map(bytes);
        match serde_json::from_str::<Vec<&RawValue>>(data.get()) {
            Ok(rows) => Some(Self { pagination, rows: rows.into_iter().map(bytes).collect(), single: false }),
            Err(_) => Some(Self { pagination, rows: vec![bytes(data)], single: true }),
        }
    }

    /// The body again.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut body = b"{".to_vec();
        if let Some(pagination) = &self.pagination {
            body.extend_from_slice(b"\"pagination\":");
            body.extend_from_slice(pagination);
            body.push(b',');
        }
        body.extend_from_slice(if self.single { b"\"data\":" } else { b"\"data\":[" });
        body.extend_from_slice(&self.rows.join(&b","[..]));
        body.extend_from_slice(if self.single { b"}" } else { b"]}" });
        body
    }

    /// Changes the rows of these numbers, or all.
    pub(super) fn change(&mut self, numbers: Option<&[usize]>, change: impl Fn(&[u8]) -> Vec<u8>) {
        for (number, row) in self.rows.iter_mut().enumerate() {
            if numbers.is_none_or(|numbers| numbers.contains(&number)) {
                *row = change(row);
            }
        }
    }

    fn paginate(&mut self, change: impl FnOnce(&mut Value)) {
        let Some(pagination) = &mut self.pagination else { return };
        if let Ok(mut value) = serde_json::from_slice(pagination) {
            change(&mut value);
            *pagination = body::to_vec(&value);
        }
    }
}

pub(super) fn twice(page: &mut Page, numbers: Option<&[usize]>) {
    let rows = std::mem::take(&mut page.rows);
    for (number, row) in rows.into_iter().enumerate() {
        if numbers.is_none_or(|numbers| numbers.contains(&number)) {
            page.rows.push(row.clone());
        }
        page.rows.push(row);
    }
}

pub(super) fn total_wrong(page: &mut Page, _: Option<&[usize]>) {
    page.paginate(|pagination| {
        for pointer in ["/last_visible_page", "/items/total"] {
            if let Some(number) = pagination.pointer_mut(pointer) {
                *number = json!(number.as_u64().unwrap_or(0) * 2);
            }
        }
    });
}

pub(super) fn data_empty(page: &mut Page, _: Option<&[usize]>) {
    if !page.single {
        page.rows.clear();
        page.paginate(|pagination| set_count(pagination, 0));
    }
}

pub(super) fn endless(page: &mut Page, _: Option<&[usize]>) {
    page.paginate(|pagination| {
        pagination["last_visible_page"] = pagination["current_page"].clone();
        pagination["has_next_page"] = json!(true);
    });
}

pub(super) fn truncated(page: &mut Page, _: Option<&[usize]>) {
    page.rows.truncate(12);
}

pub(super) fn pagination_short(page: &mut Page, _: Option<&[usize]>) {
    page.paginate(|pagination| {
        if let Some(pagination) = pagination.as_object_mut() {
            pagination.remove("current_page");
            pagination.remove("items");
        }
    });
}

pub(super) fn stuck(page: &mut Page, _: Option<&[usize]>) {
    let mut first = true;
    page.paginate(|pagination| {
        first = pagination["current_page"].as_u64().unwrap_or(1) == 1;
        pagination["last_visible_page"] = json!(1);
        pagination["has_next_page"] = json!(false);
        if let Some(total) = pagination.pointer_mut("/items/total") {
            *total = json!(25);
        }
    });
    page.rows.truncate(if first { 25 } else { 0 });
    let count = page.rows.len();
    page.paginate(|pagination| set_count(pagination, count));
}

fn set_count(pagination: &mut Value, count: usize) {
    if let Some(place) = pagination.pointer_mut("/items/count") {
        *place = json!(count);
    }
}
