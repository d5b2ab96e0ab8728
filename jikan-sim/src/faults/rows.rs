//! What goes wrong in one row.

use serde_json::{Value, json};

fn set(row: &mut Value, key: &str, value: Value) {
    // Genres and seasons have other keys than titles; what is not there does not go wrong.
    if let Some(place) = row.get_mut(key) {
        *place = value;
    }
}

fn null(row: &mut Value, keys: &[&str]) {
    keys.iter().for_each(|key| set(row, key, Value::Null));
}

fn remove(row: &mut Value, key: &str) {
    if let Some(row) = row.as_object_mut() {
        row.remove(key);
    }
}

macro_rules! nulls {
    ($($name:ident: $($key:literal),+;)*) => {
        $(pub(super) fn $name(row: &mut Value) { null(row, &[$($key),+]); })*
    };
}

nulls! {
    score_null: "score", "scored_by";
    rank_null: "rank";
    season_null: "season", "year";
    type_null: "type";
    title_english_null: "title_english";
    synopsis_null: "synopsis";
    background_null: "background";
}

macro_rules! values {
    ($($name:ident: $($key:literal = $value:tt),+;)*) => {
        $(pub(super) fn $name(row: &mut Value) { $(set(row, $key, json!($value));)+ })*
    };
}

values! {
    score_zero: "score" = 0, "scored_by" = 0;
    score_integer: "score" = 9, "scored_by" = 1234;
    score_text: "score" = "N/A";
    places_zero: "rank" = 0, "popularity" = 0, "members" = 0;
    type_new: "type" = "TV Special";
    type_unheard: "type" = "Hologram";
    rating_new: "rating" = "R+ - Mild Nudity";
    rating_none: "rating" = "None";
    members_negative: "members" = (-1);
    renamed: "name" = "Renamed";
    trailer_null: "trailer" = {
        "youtube_id": null, "url": null, "embed_url": "https://video.invalid/embed/x",
        "images": { "image_url": null, "small_image_url": null, "medium_image_url": null,
                    "large_image_url": null, "maximum_image_url": null }
    };
    aired_year: "aired" = {
        "from": "2027-01-01T00:00:00+00:00", "to": null, "string": "2027 to ?",
        "prop": { "from": { "day": 1, "month": 1, "year": 2027 }, "to": { "day": null, "month": null, "year": null } }
    };
    aired_bare_year: "aired" = {
        "from": "2027", "to": null, "string": "2027 to ?",
        "prop": { "from": { "day": null, "month": null, "year": 2027 }, "to": { "day": null, "month": null, "year": null } }
    };
    aired_null: "aired" = {
        "from": null, "to": null, "string": "Not available",
        "prop": { "from": { "day": null, "month": null, "year": null }, "to": { "day": null, "month": null, "year": null } }
    };
    broadcast_unknown: "broadcast" = { "day": null, "time": null, "timezone": null, "string": "Unknown" };
}

pub(super) fn titles_text(row: &mut Value) {
    set(row, "titles", json!([row["title"], "Another name"]));
}

pub(super) fn titles_absent(row: &mut Value) {
    remove(row, "titles");
}

pub(super) fn broadcast_absent(row: &mut Value) {
    remove(row, "broadcast");
}

pub(super) fn mal_id_absent(row: &mut Value) {
    remove(row, "mal_id");
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
    set(row, "season", json!(before));
    set(row, "year", json!(2019));
}

pub(super) fn not_json(row: &[u8]) -> Vec<u8> {
    // The brace at its end is missing.
    row[..row.len().saturating_sub(1)].to_vec()
}

pub(super) fn nan(row: &[u8]) -> Vec<u8> {
    planted(b"\"planted\":NaN,", row)
}

pub(super) fn bad_utf8(row: &[u8]) -> Vec<u8> {
    planted(b"\"planted\":\"\xff\xc3\x28\",", row)
}

/// After the brace that opens the row.
fn planted(bytes: &[u8], row: &[u8]) -> Vec<u8> {
    [&row[..1], bytes, &row[1..]].concat()
}
