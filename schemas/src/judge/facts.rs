//! From a row that passed its schema to the contract's facts.

use serde_json::Value;

use super::{aired, open::Notes};
use crate::{Anime, GenreRow, HistoryRow, Named};

pub(super) fn anime(row: &Value, notes: &mut Notes) -> Anime {
    let aired = &row["aired"];
    let aired_from = aired::day(aired, "from");
    let season =
        text(row, "season").filter(|word| ["winter", "spring", "summer", "fall"].contains(&word.as_str()));
    Anime {
        mal_id: int(row, "mal_id").unwrap_or_default(),
        url: text(row, "url").unwrap_or_default(),
        title: text(row, "title").unwrap_or_default(),
        title_english: text(row, "title_english"),
        title_japanese: text(row, "title_japanese"),
        synonyms: strings(row, "title_synonyms"),
        kind: text(row, "type"),
        source: text(row, "source"),
        episodes: int(row, "episodes"),
        status: text(row, "status"),
        airing: row["airing"].as_bool().unwrap_or_default(),
        aired_from,
        aired_from_precision: aired_from.map(|from| aired::precision(aired, from)),
        aired_to: aired::day(aired, "to"),
        duration: text(row, "duration"),
        rating: text(row, "rating").filter(|word| word != "None"),
        season,
        year: int(row, "year"),
        broadcast: text(&row["broadcast"], "string"),
        image: row.pointer("/images/jpg/image_url").and_then(Value::as_str).map(str::to_owned),
        genres: named(row, "genres"),
        explicit_genres: named(row, "explicit_genres"),
        themes: named(row, "themes"),
        demographics: named(row, "demographics"),
        studios: named(row, "studios"),
        score: nonzero(row, "score", notes).and_then(Value::as_f64),
        scored_by: long(&row["scored_by"]),
        rank: nonzero(row, "rank", notes).and_then(small),
        popularity: nonzero(row, "popularity", notes).and_then(small),
        members: long(&row["members"]).unwrap_or_default(),
        favorites: long(&row["favorites"]).unwrap_or_default(),
    }
}

pub(super) fn genre(index: u32, row: &Value) -> GenreRow {
    GenreRow {
        index,
        mal_id: int(row, "mal_id").unwrap_or_default(),
        name: text(row, "name").unwrap_or_default(),
        url: text(row, "url").unwrap_or_default(),
        count: long(&row["count"]).unwrap_or_default(),
    }
}

/// Where the row stands in its run is not known here, only where on its page.
pub(super) fn history(index: u32, row: &Value, notes: &mut Notes) -> HistoryRow {
    HistoryRow {
        index,
        position: index,
        mal_id: int(row, "mal_id").unwrap_or_default(),
        title: text(row, "title"),
        score: nonzero(row, "score", notes).and_then(Value::as_f64),
        scored_by: row.get("scored_by").and_then(long),
        rank: nonzero(row, "rank", notes).and_then(small),
        popularity: nonzero(row, "popularity", notes).and_then(small),
        members: row.get("members").and_then(long),
        favorites: row.get("favorites").and_then(long),
    }
}

/// The upstream writes 0 for "not known" now and then (a title with votes and score 0): unknown, and counted.
fn nonzero<'a>(row: &'a Value, key: &str, notes: &mut Notes) -> Option<&'a Value> {
    let value = row.get(key).filter(|value| !value.is_null())?;
    if value.as_f64() == Some(0.0) {
        notes.drift(&format!("{key}_zero"));
        return None;
    }
    Some(value)
}

/// Text that is there and not empty: the upstream writes `""` for "none" in places.
fn text(row: &Value, key: &str) -> Option<String> {
    row.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn int(row: &Value, key: &str) -> Option<i32> {
    row.get(key).and_then(small)
}

fn small(value: &Value) -> Option<i32> {
    long(value).and_then(|number| i32::try_from(number).ok())
}

/// JSON Schema calls 12.0 an integer too; the schema bounds it to 32 bits.
fn long(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().map(|number| number as i64))
}

fn strings(row: &Value, key: &str) -> Vec<String> {
    row[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn named(row: &Value, key: &str) -> Vec<Named> {
    let all = row[key].as_array().into_iter().flatten();
    all.filter_map(|item| Some(Named { mal_id: int(item, "mal_id")?, name: text(item, "name")? })).collect()
}
