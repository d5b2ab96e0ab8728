//! The pieces of rows and pages, their keys in upstream's order.

use std::collections::HashMap;

use serde::Serialize;

use super::HOST;
use crate::{labels::Label, world::Title};

#[derive(Debug, Serialize)]
pub(super) struct Pagination {
    pub(super) last_visible_page: u32,
    pub(super) has_next_page: bool,
    pub(super) current_page: u32,
    pub(super) items: Items,
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
pub(super) struct Entry<'w> {
    r#type: &'static str,
    title: &'w str,
}

/// The entries of `titles`.
pub(super) fn titles(title: &Title) -> Vec<Entry<'_>> {
    let name = &title.name;
    let mut entries = vec![Entry { r#type: "Default", title: &name.romaji }];
    entries.extend(name.synonyms.iter().map(|synonym| Entry { r#type: "Synonym", title: synonym }));
    entries.push(Entry { r#type: "Japanese", title: &name.japanese });
    entries.extend(name.english.iter().map(|english| Entry { r#type: "English", title: english }));
    entries
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
    /// Links to labels of a kind: `producer` or `genre`.
    pub(super) fn to(kind: &str, labels: &[&'static Label]) -> Vec<Self> {
        let link = |label: &&'static Label| Self {
            mal_id: label.id,
            r#type: "anime",
            name: &label.name,
            url: label_url(kind, label),
        };
        labels.iter().map(link).collect()
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
    pub(super) fn of(tag: &'static Label, counts: &HashMap<i32, usize>) -> Self {
        let count = counts.get(&tag.id).copied().unwrap_or(0);
        Self { mal_id: tag.id, name: &tag.name, url: label_url("genre", tag), count }
    }
}

fn label_url(kind: &str, label: &Label) -> String {
    format!("{HOST}/anime/{kind}/{}/{}", label.id, slug(&label.name))
}

/// A name as it stands in a path.
pub(super) fn slug(name: &str) -> String {
    let kept = name.chars().filter(|letter| letter.is_ascii_alphanumeric() || " -".contains(*letter));
    kept.map(|letter| if letter == ' ' { '_' } else { letter }).collect()
}
