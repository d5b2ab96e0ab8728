//! The pieces of rows and pages, their keys in upstream's order.

use serde::Serialize;

use super::HOST;
use crate::{companies::Company, tags::Tag, world::Title};

#[derive(Debug, Serialize)]
pub(super) struct Pagination {
    pub(super) last_visible_page: u32,
    pub(super) has_next_page: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) current_page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) items: Option<Items>,
}

#[derive(Debug, Serialize)]
pub(super) struct Items {
    pub(super) count: usize,
    pub(super) total: usize,
    pub(super) per_page: u32,
}

#[derive(Debug, Serialize)]
pub(super) struct Images {
    jpg: Sizes,
    webp: Sizes,
}

#[derive(Debug, Serialize)]
struct Sizes {
    image_url: String,
    small_image_url: String,
    large_image_url: String,
}

impl Images {
    pub(super) fn of(id: i32) -> Self {
        let sizes = |end: &str| {
            let image = |size: &str| format!("{HOST}/images/anime/{}/{id}{size}.{end}", id % 1_000);
            Sizes { image_url: image(""), small_image_url: image("t"), large_image_url: image("l") }
        };
        Self { jpg: sizes("jpg"), webp: sizes("webp") }
    }
}

/// Nobody has filmed anything, so every key is null.
#[derive(Debug, Default, Serialize)]
pub(super) struct Trailer {
    youtube_id: Option<String>,
    url: Option<String>,
    embed_url: Option<String>,
    images: TrailerImages,
}

#[derive(Debug, Default, Serialize)]
struct TrailerImages {
    image_url: Option<String>,
    small_image_url: Option<String>,
    medium_image_url: Option<String>,
    large_image_url: Option<String>,
    maximum_image_url: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Titles<'w> {
    Entries(Vec<Entry<'w>>),
    /// A flaw.
    Texts(Vec<&'w str>),
}

#[derive(Debug, Serialize)]
pub(super) struct Entry<'w> {
    r#type: &'static str,
    title: &'w str,
}

impl<'w> Titles<'w> {
    pub(super) fn of(title: &'w Title) -> Self {
        let name = &title.name;
        let mut entries = vec![Entry { r#type: "Default", title: &name.romaji }];
        entries.extend(name.synonyms.iter().map(|synonym| Entry { r#type: "Synonym", title: synonym }));
        entries.push(Entry { r#type: "Japanese", title: &name.japanese });
        entries.extend(name.english.iter().map(|english| Entry { r#type: "English", title: english }));
        Self::Entries(entries)
    }
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Score {
    Known(f64),
    Unknown,
    /// A flaw.
    Text(&'static str),
}

impl Score {
    pub(super) fn of(score: Option<(u16, i64)>) -> Self {
        score.map_or(Self::Unknown, |(hundredths, _)| Self::Known(f64::from(hundredths) / 100.0))
    }
}

/// A genre or a company as a row names it.
#[derive(Debug, Serialize)]
pub(super) struct Link {
    mal_id: i32,
    r#type: &'static str,
    name: &'static str,
    url: String,
}

impl Link {
    pub(super) fn to_companies(companies: &[&'static Company]) -> Vec<Self> {
        let link = |company: &&'static Company| {
            let url = format!("{HOST}/anime/producer/{}/{}", company.id, slug(company.name));
            Self { mal_id: company.id, r#type: "anime", name: company.name, url }
        };
        companies.iter().map(link).collect()
    }

    pub(super) fn to_tags(tags: &[&'static Tag]) -> Vec<Self> {
        let link = |tag: &&'static Tag| Self {
            mal_id: tag.id,
            r#type: "anime",
            name: tag.name,
            url: genre_url(tag),
        };
        tags.iter().map(link).collect()
    }
}

/// A row of `/genres/anime`.
#[derive(Debug, Serialize)]
pub(super) struct GenreRow {
    mal_id: i32,
    name: &'static str,
    url: String,
    count: usize,
}

impl GenreRow {
    pub(super) fn of(tag: &'static Tag, count: usize) -> Self {
        Self { mal_id: tag.id, name: tag.name, url: genre_url(tag), count }
    }
}

/// A row of `/seasons`.
#[derive(Debug, Serialize)]
pub(super) struct YearRow {
    pub(super) year: i32,
    pub(super) seasons: Vec<&'static str>,
}

fn genre_url(tag: &Tag) -> String {
    format!("{HOST}/anime/genre/{}/{}", tag.id, slug(tag.name))
}

/// A name as it stands in a path.
pub(super) fn slug(name: &str) -> String {
    let kept = name.chars().filter(|letter| letter.is_ascii_alphanumeric() || " -".contains(*letter));
    kept.map(|letter| if letter == ' ' { '_' } else { letter }).collect()
}
