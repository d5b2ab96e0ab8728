//! One row: the 36 keys of an anime resource in upstream's order.

use serde::Serialize;

use super::{
    HOST, dates,
    parts::{Entry, Images, Link, Trailer, slug, titles},
};
use crate::{
    snapshot::{Status, TitleState},
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
    titles: Vec<Entry<'w>>,
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
    score: Option<f64>,
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
    /// The title in this state.
    pub fn of(state: &TitleState<'w>) -> Self {
        let TitleState { title, status, dated, .. } = *state;
        let name = &title.name;
        // A season is stated for series only, and only once it is sure.
        let season = (title.kind == Kind::Tv && dates::precision(state) != dates::Precision::Year)
            .then_some(title.quarter);
        Self {
            mal_id: title.id,
            url: format!("{HOST}/anime/{}/{}", title.id, slug(&name.romaji)),
            images: Images::of(title.id),
            trailer: Trailer::default(),
            approved: true,
            titles: titles(title),
            title: &name.romaji,
            title_english: name.english.as_deref(),
            title_japanese: &name.japanese,
            title_synonyms: &name.synonyms,
            r#type: title.kind.label(),
            source: title.labels.source,
            episodes: dated.then_some(title.episodes),
            status: status.label(),
            airing: status == Status::Airing,
            aired: dates::aired(state),
            duration: if dated { duration(title) } else { "Unknown".to_owned() },
            rating: title.labels.rating,
            score: state.score.map(|(hundredths, _)| f64::from(hundredths) / 100.0),
            scored_by: state.score.map(|(_, votes)| votes),
            rank: state.rank,
            popularity: state.popularity,
            members: state.members,
            favorites: state.favorites,
            synopsis: format!("{}\n\n[Invented by jikan-sim: this title does not exist.]", title.premise),
            background: "",
            season: season.map(|quarter| quarter.name()),
            year: season.map(|quarter| quarter.year()),
            broadcast: dates::broadcast(state),
            producers: Link::to("producer", &title.producers),
            licensors: Link::to("producer", &title.licensors),
            studios: Link::to("producer", &title.studios),
            genres: Link::to("genre", &title.labels.genres),
            explicit_genres: Vec::new(),
            themes: Link::to("genre", &title.labels.themes),
            demographics: Link::to("genre", &title.labels.demographics),
        }
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
