//! What goes wrong in one row. Most faults are patches: the values that JSON pointers get, where something is there (a JSON
//! merge patch could not set a null, which is what most real drift does).

use serde_json::{Map, Value, json};

/// Sets what stands at each pointer. Genres have other keys than titles; what is not there does not go wrong.
pub(super) fn set(row: &mut Value, patch: &str) {
    let values: Map<String, Value> = serde_json::from_str(patch).unwrap_or_default();
    for (pointer, value) in values {
        if let Some(place) = row.pointer_mut(&pointer) {
            *place = value;
        }
    }
}

pub(super) fn remove(row: &mut Value, key: &str) {
    if let Some(row) = row.as_object_mut() {
        row.remove(key);
    }
}

pub(super) fn titles_text(row: &mut Value) {
    let title = row["title"].clone();
    if let Some(titles) = row.get_mut("titles") {
        *titles = json!([title, "Another name"]);
    }
}

pub(super) fn titles_languages(row: &mut Value) {
    let title = row["title"].clone();
    if let Some(titles) = row.get_mut("titles").and_then(Value::as_array_mut) {
        titles.extend(["German", "French", "Spanish"].map(|kind| json!({ "type": kind, "title": title })));
    }
}

pub(super) fn images_host(row: &mut Value) {
    let Some(kinds) = row.get_mut("images").and_then(Value::as_object_mut) else { return };
    for image in kinds.values_mut().filter_map(Value::as_object_mut).flat_map(|kind| kind.values_mut()) {
        if let Some((_, path)) = image.as_str().and_then(|url| url.split_once("://")?.1.split_once('/')) {
            *image = json!(format!("https://cdn.jikan-sim.invalid/{path}"));
        }
    }
}

pub(super) fn aired_day_off(row: &mut Value) {
    let Some(from) = row.pointer_mut("/aired/from") else { return };
    let day = from.as_str().and_then(|from| from.get(..10)?.parse::<chrono::NaiveDate>().ok()?.pred_opt());
    if let Some(day) = day {
        *from = json!(format!("{day}T00:00:00+00:00"));
    }
}

pub(super) fn season_wrong(row: &mut Value) {
    let before = match row["season"].as_str() {
        Some("winter") => "fall",
        Some("spring") => "winter",
        Some("summer") => "spring",
        _ => "summer",
    };
    set(row, &json!({ "/season": before, "/year": 2019 }).to_string());
}

pub(super) fn not_json(row: &[u8]) -> Vec<u8> {
    // The brace at its end is missing.
    row[..row.len().saturating_sub(1)].to_vec()
}

pub(super) fn nan(row: &[u8]) -> Vec<u8> {
    inserted(b"\"planted\":NaN,", row)
}

pub(super) fn bad_utf8(row: &[u8]) -> Vec<u8> {
    inserted(b"\"planted\":\"\xff\xc3\x28\",", row)
}

/// After the brace that opens the row.
fn inserted(bytes: &[u8], row: &[u8]) -> Vec<u8> {
    [&row[..1], bytes, &row[1..]].concat()
}
