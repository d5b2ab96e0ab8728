//! What was new on a page and did not stop it: keys and words that no recorded page had.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::Warning;

/// The most characters of a new word that are kept.
const MOST_CHARS: usize = 80;
/// The most different warnings of a page; the others are counted as drift.
const MOST_WARNINGS: usize = 50;

/// The keys of an anime resource in Jikan v4 (`AnimeResource.php`), and those that `/full` and successors add.
const KEYS: [&str; 40] = [
    "aired",
    "airing",
    "approved",
    "background",
    "broadcast",
    "demographics",
    "duration",
    "episodes",
    "explicit_genres",
    "external",
    "favorites",
    "genres",
    "images",
    "licensors",
    "mal_id",
    "members",
    "popularity",
    "producers",
    "rank",
    "rating",
    "relations",
    "score",
    "scored_by",
    "season",
    "source",
    "status",
    "streaming",
    "studios",
    "synopsis",
    "theme",
    "themes",
    "title",
    "title_english",
    "title_japanese",
    "title_synonyms",
    "titles",
    "trailer",
    "type",
    "url",
    "year",
];

/// Words seen in recorded pages, per open list.
const WORDS: [(&str, &[&str]); 5] = [
    ("type", &["TV", "Movie", "OVA", "ONA", "Special", "Music", "TV Special", "CM", "PV"]),
    ("status", &["Finished Airing", "Currently Airing", "Not yet aired"]),
    (
        "source",
        &[
            "Original",
            "Manga",
            "Light novel",
            "Web manga",
            "Game",
            "Visual novel",
            "Novel",
            "4-koma manga",
            "Other",
            "Unknown",
            "Web novel",
            "Mixed media",
            "Music",
            "Card game",
            "Picture book",
            "Book",
            "Radio",
        ],
    ),
    (
        "rating",
        &[
            "G - All Ages",
            "PG - Children",
            "PG-13 - Teens 13 or older",
            "R - 17+ (violence & profanity)",
            "R+ - Mild Nudity",
            "Rx - Hentai",
            "None",
        ],
    ),
    ("season", &["winter", "spring", "summer", "fall"]),
];

/// Collects drift and warnings over the rows of a page.
#[derive(Debug, Default)]
pub(super) struct Notes {
    drift: BTreeMap<String, u32>,
    warnings: BTreeMap<(&'static str, String, Option<String>), u32>,
}

impl Notes {
    /// Counts a value that is not what the words say.
    pub(super) fn drift(&mut self, name: &str) {
        *self.drift.entry(name.to_owned()).or_default() += 1;
    }

    /// Notes new keys and new words of an anime resource.
    pub(super) fn anime(&mut self, row: &Value) {
        let Some(row) = row.as_object() else { return };
        for key in new_keys(row) {
            self.warn("new_key", plain(key), None);
        }
        for (field, word) in new_words(row) {
            self.warn("new_value", field.to_owned(), Some(word));
        }
    }

    fn warn(&mut self, code: &'static str, field: String, value: Option<String>) {
        if self.warnings.len() >= MOST_WARNINGS {
            return self.drift("more_warnings");
        }
        *self.warnings.entry((code, field, value)).or_default() += 1;
    }

    pub(super) fn finish(self) -> (BTreeMap<String, u32>, Vec<Warning>) {
        let warning = |((code, field, value), rows): ((&str, String, Option<String>), u32)| Warning {
            code: code.to_owned(),
            field,
            value,
            rows,
        };
        (self.drift, self.warnings.into_iter().map(warning).collect())
    }
}

/// Words of others as we keep them: cut, and without control characters, which not every store takes.
fn plain(word: &str) -> String {
    word.chars().take(MOST_CHARS).map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}

fn new_keys(row: &Map<String, Value>) -> impl Iterator<Item = &String> {
    row.keys().filter(|key| KEYS.binary_search(&key.as_str()).is_err())
}

fn new_words(row: &Map<String, Value>) -> impl Iterator<Item = (&'static str, String)> {
    WORDS.iter().filter_map(|(field, known)| {
        let word = row.get(*field)?.as_str()?;
        (!known.contains(&word)).then(|| (*field, plain(word)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_for_the_search() {
        assert!(KEYS.is_sorted());
    }

    #[test]
    fn odd_words_are_kept_plain_and_few() {
        let mut notes = Notes::default();
        let mut row = serde_json::Map::new();
        for number in 0..1_000 {
            row.insert(format!("k\0{number}{}", "x".repeat(200)), Value::Null);
        }
        notes.anime(&Value::Object(row));
        let (drift, warnings) = notes.finish();
        assert_eq!((warnings.len(), drift["more_warnings"]), (MOST_WARNINGS, 950));
        assert!(warnings.iter().all(|warning| warning.field.chars().count() == MOST_CHARS));
        assert!(warnings.iter().all(|warning| !warning.field.contains('\0')));
    }

    #[test]
    fn new_keys_and_words_are_counted_once_a_row() {
        let mut notes = Notes::default();
        let row = serde_json::json!({"type": "Hologram", "rating": "None", "mood": 1});
        notes.anime(&row);
        notes.anime(&row);
        let (_, warnings) = notes.finish();
        let found: Vec<_> = warnings.iter().map(|w| (w.code.as_str(), w.field.as_str(), w.rows)).collect();
        assert_eq!(found, [("new_key", "mood", 2), ("new_value", "type", 2)]);
        assert_eq!(warnings[1].value.as_deref(), Some("Hologram"));
    }
}
