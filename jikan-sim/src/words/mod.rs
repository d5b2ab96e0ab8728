//! The vocabulary that titles are made of. Each entry says the same thing in romaji, English and Japanese, and the moods it
//! suits, so that no astronaut ends up in the inner palace.

mod deeds;
mod modifiers;
mod places;
mod roles;
mod things;
mod twists;

pub use deeds::{DEEDS, Deed, ORDERS, Order, STATES, SUBJECTS, SURNAMES, State, Subject, Surname};
pub use modifiers::{BRANDS, Brand, MODIFIERS, Modifier};
pub use places::{PLACES, Place};
pub use roles::{ROLES, Role};
pub use things::{THINGS, Thing};
pub use twists::{TWISTS, Twist};

use crate::chance::Chance;

/// What a story feels like; decides its genres and which words meet in its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Mood {
    Calm,
    Comedy,
    Romance,
    Mystery,
    Fantasy,
    Space,
    Sport,
    Dark,
    Music,
    Past,
    Action,
}

/// A set of moods, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moods(u16);

impl Moods {
    /// One letter a mood: `c`alm, comed`y`, `r`omance, `m`ystery, `f`antasy, `s`pace, s`p`ort, `d`ark, m`u`sic, past (`h`istory), `a`ction;
    /// `*` is all of them.
    ///
    /// # Panics
    /// On another letter: while compiling, as all tables are constants.
    pub const fn of(letters: &str) -> Self {
        let letters = letters.as_bytes();
        let mut bits = 0;
        let mut next = 0;
        while next < letters.len() {
            bits |= match letters[next] {
                b'c' => Mood::Calm.bit(),
                b'y' => Mood::Comedy.bit(),
                b'r' => Mood::Romance.bit(),
                b'm' => Mood::Mystery.bit(),
                b'f' => Mood::Fantasy.bit(),
                b's' => Mood::Space.bit(),
                b'p' => Mood::Sport.bit(),
                b'd' => Mood::Dark.bit(),
                b'u' => Mood::Music.bit(),
                b'h' => Mood::Past.bit(),
                b'a' => Mood::Action.bit(),
                b'*' => u16::MAX,
                _ => panic!("no mood has this letter"),
            };
            next += 1;
        }
        Self(bits)
    }

    /// Whether the set holds this mood.
    pub const fn suit(self, mood: Mood) -> bool {
        self.0 & mood.bit() != 0
    }
}

impl Mood {
    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// Entries that suit some moods and not others.
pub trait Suited {
    /// The moods of this entry.
    fn moods(&self) -> Moods;
}

/// One of the entries that suit the mood, each as likely as the others.
pub fn pick<T: Suited>(table: &'static [T], mood: Mood, chance: Chance) -> &'static T {
    let suited: Vec<&T> = table.iter().filter(|entry| entry.moods().suit(mood)).collect();
    suited.get(chance.below(suited.len())).copied().unwrap_or_else(|| chance.pick(table))
}

/// "a" or "an" and the words.
pub fn with_article(words: &str) -> String {
    let vowel = words.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
    format!("{} {words}", if vowel { "an" } else { "a" })
}

/// The plural of an English noun phrase.
pub fn plural(words: &str) -> String {
    if let Some(stem) = words.strip_suffix("man") {
        return format!("{stem}men");
    }
    if let Some(stem) = words.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        return format!("{stem}ies");
    }
    let hissing = ["s", "x", "ch", "sh"].iter().any(|end| words.ends_with(end));
    format!("{words}{}", if hissing { "es" } else { "s" })
}

/// English title case: every word and every part of a hyphenated one but the small ones, and those too at the beginning
/// or after a colon.
pub fn title_case(words: &str) -> String {
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
pub fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_stays_grammatical() {
        assert_eq!(with_article("engine driver"), "an engine driver");
        assert_eq!(plural("night watchman"), "night watchmen");
        assert_eq!(plural("apprentice witch"), "apprentice witches");
        assert_eq!(plural("fox"), "foxes");
        assert_eq!(plural("deputy"), "deputies");
        assert_eq!(title_case("the potter of the snow country"), "The Potter of the Snow Country");
        assert_eq!(title_case("exiled: the diver"), "Exiled: The Diver");
        assert_eq!(title_case("after-school tug-of-war club"), "After-School Tug-of-War Club");
        assert_eq!(title_case("Hatori-senpai's map"), "Hatori-senpai's Map");
    }

    #[test]
    fn every_mood_has_words_of_every_sort() {
        let moods = "cyrmfspduha".chars().map(|letter| Moods::of(&letter.to_string()));
        for mood in moods {
            let enough = |count: usize, least: usize, sort: &str| {
                assert!(count >= least, "{count} {sort} for {mood:?}");
            };
            let of = |own: Moods| own.0 & mood.0 != 0;
            enough(ROLES.iter().filter(|word| of(word.moods())).count(), 10, "roles");
            enough(PLACES.iter().filter(|word| of(word.moods())).count(), 8, "places");
            enough(THINGS.iter().filter(|word| of(word.moods())).count(), 12, "things");
            enough(TWISTS.iter().filter(|twist| of(twist.moods())).count(), 4, "twists");
        }
    }
}
