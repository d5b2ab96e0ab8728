//! Genres, themes and demographics: the usual vocabulary and its usual numbers, so that they mean the same in every catalogue.

/// A genre, theme or demographic.
#[derive(Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its number upstream.
    pub id: i32,
    /// Its English name.
    pub name: &'static str,
    /// Which of the lists it stands in.
    pub kind: TagKind,
}

/// The lists of `/genres/anime`, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TagKind {
    Genre,
    /// None here: everything is safe for work.
    ExplicitGenre,
    Theme,
    Demographic,
}

const fn tag(kind: TagKind, id: i32, name: &'static str) -> Tag {
    Tag { id, name, kind }
}
const fn genre(id: i32, name: &'static str) -> Tag {
    tag(TagKind::Genre, id, name)
}
const fn theme(id: i32, name: &'static str) -> Tag {
    tag(TagKind::Theme, id, name)
}
const fn demographic(id: i32, name: &'static str) -> Tag {
    tag(TagKind::Demographic, id, name)
}

/// The tag with this name.
pub fn named(name: &str) -> Option<&'static Tag> {
    TAGS.iter().find(|tag| tag.name == name)
}

/// All tags in the order of `/genres/anime`.
pub static TAGS: [Tag; 61] = [
    genre(1, "Action"),
    genre(2, "Adventure"),
    genre(5, "Avant Garde"),
    genre(46, "Award Winning"),
    genre(28, "Boys Love"),
    genre(4, "Comedy"),
    genre(8, "Drama"),
    genre(10, "Fantasy"),
    genre(26, "Girls Love"),
    genre(47, "Gourmet"),
    genre(14, "Horror"),
    genre(7, "Mystery"),
    genre(22, "Romance"),
    genre(24, "Sci-Fi"),
    genre(36, "Slice of Life"),
    genre(30, "Sports"),
    genre(37, "Supernatural"),
    genre(41, "Suspense"),
    theme(50, "Adult Cast"),
    theme(51, "Anthropomorphic"),
    theme(54, "Combat Sports"),
    theme(39, "Detective"),
    theme(56, "Educational"),
    theme(57, "Gag Humor"),
    theme(58, "Gore"),
    theme(59, "High Stakes Game"),
    theme(13, "Historical"),
    theme(60, "Idols (Female)"),
    theme(62, "Isekai"),
    theme(63, "Iyashikei"),
    theme(64, "Love Polygon"),
    theme(74, "Love Status Quo"),
    theme(66, "Mahou Shoujo"),
    theme(17, "Martial Arts"),
    theme(18, "Mecha"),
    theme(67, "Medical"),
    theme(38, "Military"),
    theme(19, "Music"),
    theme(6, "Mythology"),
    theme(68, "Organized Crime"),
    theme(20, "Parody"),
    theme(70, "Performing Arts"),
    theme(40, "Psychological"),
    theme(3, "Racing"),
    theme(72, "Reincarnation"),
    theme(21, "Samurai"),
    theme(23, "School"),
    theme(75, "Showbiz"),
    theme(29, "Space"),
    theme(11, "Strategy Game"),
    theme(76, "Survival"),
    theme(77, "Team Sports"),
    theme(78, "Time Travel"),
    theme(82, "Urban Fantasy"),
    theme(80, "Visual Arts"),
    theme(48, "Workplace"),
    demographic(43, "Josei"),
    demographic(15, "Kids"),
    demographic(42, "Seinen"),
    demographic(25, "Shoujo"),
    demographic(27, "Shounen"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_and_names_are_unique_and_lists_follow_each_other() {
        assert_eq!(TAGS.iter().map(|tag| tag.id).collect::<HashSet<_>>().len(), TAGS.len());
        assert_eq!(TAGS.iter().map(|tag| tag.name).collect::<HashSet<_>>().len(), TAGS.len());
        assert!(TAGS.is_sorted_by_key(|tag| (tag.kind as u8, tag.name)));
        assert!(TAGS.len() >= 40, "an upstream with fewer than 40 genres looks truncated");
    }
}
