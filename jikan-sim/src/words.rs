//! The words that titles are made of, from `words/words.toml`, and the little grammar that joins them.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use crate::rng::SeededRng;

/// All tables; see the comments of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    pub(crate) roles: Vec<Word>,
    pub(crate) places: Vec<Word>,
    pub(crate) things: Vec<Word>,
    pub(crate) traits_of_people: Vec<Word>,
    pub(crate) traits_of_things: Vec<Word>,
    pub(crate) actions: Vec<Word>,
    pub(crate) commands: Vec<Word>,
    pub(crate) states: Vec<Word>,
    pub(crate) subjects: Vec<Word>,
    pub(crate) surnames: Vec<Word>,
    pub(crate) brand_beginnings: Vec<Word>,
    pub(crate) brand_ends: Vec<Word>,
    pub(crate) twists: Vec<Word>,
    pub(crate) forms: Vec<Form>,
    pub(crate) continuations: HashMap<String, Continuation>,
}

/// The same word in three languages.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Word {
    pub(crate) romaji: String,
    pub(crate) english: String,
    pub(crate) japanese: String,
    #[serde(default = "all")]
    moods: String,
}

/// The same title in three languages, with places for words, and what it promises.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Form {
    #[serde(default = "all")]
    moods: String,
    pub(crate) weight: u32,
    pub(crate) romaji: String,
    pub(crate) english: String,
    pub(crate) japanese: String,
    pub(crate) hook: String,
}

/// The title of something that goes on, and how its synopsis begins.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Continuation {
    pub(crate) romaji: String,
    pub(crate) english: String,
    pub(crate) japanese: String,
    pub(crate) synonym: Option<String>,
    pub(crate) lead: String,
}

/// What a story feels like, by its letter in the tables; decides its genres and which words meet in its title.
pub(crate) type Mood = char;

fn all() -> String {
    "*".to_owned()
}

/// The tables, read once.
pub(crate) static WORDS: LazyLock<Words> = LazyLock::new(|| read(include_str!("../words/words.toml")));

/// A table that is part of the program.
#[expect(clippy::expect_used, reason = "the file is compiled in, and every test reads it")]
pub(crate) fn read<T: for<'a> Deserialize<'a>>(text: &str) -> T {
    toml::from_str(text).expect("a file of words is well-formed")
}

/// Entries that suit some moods and not others.
pub(crate) trait Suited {
    fn moods(&self) -> &str;

    fn suits(&self, mood: Mood) -> bool {
        self.moods().contains(['*', mood])
    }
}

impl Suited for Word {
    fn moods(&self) -> &str {
        &self.moods
    }
}

impl Suited for Form {
    fn moods(&self) -> &str {
        &self.moods
    }
}

/// One of the entries that suit the mood, each as likely as the others; any, where none does.
pub(crate) fn pick<T: Suited>(table: &'static [T], mood: Mood, rng: SeededRng) -> &'static T {
    let suited: Vec<&T> = table.iter().filter(|entry| entry.suits(mood)).collect();
    suited.get(rng.below(suited.len())).copied().unwrap_or_else(|| rng.pick(table))
}

/// Fills the places of a template: `{name}` or `{name:form}`.
pub(crate) fn fill(template: &str, word: impl Fn(&str) -> String) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, (place, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        let (name, form) = place.split_once(':').unwrap_or((place, ""));
        filled += before;
        filled += &inflected(name, word(name), form);
        rest = after;
    }
    filled + rest
}

fn inflected(name: &str, word: String, form: &str) -> String {
    // In Romaji and Japanese places have no preposition.
    let place =
        || word.split_once(' ').filter(|(first, _)| PREPOSITIONS.contains(first)).map(|(_, place)| place);
    match (name, form) {
        ("place", "") => place().unwrap_or(&word).to_owned(),
        ("place", "bare") => {
            let place = place().unwrap_or(&word);
            place.strip_prefix("the ").unwrap_or(place).to_owned()
        }
        (_, "a") => with_article(&word),
        (_, "plural") => plural(&word),
        (_, "base") => infinitive(&word),
        (_, "senior") => {
            let junior = ["Minarai ", "apprentice ", "見習い"].iter();
            junior.filter_map(|junior| word.strip_prefix(junior)).next().unwrap_or(&word).to_owned()
        }
        _ => word,
    }
}

