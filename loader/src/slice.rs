//! The bytes of one row in an upstream body, as they came.

use std::{collections::BTreeMap, ops::Range};

use serde_json::value::RawValue;

/// Where in `body` the row at `place` of `data` lies; `data` may be a single object. `None` when there is no such row.
pub(crate) fn row(body: &[u8], place: usize) -> Option<Range<usize>> {
    let text = std::str::from_utf8(body).ok()?;
    // A map, since of two keys `data` the last one counts, as it did for the validator.
    let page: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let data = page.get("data")?.get();
    let row = if data.starts_with('[') {
        let rows: Vec<&RawValue> = serde_json::from_str(data).ok()?;
        rows.get(place)?.get()
    } else {
        (place == 0).then_some(data)?
    };
    let start = row.as_ptr() as usize - text.as_ptr() as usize;
    Some(start..start + row.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(body: &str, place: usize) -> Option<&str> {
        row(body.as_bytes(), place).map(|range| &body[range])
    }

    #[test]
    fn a_row_is_cut_out_as_it_came() {
        let body = "{ \"pagination\": {}, \"data\": [ {\"a\": 1.50} ,\n {\"t\":\"\\u9032\"}] }";
        assert_eq!(slice(body, 0), Some("{\"a\": 1.50}"));
        assert_eq!(slice(body, 1), Some("{\"t\":\"\\u9032\"}"));
        assert_eq!(slice(body, 2), None);
    }

    #[test]
    fn a_single_object_is_its_own_row() {
        assert_eq!(slice("{\"data\":{\"mal_id\":1}}", 0), Some("{\"mal_id\":1}"));
        assert_eq!(slice("{\"data\":{\"mal_id\":1}}", 1), None);
    }

    #[test]
    fn what_has_no_rows_has_no_slice() {
        assert_eq!(slice("{\"rows\":[]}", 0), None);
        assert_eq!(row(b"\xff", 0), None);
    }
}
