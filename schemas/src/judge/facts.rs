//! From a row that passed its schema to the contract's facts.

use super::{
    aired,
    document::Node,
    notes::{Notes, text},
};
use crate::{Anime, GenreRow, HistoryRow, Named, Season};

pub(super) fn anime(row: Node<'_>, notes: &mut Notes) -> Anime {
    let mut anime = Anime::default();
    for (key, value) in row.as_object().into_iter().flatten() {
        match key {
            "mal_id" => anime.mal_id = int(value).unwrap_or_default(),
            "url" => anime.url = text(value).unwrap_or_default(),
            "images" => {
                let image = value.get("jpg").and_then(|jpg| jpg.get("image_url"));
                anime.image = image.and_then(Node::as_str).map(str::to_owned);
            }
            "title" => anime.title = text(value).unwrap_or_default(),
            "title_english" => anime.title_english = text(value),
            "title_japanese" => anime.title_japanese = text(value),
            "title_synonyms" => anime.synonyms = strings(value),
            "type" => anime.kind = notes.word("type", value),
            "source" => anime.source = notes.word("source", value),
            "episodes" => anime.episodes = int(value),
            "status" => anime.status = notes.word("status", value),
            "airing" => anime.airing = value.as_bool().unwrap_or_default(),
            "aired" => {
                anime.aired_from = aired::day(value, "from");
                anime.aired_from_precision = anime.aired_from.map(|from| aired::precision(value, from));
                anime.aired_to = aired::day(value, "to");
            }
            "duration" => anime.duration = text(value),
            "rating" => anime.rating = notes.word("rating", value).filter(|word| word != "None"),
            "score" => anime.score = nonzero("score", value, notes).and_then(float),
            "scored_by" => anime.scored_by = long(value),
            "rank" => anime.rank = nonzero("rank", value, notes).and_then(int),
            "popularity" => anime.popularity = nonzero("popularity", value, notes).and_then(int),
            "members" => anime.members = long(value).unwrap_or_default(),
            "favorites" => anime.favorites = long(value).unwrap_or_default(),
            "season" => {
                let word = notes.word("season", value);
                anime.season = word.filter(|word| word.parse::<Season>().is_ok());
            }
            "year" => anime.year = int(value),
            "broadcast" => anime.broadcast = value.get("string").and_then(text),
            "studios" => anime.studios = named(value),
            "genres" => anime.genres = named(value),
            "explicit_genres" => anime.explicit_genres = named(value),
            "themes" => anime.themes = named(value),
            "demographics" => anime.demographics = named(value),
            // The other keys of an anime resource in Jikan v4 (`AnimeResource.php`), and what `/full` and successors add.
            "approved" | "background" | "external" | "licensors" | "producers" | "relations"
            | "streaming" | "synopsis" | "theme" | "titles" | "trailer" => {}
            _ => notes.new_key(key),
        }
    }
    anime
}

pub(super) fn genre(index: u32, row: Node<'_>) -> GenreRow {
    GenreRow {
        index,
        mal_id: row.get("mal_id").and_then(int).unwrap_or_default(),
        name: row.get("name").and_then(text).unwrap_or_default(),
        url: row.get("url").and_then(text).unwrap_or_default(),
        count: row.get("count").and_then(long).unwrap_or_default(),
    }
}

/// Where the row stands in its run is not known here, only where on its page.
pub(super) fn history(index: u32, row: Node<'_>, notes: &mut Notes) -> HistoryRow {
    let mut known = |key| row.get(key).and_then(|value| nonzero(key, value, notes));
    HistoryRow {
        index,
        position: index,
        mal_id: row.get("mal_id").and_then(int).unwrap_or_default(),
        title: row.get("title").and_then(text),
        score: known("score").and_then(float),
        scored_by: row.get("scored_by").and_then(long),
        rank: known("rank").and_then(int),
        popularity: known("popularity").and_then(int),
        members: row.get("members").and_then(long),
        favorites: row.get("favorites").and_then(long),
    }
}

/// The upstream writes 0 for "not known" now and then (a title with votes and score 0): unknown, and counted.
fn nonzero<'a>(key: &str, value: Node<'a>, notes: &mut Notes) -> Option<Node<'a>> {
    if float(value) == Some(0.0) {
        notes.drift(&format!("{key}_zero"));
        return None;
    }
    Some(value)
}

fn float(value: Node<'_>) -> Option<f64> {
    value.as_number()?.as_f64()
}

fn int(value: Node<'_>) -> Option<i32> {
    long(value).and_then(|number| i32::try_from(number).ok())
}

/// JSON Schema calls 12.0 an integer too; the schema bounds it to 32 bits.
fn long(value: Node<'_>) -> Option<i64> {
    let number = value.as_number()?;
    number.as_i64().or_else(|| number.as_f64().map(|number| number as i64))
}

fn strings(value: Node<'_>) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Node::as_str).map(str::to_owned).collect()
}

fn named(value: Node<'_>) -> Vec<Named> {
    let named = |item: Node<'_>| {
        Some(Named { mal_id: item.get("mal_id").and_then(int)?, name: item.get("name").and_then(text)? })
    };
    value.as_array().into_iter().flatten().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::document::Document, *};

    #[test]
    fn new_keys_and_words_are_counted_once_a_row() {
        let mut notes = Notes::default();
        let row = Document::parse(br#"{"type":"Hologram","rating":"None","mood":1}"#).unwrap();
        anime(row.root(), &mut notes);
        anime(row.root(), &mut notes);
        let (_, warnings) = notes.finish();
        let found: Vec<_> = warnings.iter().map(|w| (w.code.as_str(), w.field.as_str(), w.rows)).collect();
        assert_eq!(found, [("new_key", "mood", 2), ("new_value", "type", 2)]);
        assert_eq!(warnings[1].value.as_deref(), Some("Hologram"));
    }
}
