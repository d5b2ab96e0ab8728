//! What a mood brings with it: genres, themes, readers, sources and ratings.

use crate::{
    chance::Chance,
    tags::{Tag, named},
    words::Mood,
};

/// Odds of one mood.
struct Flavour {
    /// The genre that every such title has.
    main: &'static str,
    /// Genres that some have.
    genres: &'static [&'static str],
    /// Themes that some have.
    themes: &'static [&'static str],
    /// Demographics by weight; empty = none stated.
    readers: &'static [(u32, &'static str)],
    /// Ratings by weight.
    ratings: &'static [(u32, &'static str)],
}

const G: &str = "G - All Ages";
const PG13: &str = "PG-13 - Teens 13 or older";
const R17: &str = "R - 17+ (violence & profanity)";
const MILD: &[(u32, &str)] = &[(6, PG13), (2, G), (1, "PG - Children")];
const TEENS: &[(u32, &str)] = &[(9, PG13), (1, R17)];
const GRIM: &[(u32, &str)] = &[(3, PG13), (5, R17)];

const fn flavour(mood: Mood) -> Flavour {
    match mood {
        Mood::Calm => Flavour {
            main: "Slice of Life",
            genres: &["Comedy", "Drama", "Gourmet", "Award Winning"],
            themes: &["Iyashikei", "Workplace", "School", "Adult Cast", "Visual Arts", "Educational"],
            readers: &[(4, ""), (4, "Seinen"), (2, "Josei")],
            ratings: MILD,
        },
        Mood::Comedy => Flavour {
            main: "Comedy",
            genres: &["Slice of Life", "Romance", "Fantasy", "Gourmet"],
            themes: &["Gag Humor", "School", "Workplace", "Parody", "Anthropomorphic", "High Stakes Game"],
            readers: &[(4, ""), (4, "Shounen"), (3, "Seinen"), (1, "Kids")],
            ratings: MILD,
        },
        Mood::Romance => Flavour {
            main: "Romance",
            genres: &["Comedy", "Drama", "Slice of Life", "Girls Love", "Boys Love"],
            themes: &["School", "Love Polygon", "Love Status Quo", "Adult Cast", "Workplace"],
            readers: &[(3, ""), (4, "Shoujo"), (4, "Shounen"), (2, "Josei")],
            ratings: TEENS,
        },
        Mood::Mystery => Flavour {
            main: "Mystery",
            genres: &["Drama", "Suspense", "Supernatural"],
            themes: &["Detective", "Psychological", "Adult Cast", "Organized Crime", "Time Travel"],
            readers: &[(5, ""), (4, "Seinen"), (1, "Josei")],
            ratings: TEENS,
        },
        Mood::Fantasy => Flavour {
            main: "Fantasy",
            genres: &["Adventure", "Action", "Comedy", "Romance"],
            themes: &["Isekai", "Reincarnation", "Mythology", "Mahou Shoujo", "School", "Urban Fantasy"],
            readers: &[(6, ""), (4, "Shounen"), (2, "Seinen")],
            ratings: TEENS,
        },
        Mood::Space => Flavour {
            main: "Sci-Fi",
            genres: &["Adventure", "Drama", "Action", "Avant Garde"],
            themes: &["Space", "Mecha", "Military", "Survival", "Time Travel", "Adult Cast"],
            readers: &[(6, ""), (3, "Seinen"), (2, "Shounen")],
            ratings: TEENS,
        },
        Mood::Sport => Flavour {
            main: "Sports",
            genres: &["Drama", "Comedy", "Award Winning"],
            themes: &["Team Sports", "School", "Racing", "Combat Sports", "Strategy Game"],
            readers: &[(2, ""), (6, "Shounen"), (2, "Seinen")],
            ratings: MILD,
        },
        Mood::Dark => Flavour {
            main: "Horror",
            genres: &["Suspense", "Supernatural", "Mystery", "Avant Garde"],
            themes: &["Psychological", "Gore", "Survival", "High Stakes Game", "Urban Fantasy"],
            readers: &[(4, ""), (4, "Seinen"), (2, "Shounen")],
            ratings: GRIM,
        },
        Mood::Music => Flavour {
            main: "Drama",
            genres: &["Slice of Life", "Comedy", "Award Winning"],
            themes: &["Music", "Performing Arts", "School", "Idols (Female)", "Showbiz"],
            readers: &[(6, ""), (2, "Seinen"), (2, "Shounen")],
            ratings: MILD,
        },
        Mood::Past => Flavour {
            main: "Drama",
            genres: &["Mystery", "Romance", "Action", "Supernatural"],
            themes: &["Historical", "Samurai", "Military", "Medical", "Strategy Game", "Mythology"],
            readers: &[(3, ""), (4, "Seinen"), (3, "Josei")],
            ratings: TEENS,
        },
        Mood::Action => Flavour {
            main: "Action",
            genres: &["Adventure", "Sci-Fi", "Drama", "Suspense"],
            themes: &["Military", "Martial Arts", "Organized Crime", "Urban Fantasy", "Mecha"],
            readers: &[(3, ""), (6, "Shounen"), (3, "Seinen")],
            ratings: GRIM,
        },
    }
}