const PREPOSITIONS: [&str; 3] = ["in", "on", "at"];

/// "a" or "an" and the words.
fn with_article(words: &str) -> String {
    let vowel = words.to_ascii_lowercase().starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {words}", if vowel { "an" } else { "a" })
}

/// The plural of an English noun phrase.
fn plural(words: &str) -> String {
    if let Some(stem) = words.strip_suffix("man") {
        return format!("{stem}men");
    }
    if let Some(stem) = words.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        return format!("{stem}ies");
    }
    let hissing = ["s", "x", "ch", "sh"].iter().any(|end| words.ends_with(end));
    format!("{words}{}", if hissing { "es" } else { "s" })
}

/// "bakes bread" → "bake bread".
fn infinitive(words: &str) -> String {
    let (verb, rest) = words.split_once(' ').unwrap_or((words, ""));
    let verb = match verb {
        "has" => "have",
        "goes" => "go",
        verb => verb.strip_suffix('s').unwrap_or(verb),
    };
    format!("{verb} {rest}")
}

/// English title case: every word and every part of a hyphenated one but the small ones, and those too at the beginning
/// or after a colon.
pub(crate) fn title_case(words: &str) -> String {
    const SMALL: [&str; 19] = [
        "a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with",
        "nor", "san", "senpai", "senpai's",
    ];
    let cased = |part: &str| if SMALL.contains(&part) { part.to_owned() } else { capitalised(part) };
    let mut first = true;
    let cased = words.split(' ').map(|word| {
        let parts: Vec<String> = word.split('-').map(cased).collect();
        let begins = std::mem::replace(&mut first, word.ends_with(':'));
        if begins { capitalised(&parts.join("-")) } else { parts.join("-") }
    });
    cased.collect::<Vec<_>>().join(" ")
}

/// The words with a capital in front.
pub(crate) fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_stays_grammatical() {
        let words = |name: &str| match name {
            "role" => "apprentice witch".to_owned(),
            "place" => "in the snow country".to_owned(),
            other => other.to_owned(),
        };
        let filled = |template: &str| fill(template, words);
        assert_eq!(filled("{role:a} and {role:plural}"), "an apprentice witch and apprentice witches");
        assert_eq!(filled("{role:senior} {place:at}"), "witch in the snow country");
        assert_eq!(filled("{place}, {place:bare}."), "the snow country, snow country.");
        assert_eq!(plural("night watchman"), "night watchmen");
        assert_eq!(plural("fox"), "foxes");
        assert_eq!(plural("deputy"), "deputies");
        assert_eq!(infinitive("has tea"), "have tea");
        assert_eq!(title_case("the potter of the snow country"), "The Potter of the Snow Country");
        assert_eq!(title_case("exiled: the diver"), "Exiled: The Diver");
        assert_eq!(title_case("after-school tug-of-war club"), "After-School Tug-of-War Club");
        assert_eq!(title_case("Hatori-senpai's map"), "Hatori-senpai's Map");
    }

    #[test]
    fn every_mood_has_words_of_every_sort() {
        for mood in "cyrmfspduha".chars() {
            for (table, least, sort) in [
                (&WORDS.roles, 10, "roles"),
                (&WORDS.places, 8, "places"),
                (&WORDS.things, 12, "things"),
                (&WORDS.twists, 4, "twists"),
            ] {
                let count = table.iter().filter(|word| word.suits(mood)).count();
                assert!(count >= least, "{count} {sort} for {mood}");
            }
        }
    }
}
