//! What a title has beside its name, from `words/labels.toml`: genres, themes, demographics, source, rating, companies.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{
    rng::SeededRng,
    words::{Mood, read},
};

/// A genre, a theme, a demographic or a company: its number upstream and its name.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Label {
    /// Its number upstream.
    pub id: i32,
    /// Its English name.
    pub name: String,
}

type Weighted = Vec<(u32, String)>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    genres: Vec<Label>,
    themes: Vec<Label>,
    demographics: Vec<Label>,
    studios: Vec<Label>,
    producers: Vec<Label>,
    licensors: Vec<Label>,
    sources: Weighted,
    ratings: std::collections::HashMap<String, Weighted>,
    moods: Vec<MoodLabels>,
}

/// The odds of one mood.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoodLabels {
    letter: Mood,
    weight: u32,
    /// The genre that every such title has.
    main: String,
    genres: Vec<String>,
    themes: Vec<String>,
    demographics: Weighted,
    ratings: String,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| read(include_str!("../words/labels.toml")));

/// Genres, themes and demographics in the order of `/genres/anime`.
pub fn tags() -> impl Iterator<Item = &'static Label> {
    TABLES.genres.iter().chain(&TABLES.themes).chain(&TABLES.demographics)
}

/// Every invented company.
pub fn companies() -> impl Iterator<Item = &'static Label> {
    TABLES.studios.iter().chain(&TABLES.producers).chain(&TABLES.licensors)
}

/// What a title has beside its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Sorted by name, as upstream has them.
    pub genres: Vec<&'static Label>,
    /// Sorted by name.
    pub themes: Vec<&'static Label>,
    /// None or one.
    pub demographics: Vec<&'static Label>,
    /// Where the story comes from.
    pub source: &'static str,
    /// The age rating in upstream's words.
    pub rating: &'static str,
}

/// A mood, the more common ones more often.
pub(crate) fn mood(rng: SeededRng) -> Mood {
    let moods: Vec<_> = TABLES.moods.iter().map(|mood| (mood.weight, mood.letter)).collect();
    rng.weighted(&moods)
}

/// Labels that fit the mood.
pub(crate) fn labels(mood: Mood, rng: SeededRng) -> Labels {
    let tables = &*TABLES;
    let of = tables.moods.iter().find(|of| of.letter == mood).unwrap_or(&tables.moods[0]);
    let mut genres = some_of(&of.genres, 0.34, rng.of("genres"));
    genres.extend(named(&of.main));
    genres.sort_by_key(|tag| &tag.name);
    Labels {
        genres,
        themes: some_of(&of.themes, 0.3, rng.of("themes")),
        demographics: named(weighted(&of.demographics, rng.of("readers"))).into_iter().collect(),
        source: weighted(&tables.sources, rng.of("source")),
        rating: weighted(&tables.ratings[&of.ratings], rng.of("rating")),
    }
}

/// One studio, or two that work together.
pub(crate) fn studios(rng: SeededRng) -> Vec<&'static Label> {
    let first = studio(rng.of("first"));
    let second = studio(rng.of("second"));
    if rng.of("two").happens(0.05) && first != second { vec![first, second] } else { vec![first] }
}

fn studio(rng: SeededRng) -> &'static Label {
    let weights: Vec<_> = (3_u32..).zip(&TABLES.studios).map(|(place, one)| (10_000 / place, one)).collect();
    rng.weighted(&weights)
}

/// Two to five members of a committee.
pub(crate) fn producers(rng: SeededRng) -> Vec<&'static Label> {
    shuffled(&TABLES.producers, 2 + rng.of("how many").below(4), rng)
}

/// None or one licensor.
pub(crate) fn licensors(rng: SeededRng) -> Vec<&'static Label> {
    shuffled(&TABLES.licensors, usize::from(rng.of("any").happens(0.6)), rng)
}

fn named(name: &str) -> Option<&'static Label> {
    tags().find(|tag| tag.name == name)
}

fn weighted(table: &'static Weighted, rng: SeededRng) -> &'static str {
    let table: Vec<_> = table.iter().map(|(weight, name)| (*weight, name.as_str())).collect();
    rng.weighted(&table)
}

fn some_of(names: &[String], odds: f64, rng: SeededRng) -> Vec<&'static Label> {
    let drawn = names.iter().filter(|name| rng.of(name).happens(odds));
    let mut some: Vec<_> = drawn.filter_map(|name| named(name)).take(3).collect();
    some.sort_by_key(|tag| &tag.name);
    some
}

fn shuffled(labels: &'static [Label], count: usize, rng: SeededRng) -> Vec<&'static Label> {
    let mut shuffled: Vec<&Label> = labels.iter().collect();
    shuffled.sort_by(|a, b| rng.of(&a.name).unit().total_cmp(&rng.of(&b.name).unit()));
    shuffled.truncate(count);
    shuffled.sort_by_key(|label| label.id);
    shuffled
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_label_of_a_mood_is_in_the_vocabulary() {
        for mood in &TABLES.moods {
            for name in mood.genres.iter().chain(&mood.themes).chain([&mood.main]) {
                assert!(named(name).is_some(), "{name}");
            }
            assert!(mood.demographics.iter().all(|(_, name)| name.is_empty() || named(name).is_some()));
            assert!(TABLES.ratings.contains_key(&mood.ratings));
        }
    }

    #[test]
    fn numbers_and_names_are_unique_and_sorted() {
        let all: Vec<_> = tags().collect();
        assert_eq!(all.iter().map(|tag| tag.id).collect::<HashSet<_>>().len(), all.len());
        assert_eq!(all.iter().map(|tag| &tag.name).collect::<HashSet<_>>().len(), all.len());
        for list in [&TABLES.genres, &TABLES.themes, &TABLES.demographics] {
            assert!(list.is_sorted_by_key(|tag| &tag.name));
        }
        assert!(all.len() >= 40, "an upstream with fewer than 40 genres looks truncated");
    }
}