const MOODS: [(u32, Mood); 11] = [
    (12, Mood::Calm),
    (16, Mood::Comedy),
    (14, Mood::Romance),
    (9, Mood::Mystery),
    (22, Mood::Fantasy),
    (9, Mood::Space),
    (7, Mood::Sport),
    (7, Mood::Dark),
    (5, Mood::Music),
    (7, Mood::Past),
    (12, Mood::Action),
];

const SOURCES: [(u32, &str); 11] = [
    (36, "Manga"),
    (24, "Light novel"),
    (18, "Original"),
    (7, "Web manga"),
    (4, "Web novel"),
    (4, "Novel"),
    (4, "Game"),
    (3, "4-koma manga"),
    (2, "Visual novel"),
    (2, "Mixed media"),
    (1, "Other"),
];

/// What a title is, beyond its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Sorted by name, as upstream has them.
    pub genres: Vec<&'static Tag>,
    /// Sorted by name.
    pub themes: Vec<&'static Tag>,
    /// None or one.
    pub demographics: Vec<&'static Tag>,
    /// Where the story comes from.
    pub source: &'static str,
    /// The age rating in upstream's words.
    pub rating: &'static str,
}

/// A mood, the more common ones more often.
pub fn mood(chance: Chance) -> Mood {
    chance.weighted(&MOODS)
}

/// Labels that fit the mood.
pub fn labels(mood: Mood, chance: Chance) -> Labels {
    let flavour = flavour(mood);
    let mut genres: Vec<&Tag> = named(flavour.main).into_iter().collect();
    genres.extend(some_of(flavour.genres, 0.34, chance.of("genres")));
    genres.sort_by_key(|tag| tag.name);
    Labels {
        genres,
        themes: some_of(flavour.themes, 0.3, chance.of("themes")),
        demographics: named(chance.of("readers").weighted(flavour.readers)).into_iter().collect(),
        source: chance.of("source").weighted(&SOURCES),
        rating: chance.of("rating").weighted(flavour.ratings),
    }
}

fn some_of(names: &[&str], odds: f64, chance: Chance) -> Vec<&'static Tag> {
    let mut some: Vec<&Tag> = names
        .iter()
        .filter(|name| chance.of(name).happens(odds))
        .filter_map(|name| named(name))
        .take(3)
        .collect();
    some.sort_by_key(|tag| tag.name);
    some
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_is_in_the_vocabulary() {
        for (_, mood) in MOODS {
            let flavour = flavour(mood);
            let names = [flavour.genres, flavour.themes].concat();
            for name in names.iter().chain([&flavour.main]) {
                assert!(named(name).is_some(), "{name}");
            }
            assert!(flavour.readers.iter().all(|(_, name)| name.is_empty() || named(name).is_some()));
        }
    }
}
