//! Lenient parse: reads a page that is JSON, and yet more than our parsers take: two equal keys, a number beyond any
//! float, half a surrogate pair, nesting without end. Only the rows that hold such a thing are lost.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde_json::{Value, value::RawValue};

use super::document::MAX_DEPTH;

/// A page as [`super::document::Document`] takes it.
#[derive(Debug, Default)]
pub(super) struct LenientPage {
    /// The page, written anew, with something empty in place of each row that cannot be read.
    pub(super) text: Vec<u8>,
    /// Why a row cannot be read, by its index.
    pub(super) unreadable: BTreeMap<u32, String>,
}

/// Reads a page; an error where the body is no JSON or the fault is not in a row.
pub(super) fn read(body: &[u8]) -> serde_json::Result<LenientPage> {
    let (page, unreadable) = match serde_json::from_slice::<Value>(body) {
        Ok(page) => (page, BTreeMap::new()),
        Err(error) => row_by_row(body).ok_or(error)?,
    };
    Ok(LenientPage { text: serde_json::to_vec(&page)?, unreadable })
}

fn row_by_row(body: &[u8]) -> Option<(Value, BTreeMap<u32, String>)> {
    let mut page: BTreeMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
    let data = page.remove("data")?;
    let mut unreadable = BTreeMap::new();
    let mut row = |index: u32, row: &RawValue, around: usize, empty: Value| {
        let parsed = serde_json::from_str(row.get()).and_then(|row| {
            let fits = depth(&row) + around <= usize::from(MAX_DEPTH);
            if fits { Ok(row) } else { Err(serde_json::Error::custom("recursion limit exceeded")) }
        });
        parsed.unwrap_or_else(|error| {
            unreadable.insert(index, error.to_string());
            empty
        })
    };
    let data = match serde_json::from_str::<Vec<&RawValue>>(data.get()) {
        Ok(rows) => (0..).zip(rows).map(|(index, raw)| row(index, raw, 2, Value::Null)).collect(),
        Err(_) => row(0, data, 1, Value::Object(serde_json::Map::new())),
    };
    let rest = page.into_iter().map(|(key, value)| Some((key, serde_json::from_str(value.get()).ok()?)));
    let mut page: serde_json::Map<String, Value> = rest.collect::<Option<_>>()?;
    page.insert("data".to_owned(), data);
    Some((Value::Object(page), unreadable))
}

/// How many containers stand in one another; the parser allowed few enough for recursion.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Dataset, Judge, Reason};

    /// Rows that are JSON by its grammar (RFC 8259 §2, §6, §7, §9).
    fn monsters() -> [String; 3] {
        let deep = format!(r#"{{"deep":{}{}}}"#, "[".repeat(500), "]".repeat(500));
        [deep, r#"{"members":1e400}"#.to_owned(), r#"{"title":"\ud800"}"#.to_owned()]
    }

    #[test]
    fn a_row_that_cannot_be_read_dies_alone_and_as_it_came() {
        let genre = r#"{"mal_id":1,"name":"Action","url":"u","count":3}"#;
        for monster in monsters() {
            let body = format!(r#"{{"data":[{genre},{monster},{genre}]}}"#);
            let page = Judge::embedded().page(&Dataset::Genres, body.as_bytes()).unwrap();
            assert_eq!((page.rows.index(0), page.rows.index(1), page.rows.len()), (Some(0), Some(2), 2));
            assert_eq!((page.rejected.len(), page.rejected[0].index), (1, 1), "{monster}");
            let rejection = &page.rejected[0].rejection;
            assert_eq!(
                (rejection.reason, &body[rejection.bytes.clone()]),
                (Reason::Schema, monster.as_str())
            );
            assert!(rejection.message.starts_with("cannot be read: "), "{}", rejection.message);
        }
    }

    /// A row that the parser takes alone is deeper in its page.
    #[test]
    fn a_row_of_any_depth_dies_alone() {
        let genre = r#"{"mal_id":1,"name":"Action","url":"u","count":3}"#;
        for depth in 120..135 {
            let deep = format!(r#"{{"deep":{}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1));
            let body = format!(r#"{{"data":[{genre},{deep}]}}"#);
            let page = Judge::embedded().page(&Dataset::Genres, body.as_bytes()).unwrap();
            assert_eq!((page.rows.len(), page.rejected.len()), (1, 1), "{depth}");
            let body = format!(r#"{{"data":{deep}}}"#);
            let page = Judge::embedded().page(&Dataset::Anime, body.as_bytes()).unwrap();
            assert_eq!((page.rows.len(), page.rejected.len()), (0, 1), "{depth}");
        }
    }

    #[test]
    fn a_single_resource_that_cannot_be_read_is_a_dead_row() {
        for monster in monsters() {
            let body = format!(r#"{{"data":{monster}}}"#);
            let page = Judge::embedded().page(&Dataset::Anime, body.as_bytes()).unwrap();
            assert_eq!(&body[page.rejected[0].rejection.bytes.clone()], monster);
        }
    }

    #[test]
    fn a_fault_beside_the_rows_is_one_of_the_page() {
        for body in [r#"{"data":[],"pagination":1e400}"#, r#"{"data":[1e400}"#, "1e400"] {
            let rejection = Judge::embedded().page(&Dataset::Genres, body.as_bytes()).unwrap_err();
            assert_eq!(rejection.reason, Reason::NotJson, "{body}");
        }
    }
}
