//! Titles in three scripts that agree with each other, and the sentence that says what they are about.
//!
//! Why no real title comes out: each name joins at least two content words of tables that were put together for this purpose
//! (trades, odd places, odd objects), never a character or a work of somebody else; family names are not combined with given
//! names; and a test compares everything a world holds with lists of real titles and studios where those are at hand.

use std::collections::HashSet;

use crate::{
    rng::SeededRng,
    words::{Mood, Suited, WORDS, Word, capitalised, fill, pick, title_case},
};

/// What a title is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Hepburn; the default title.
    pub romaji: String,
    /// Title case; `None` where nobody has translated it.
    pub english: Option<String>,
    /// As written.
    pub japanese: String,
    /// Other names.
    pub synonyms: Vec<String>,
}

/// A name and what the story is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: Name,
    /// One English sentence.
    pub premise: String,
}

/// How a title continues another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuation {
    /// The second half of a season that was cut in two.
    SecondCour,
    /// A further season, counted from 2.
    Season(u8),
    /// A film.
    Film,
    /// An extra episode.
    Extra,
}

/// A name that is not in `taken` yet, and is afterwards.
pub(crate) fn invent(mood: Mood, rng: SeededRng, taken: &mut HashSet<String>) -> Named {
    let mut tries = 0;
    loop {
        let named = compose(mood, rng.at(tries));
        // The tables make tens of thousands of names, so this ends soon.
        if taken.insert(named.name.romaji.to_lowercase()) {
            return named;
        }
        tries += 1;
    }
}

fn compose(mood: Mood, rng: SeededRng) -> Named {
    let forms: Vec<_> = WORDS.forms.iter().filter(|form| form.suits(mood)).collect();
    let weights: Vec<_> = forms.iter().map(|form| (form.weight, *form)).collect();
    let form = rng.of("form").weighted(&weights);
    let word = |name: &str| draw(name, mood, rng);
    let english = |template: &str| fill(template, |name| word(name).english.clone());
    let twist = pick(&WORDS.twists, mood, rng.of("twist"));
    Named {
        name: Name {
            romaji: fill(&form.romaji, |name| word(name).romaji.clone()),
            english: Some(title_case(&english(&form.english))),
            japanese: fill(&form.japanese, |name| word(name).japanese.clone()),
            synonyms: Vec::new(),
        },
        premise: capitalised(&format!("{} {}.", english(&form.hook), twist.english)),
    }
}

/// The word that stands for a name in the templates: always the same one for the same title.
fn draw(name: &str, mood: Mood, rng: SeededRng) -> &'static Word {
    let table = match name {
        "role" | "other" => &WORDS.roles,
        "place" => &WORDS.places,
        "thing" => &WORDS.things,
        "of_role" | "of_other" => &WORDS.traits_of_people,
        "of_thing" => &WORDS.traits_of_things,
        "action" => &WORDS.actions,
        "command" => &WORDS.commands,
        "state" => &WORDS.states,
        "subject" => &WORDS.subjects,
        "first" => &WORDS.brand_beginnings,
        "second" => &WORDS.brand_ends,
        _ => &WORDS.surnames,
    };
    let rng = rng.of(name);
    // Two people differ, and so does what they are like.
    let not = match name {
        "other" => Some(draw("role", mood, rng.of("role"))),
        "of_other" => Some(draw("of_role", mood, rng.of("of_role"))),
        _ => None,
    };
    (0..64).map(|next| pick(table, mood, rng.at(next))).find(|word| not != Some(*word)).unwrap_or(&table[0])
}

/// The name and premise of a continuation of `first`.
pub(crate) fn continued(first: &Name, premise: &str, how: Continuation) -> Named {
    let (form, number) = match how {
        Continuation::SecondCour => ("second_cour", 2),
        Continuation::Season(number) => ("season", number),
        Continuation::Film => ("film", 1),
        Continuation::Extra => ("extra", 1),
    };
    let form = &WORDS.continuations[form];
    let with = |template: &str, first: &str| {
        fill(template, |name| match name {
            "first" => first.to_owned(),
            "ordinal" => ordinal(number),
            _ => number.to_string(),
        })
    };
    Named {
        name: Name {
            romaji: with(&form.romaji, &first.romaji),
            english: first.english.as_ref().map(|english| with(&form.english, english)),
            japanese: with(&form.japanese, &first.japanese),
            synonyms: form.synonym.iter().map(|synonym| with(synonym, &first.romaji)).collect(),
        },
        premise: format!("{}: {}", with(&form.lead, ""), first_lower(premise)),
    }
}

fn ordinal(number: u8) -> String {
    let end = match number {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

/// The sentence with a small letter in front, unless it begins with a name.
fn first_lower(sentence: &str) -> String {
    let first_word = sentence.split(' ').next().unwrap_or_default();
    if first_word.contains('-') {
        return sentence.to_owned();
    }
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_comes_twice_and_no_template_is_left_open() {
        let mut taken = HashSet::new();
        for mood in "cyrmfspduha".chars() {
            for n in 0..200 {
                let Named { name, premise } = invent(mood, SeededRng::seeded(11).at(n), &mut taken);
                let english = name.english.unwrap();
                assert!(
                    name.romaji.is_ascii() && english.is_ascii() && premise.is_ascii(),
                    "{}",
                    name.romaji
                );
                assert!(
                    !name.japanese.chars().any(|letter| letter.is_ascii_lowercase()),
                    "{}",
                    name.japanese
                );
                assert!(premise.ends_with('.') && !premise.contains("  "), "{premise}");
                assert!(![name.romaji, english, name.japanese, premise].concat().contains(['{', '}', ':']));
            }
        }
        assert_eq!(taken.len(), 2_200);
    }

    #[test]
    fn all_three_scripts_say_the_same_number() {
        let first = Name {
            romaji: "Yakei no Kippu".to_owned(),
            english: Some("The Night Watchman's Ticket".to_owned()),
            japanese: "夜警の切符".to_owned(),
            synonyms: Vec::new(),
        };
        let third = continued(&first, "A night watchman finds a ticket.", Continuation::Season(3));
        assert_eq!(third.name.romaji, "Yakei no Kippu 3rd Season");
        assert_eq!(third.name.english.as_deref(), Some("The Night Watchman's Ticket Season 3"));
        assert_eq!(third.name.japanese, "夜警の切符 第3期");
        assert_eq!(third.premise, "Season 3 of the same trouble: a night watchman finds a ticket.");
    }
}
