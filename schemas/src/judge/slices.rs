//! The byte ranges of a page's rows; by `serde_json`, since the judge's parser skips rows by recursion, until the stack ends.

use std::{collections::BTreeMap, ops::Range};

use serde::Deserialize;
use serde_json::value::RawValue;

/// A page as nearly all are: read once.
#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

/// Where each row of `data` stands in `body`; `data` that is no array is one row. Empty for a body that has none.
pub fn rows(body: &[u8]) -> Vec<Range<usize>> {
    if let Ok(Page { data }) = serde_json::from_slice(body) {
        return data.into_iter().map(|row| range(body, row)).collect();
    }
    // A map, since of two keys `data` the last one counts, as it does when the body is parsed.
    let Ok(page) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(body) else { return Vec::new() };
    let Some(data) = page.get("data") else { return Vec::new() };
    match serde_json::from_str::<Vec<&RawValue>>(data.get()) {
        Ok(rows) => rows.into_iter().map(|row| range(body, row)).collect(),
        Err(_) => vec![range(body, data)],
    }
}

/// `row` borrows from `body`, so the distance of their addresses is its offset.
fn range(body: &[u8], row: &RawValue) -> Range<usize> {
    let start = row.get().as_ptr() as usize - body.as_ptr() as usize;
    start..start + row.get().len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn slices_keep_escapes_and_white_space() {
        let body = b"{ \"data\" : [ {\"t\":\"\\u3042\\/\"} ,\n\t{ \"n\" : 1.50 } ] , \"x\":1}";
        let slices: Vec<_> =
            rows(body).into_iter().map(|range| std::str::from_utf8(&body[range]).unwrap()).collect();
        assert_eq!(slices, ["{\"t\":\"\\u3042\\/\"}", "{ \"n\" : 1.50 }"]);
    }

    #[test]
    fn one_object_is_one_row() {
        let body = b"{\"data\":{\"a\":1}}";
        assert_eq!(rows(body).first(), Some(&(8..15)));
    }

    #[test]
    fn of_two_datas_the_last_counts() {
        let body = b"{\"data\":[1],\"data\":[2,3]}";
        assert_eq!(rows(body).into_iter().map(|range| &body[range]).collect::<Vec<_>>(), [b"2", b"3"]);
    }

    proptest! {
        #[test]
        fn every_slice_parses_to_its_row(rows_in in proptest::collection::vec(any::<(String, f64, bool)>(), 0..12), pretty: bool) {
            let page = serde_json::json!({ "pagination": {"data": [1]}, "data": rows_in });
            let body = if pretty { serde_json::to_vec_pretty(&page) } else { serde_json::to_vec(&page) }.unwrap();
            let parsed: Value = serde_json::from_slice(&body).unwrap();
            let found = rows(&body);
            prop_assert_eq!(found.len(), rows_in.len());
            for (range, row) in found.into_iter().zip(parsed["data"].as_array().unwrap()) {
                prop_assert_eq!(&serde_json::from_slice::<Value>(&body[range]).unwrap(), row);
            }
        }
    }
}
