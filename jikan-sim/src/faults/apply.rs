//! Lets the faults that a request triggers loose on its reply.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Kind, Triggered, page::Page};
use crate::{api::Reply, body};

/// Changes the reply, fault by fault. `before` is the page before this one, where there is one.
pub(crate) fn apply(faults: &[Triggered], at: DateTime<Utc>, reply: &mut Reply, before: Option<&[u8]>) {
    for Triggered { fault, rows } in faults {
        let rows = rows.as_deref();
        let error = |status, text| Reply::error(at, status, &serde_json::from_str(text).unwrap_or_default());
        match fault.kind {
            Kind::Set(_) | Kind::Day(_) | Kind::Remove(_) => {
                on_page(reply, |page| page.change(rows, |row| edited(row, &fault.kind)));
            }
            Kind::Page(edit) => on_page(reply, |page| edit(page, rows)),
            Kind::Neighbour => {
                let last = before.and_then(Page::read).and_then(|page| page.rows.last().cloned());
                if let Some(last) = last {
                    on_page(reply, |page| page.change(Some(rows.unwrap_or(&[0])), |_| last.clone()));
                }
            }
            Kind::Error(status, text) => *reply = error(status, text),
            Kind::Missing(status, text) if reply.status == 404 => *reply = error(status, text),
            Kind::Body(text) => reply.body = text.into(),
            // The query is changed before it is answered.
            Kind::Missing(..) | Kind::Unfiltered => {}
        }
    }
}

/// A body with one row broken by a fault of rows.
pub(crate) fn with_bad_row(body: &[u8], row: usize, kind: &Kind) -> Option<Vec<u8>> {
    let mut page = Page::read(body)?;
    page.change(Some(&[row]), |row| edited(row, kind));
    Some(page.write())
}

fn on_page(reply: &mut Reply, change: impl FnOnce(&mut Page)) {
    if reply.status != 200 {
        return;
    }
    if let Some(mut page) = Page::read(&reply.body) {
        change(&mut page);
        reply.body = page.write();
    }
}

/// A change of a row as JSON.
fn edited(row: &[u8], kind: &Kind) -> Vec<u8> {
    let mut value = serde_json::from_slice(row).unwrap_or_default();
    match kind {
        Kind::Set(patch) => set(&mut value, patch),
        Kind::Day(pointer) => cut_to_the_day(&mut value, pointer),
        Kind::Remove(key) => drop(value.as_object_mut().and_then(|row: &mut Map<_, _>| row.remove(*key))),
        _ => {}
    }
    body::to_vec(&value)
}

/// Sets what stands at each pointer; `-` at its end adds to a list. What is not there does not go wrong: genres have other
/// keys than titles.
fn set(row: &mut Value, patch: &str) {
    let values: Map<String, Value> = serde_json::from_str(patch).unwrap_or_default();
    for (pointer, value) in values {
        if let Some(list) = pointer.strip_suffix("/-") {
            row.pointer_mut(list)
                .and_then(Value::as_array_mut)
                .into_iter()
                .for_each(|list| list.push(value.clone()));
        } else if let Some(place) = row.pointer_mut(&pointer) {
            *place = value;
        }
    }
}

/// Cuts the RFC 3339 time at the pointer to its date. A null stays: there is no day to tell.
fn cut_to_the_day(row: &mut Value, pointer: &str) {
    if let Some(Value::String(time)) = row.pointer_mut(pointer)
        && let Some(end) = time.find('T')
    {
        time.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_not_meant_keep_their_bytes() {
        let body = br#"{"pagination":{"last_visible_page":1},"data":[{"b":"\/","a":1.50},{"score":8.1}]}"#;
        let changed =
            br#"{"pagination":{"last_visible_page":1},"data":[{"b":"\/","a":1.50},{"score":null}]}"#;
        let patch = Kind::Set(r#"{"/score":null,"/rank":null}"#);
        assert_eq!(with_bad_row(body, 1, &patch).unwrap(), changed);
        let single = br#"{"data":{"a":1}}"#;
        assert_eq!(with_bad_row(single, 1, &patch).unwrap(), single);
    }
}
