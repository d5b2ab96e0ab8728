//! Titles in three scripts that agree with each other, and the sentence that says what they are about.
//!
//! Why no real title comes out: each name joins at least two content words of tables that were put together for this purpose
//! (trades, odd places, odd objects), never a character or a work of somebody else; family names are not combined with given
//! names; and a test compares everything a world holds with lists of real titles and studios where those are at hand.

mod forms;
mod sequels;

pub use sequels::{Continuation, continued};

use std::collections::HashSet;

use crate::{
    chance::Chance,
    words::{
        BRANDS, Brand, DEEDS, Deed, MODIFIERS, Modifier, Mood, ORDERS, Order, PLACES, Place, ROLES, Role,
        STATES, SUBJECTS, SURNAMES, State, Subject, Surname, THINGS, TWISTS, Thing, Twist, capitalised, pick,
        title_case,
    },
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

/// The words of one title; a form uses some of them.
struct Parts {
    role: &'static Role,
    other: &'static Role,
    place: &'static Place,
    thing: &'static Thing,
    of_role: &'static Modifier,
    of_other: &'static Modifier,
    of_thing: &'static Modifier,
    deed: &'static Deed,
    order: &'static Order,
    state: &'static State,
    subject: &'static Subject,
    surname: &'static Surname,
    brand: (&'static Brand, &'static Brand),
    twist: &'static Twist,
}

/// What a form makes of its words; English still in lower case.
struct Draft {
    romaji: String,
    english: String,
    japanese: String,
    hook: String,
}

/// A name that is not in `taken` yet, and is afterwards.
pub fn invent(mood: Mood, chance: Chance, taken: &mut HashSet<String>) -> Named {
    let mut tries = 0;
    loop {
        let named = compose(mood, chance.at(tries));
        // The tables make tens of thousands of names, so this ends soon.
        if taken.insert(named.name.romaji.to_lowercase()) {
            return named;
        }
        tries += 1;
    }
}

fn compose(mood: Mood, chance: Chance) -> Named {
    let parts = Parts::draw(mood, chance);
    let draft = forms::of(mood, chance.of("form"))(&parts);
    let premise = capitalised(&format!("{} {}.", draft.hook, parts.twist.english));
    Named {
        name: Name {
            romaji: draft.romaji,
            english: Some(title_case(&draft.english)),
            japanese: draft.japanese,
            synonyms: Vec::new(),
        },
        premise,
    }
}

impl Parts {
    fn draw(mood: Mood, chance: Chance) -> Self {
        let personal = |name| modifier(mood, chance.of(name), true, None);
        let role = pick(&ROLES, mood, chance.of("role"));
        let other = (0..)
            .map(|next| pick(&ROLES, mood, chance.of("other").at(next)))
            .find(|other| other.romaji != role.romaji)
            .unwrap_or(role);
        let of_role = personal("of role");
        Self {
            role,
            other,
            place: pick(&PLACES, mood, chance.of("place")),
            thing: pick(&THINGS, mood, chance.of("thing")),
            of_role,
            of_other: modifier(mood, chance.of("of other"), true, Some(of_role)),
            of_thing: modifier(mood, chance.of("of thing"), false, None),
            deed: chance.of("deed").pick(&DEEDS),
            order: chance.of("order").pick(&ORDERS),
            state: chance.of("state").pick(&STATES),
            subject: pick(&SUBJECTS, mood, chance.of("subject")),
            surname: chance.of("surname").pick(&SURNAMES),
            brand: (chance.of("first brand").pick(&BRANDS.0), chance.of("second brand").pick(&BRANDS.1)),
            twist: pick(&TWISTS, mood, chance.of("twist")),
        }
    }
}

/// A modifier of a person or of a thing, other than `not`.
fn modifier(mood: Mood, chance: Chance, personal: bool, not: Option<&Modifier>) -> &'static Modifier {
    (0..64)
        .map(|next| pick(&MODIFIERS, mood, chance.at(next)))
        .find(|found| found.personal == personal && not.is_none_or(|not| not.romaji != found.romaji))
        .unwrap_or(&MODIFIERS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_comes_twice() {
        let mut taken = HashSet::new();
        let names: Vec<_> = (0..800)
            .map(|n| invent(Mood::Calm, Chance::seeded(3).at(n), &mut taken).name.romaji.to_lowercase())
            .collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), 800);
    }

    #[test]
    fn scripts_are_what_they_say() {
        let mut taken = HashSet::new();
        for n in 0..400 {
            let Named { name, premise } = invent(Mood::Fantasy, Chance::seeded(11).at(n), &mut taken);
            let english = name.english.unwrap();
            assert!(name.romaji.is_ascii() && english.is_ascii() && premise.is_ascii(), "{}", name.romaji);
            assert!(!name.japanese.chars().any(|letter| letter.is_ascii_lowercase()), "{}", name.japanese);
            assert!(premise.ends_with('.') && !premise.contains("  "), "{premise}");
        }
    }
}
