//! One row: the 36 keys of an anime resource in upstream's order.

use serde::Serialize;

use super::{
    HOST, dates,
    flaw::Flaw,
    parts::{Images, Link, Score, Titles, Trailer, slug},
};
use crate::{
    snapshot::{Sighting, Status},
    world::{Kind, Title},
};

/// A title as upstream describes it.
#[derive(Debug, Serialize)]
pub struct Row<'w> {
    mal_id: i32,
    url: String,
    images: Images,
    trailer: Trailer,
    approved: bool,
    titles: Titles<'w>,
    title: &'w str,
    title_english: Option<&'w str>,
    title_japanese: &'w str,
    title_synonyms: &'w [String],
    r#type: &'static str,
    source: &'static str,
    episodes: Option<u16>,
    status: &'static str,
    airing: bool,
    aired: dates::Aired,
    duration: String,
    rating: &'static str,
    score: Score,
    scored_by: Option<i64>,
    rank: Option<i32>,
    popularity: i32,
    members: i64,
    favorites: i64,
    synopsis: String,
    background: &'static str,
    season: Option<&'static str>,
    year: Option<i32>,
    broadcast: dates::Broadcast,
    producers: Vec<Link>,
    licensors: Vec<Link>,
    studios: Vec<Link>,
    genres: Vec<Link>,
    explicit_genres: Vec<Link>,
    themes: Vec<Link>,
    demographics: Vec<Link>,
}

impl<'w> Row<'w> {
    /// The title as it stands; with a flaw, what no upstream should send.
    pub fn of(sighting: &Sighting<'w>, flaw: Option<Flaw>) -> Self {
        let Sighting { title, status, dated, .. } = *sighting;
        let name = &title.name;
        // A season is stated for series only, and only once it is sure.
        let season = (title.kind == Kind::Tv && dates::precision(sighting) != dates::Precision::Year)
            .then_some(title.quarter);
        let mut row = Self {
            mal_id: title.id,
            url: format!("{HOST}/anime/{}/{}", title.id, slug(&name.romaji)),
            images: Images::of(title.id),
            trailer: Trailer::default(),
            approved: true,
            titles: Titles::of(title),
            title: &name.romaji,
            title_english: name.english.as_deref(),
            title_japanese: &name.japanese,
            title_synonyms: &name.synonyms,
            r#type: title.kind.label(),
            source: title.labels.source,
            episodes: dated.then_some(title.episodes),
            status: status.label(),
            airing: status == Status::Airing,
            aired: dates::aired(sighting),
            duration: if dated { duration(title) } else { "Unknown".to_owned() },
            rating: title.labels.rating,
            score: Score::of(sighting.score),
            scored_by: sighting.score.map(|(_, votes)| votes),
            rank: sighting.rank,
            popularity: sighting.popularity,
            members: sighting.members,
            favorites: sighting.favorites,
            synopsis: format!("{}\n\n[Invented by jikan-sim: this title does not exist.]", title.premise),
            background: "",
            season: season.map(|quarter| quarter.name()),
            year: season.map(|quarter| quarter.year()),
            broadcast: dates::broadcast(sighting),
            producers: Link::to_companies(&title.producers),
            licensors: Link::to_companies(&title.licensors),
            studios: Link::to_companies(&title.studios),
            genres: Link::to_tags(&title.labels.genres),
            explicit_genres: Vec::new(),
            themes: Link::to_tags(&title.labels.themes),
            demographics: Link::to_tags(&title.labels.demographics),
        };
        match flaw {
            None => {}
            Some(Flaw::ScoreAsText) => row.score = Score::Text("N/A"),
            Some(Flaw::TitlesAsText) => row.titles = Titles::Texts(vec![&name.romaji, &name.japanese]),
            Some(Flaw::NegativeMembers) => row.members = -row.members,
        }
        row
    }
}

fn duration(title: &Title) -> String {
    let (hours, minutes) = (title.minutes / 60, title.minutes % 60);
    let length = match (hours, minutes) {
        (0, _) => format!("{minutes} min"),
        (_, 0) => format!("{hours} hr"),
        _ => format!("{hours} hr {minutes} min"),
    };
    if title.episodes > 1 { format!("{length} per ep") } else { length }
}
