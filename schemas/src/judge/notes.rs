//! What was new on a page and did not stop it: keys and words that no recorded page had.

use std::collections::BTreeMap;

use super::document::Node;
use crate::Warning;

/// The most characters of a new word that are kept.
const MAX_CHARS: usize = 80;
/// The most different warnings of a page; the others are counted as drift.
const MAX_WARNINGS: usize = 50;

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

    /// Notes a key that no anime resource had.
    pub(super) fn new_key(&mut self, key: &str) {
        self.warn("new_key", plain(key), None);
    }

    /// The word of an open list, noted where it is new; `None` where it is none or empty.
    pub(super) fn word(&mut self, field: &str, value: Node<'_>) -> Option<String> {
        let word = value.as_str()?;
        let known =
            WORDS.iter().find(|(list, _)| *list == field).is_some_and(|(_, known)| known.contains(&word));
        if !known {
            self.warn("new_value", field.to_owned(), Some(plain(word)));
        }
        text(value)
    }

    fn warn(&mut self, code: &'static str, field: String, value: Option<String>) {
        if self.warnings.len() >= MAX_WARNINGS {
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

/// Text that is not empty: the upstream writes `""` for "none" in places.
pub(super) fn text(value: Node<'_>) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Words of others as we keep them: cut, and without control characters, which not every store takes.
fn plain(word: &str) -> String {
    word.chars().take(MAX_CHARS).map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_words_are_kept_plain_and_few() {
        let mut notes = Notes::default();
        for number in 0..1_000 {
            notes.new_key(&format!("k\0{number}{}", "x".repeat(200)));
        }
        let (drift, warnings) = notes.finish();
        assert_eq!((warnings.len(), drift["more_warnings"]), (MAX_WARNINGS, 950));
        assert!(warnings.iter().all(|warning| warning.field.chars().count() == MAX_CHARS));
        assert!(warnings.iter().all(|warning| !warning.field.contains('\0')));
    }
}
