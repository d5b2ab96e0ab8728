//! How a story that goes on is called.

use super::{Name, Named};

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

/// The name and premise of a continuation of `first`.
pub fn continued(first: &Name, premise: &str, how: Continuation) -> Named {
    let english = |tail: &str| first.english.as_ref().map(|english| format!("{english}{tail}"));
    let (romaji, english, japanese, synonyms, lead) = match how {
        Continuation::SecondCour => (
            format!("{} Part 2", first.romaji),
            english(" Part 2"),
            format!("{} 第2クール", first.japanese),
            vec![format!("{} 2nd Cour", first.romaji)],
            "The second half picks up at once".to_owned(),
        ),
        Continuation::Season(number) => (
            format!("{} {} Season", first.romaji, ordinal(number)),
            english(&format!(" Season {number}")),
            format!("{} 第{number}期", first.japanese),
            vec![format!("{} {number}", first.romaji)],
            format!("Season {number} of the same trouble"),
        ),
        Continuation::Film => (
            format!("{} Movie", first.romaji),
            english(" the Movie"),
            format!("劇場版 {}", first.japanese),
            vec![format!("Gekijouban {}", first.romaji)],
            "The film tells one long night".to_owned(),
        ),
        Continuation::Extra => (
            format!("{}: Bangai-hen", first.romaji),
            english(": Extra Chapter"),
            format!("{} 番外編", first.japanese),
            Vec::new(),
            "An extra chapter".to_owned(),
        ),
    };
    Named {
        name: Name { romaji, english, japanese, synonyms },
        premise: format!("{lead}: {}", first_lower(premise)),
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
