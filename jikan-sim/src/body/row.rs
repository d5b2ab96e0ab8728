//! One row: the 36 keys of an anime resource.

use chrono::{Datelike, NaiveDate};
use serde_json::{Value, json};

use super::HOST;
use crate::{
    labels::Label,
    snapshot::{Status, TitleState},
    world::{Kind, Title},
};

/// A title in this state, as upstream describes it. Nobody has filmed anything, so the trailer is null.
pub(super) fn row(state: &TitleState) -> Value {
    let TitleState { title, status, dated, .. } = *state;
    let name = &title.name;
    // A season is stated for series only, and only once it is sure.
    let season = (title.kind == Kind::Tv && precision(state) != Precision::Year).then_some(title.quarter);
    json!({
        "mal_id": title.id,
        "url": format!("{HOST}/anime/{}/{}", title.id, slug(&name.romaji)),
        "images": { "jpg": images(title.id, "jpg"), "webp": images(title.id, "webp") },
        "trailer": {
            "youtube_id": null, "url": null, "embed_url": null,
            "images": { "image_url": null, "small_image_url": null, "medium_image_url": null,
                        "large_image_url": null, "maximum_image_url": null },
        },
        "approved": true,
        "titles": titles(title),
        "title": name.romaji,
        "title_english": name.english,
        "title_japanese": name.japanese,
        "title_synonyms": name.synonyms,
        "type": title.kind.label(),
        "source": title.labels.source,
        "episodes": dated.then_some(title.episodes),
        "status": status.label(),
        "airing": status == Status::Airing,
        "aired": aired(state),
        "duration": if dated { duration(title) } else { "Unknown".to_owned() },
        "rating": title.labels.rating,
        "score": state.score.map(|(hundredths, _)| f64::from(hundredths) / 100.0),
        "scored_by": state.score.map(|(_, votes)| votes),
        "rank": state.rank,
        "popularity": state.popularity,
        "members": state.members,
        "favorites": state.favorites,
        "synopsis": format!("{}\n\n[Invented by jikan-sim: this title does not exist.]", title.premise),
        "background": "",
        "season": season.map(|quarter| quarter.name()),
        "year": season.map(|quarter| quarter.year()),
        "broadcast": broadcast(state),
        "producers": links("producer", &title.producers),
        "licensors": links("producer", &title.licensors),
        "studios": links("producer", &title.studios),
        "genres": links("genre", &title.labels.genres),
        "explicit_genres": [],
        "themes": links("genre", &title.labels.themes),
        "demographics": links("genre", &title.labels.demographics),
    })
}

/// A row of `/genres/anime`.
pub(super) fn genre(tag: &Label, count: usize) -> Value {
    json!({ "mal_id": tag.id, "name": tag.name, "url": label_url("genre", tag), "count": count })
}

fn images(id: i32, end: &str) -> Value {
    let image = |size: &str| format!("{HOST}/images/anime/{}/{id}{size}.{end}", id % 1_000);
    json!({ "image_url": image(""), "small_image_url": image("t"), "large_image_url": image("l") })
}

fn titles(title: &Title) -> Vec<Value> {
    let name = &title.name;
    let entry = |kind: &str, title: &String| json!({ "type": kind, "title": title });
    let mut entries = vec![entry("Default", &name.romaji)];
    entries.extend(name.synonyms.iter().map(|synonym| entry("Synonym", synonym)));
    entries.push(entry("Japanese", &name.japanese));
    entries.extend(name.english.iter().map(|english| entry("English", english)));
    entries
}

/// Labels of a kind, `producer` or `genre`, as a row names them.
fn links(kind: &str, labels: &[&Label]) -> Vec<Value> {
    let link = |label: &&Label| json!({ "mal_id": label.id, "type": "anime", "name": label.name, "url": label_url(kind, label) });
    labels.iter().map(link).collect()
}

fn label_url(kind: &str, label: &Label) -> String {
    format!("{HOST}/anime/{kind}/{}/{}", label.id, slug(&label.name))
}

/// A name as it stands in a path.
fn slug(name: &str) -> String {
    let kept = name.chars().filter(|letter| letter.is_ascii_alphanumeric() || " -".contains(*letter));
    kept.map(|letter| if letter == ' ' { '_' } else { letter }).collect()
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

/// How exactly a first day is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Precision {
    Year,
    Month,
    Day,
}

/// A title that is not dated is known by its month, and by its year when it takes long to settle.
fn precision(state: &TitleState) -> Precision {
    let title = state.title;
    let days_ahead = (title.premiere - title.dated).num_days();
    if state.dated {
        Precision::Day
    } else if days_ahead > 70 && title.story.season == 1 {
        Precision::Year
    } else {
        Precision::Month
    }
}

fn aired(state: &TitleState) -> Value {
    let title = state.title;
    let first = title.first_day;
    let (from, begin) = match precision(state) {
        Precision::Day => (Some(first), first.format("%b %-d, %Y")),
        Precision::Month => (first.with_day(1), first.format("%b %Y")),
        Precision::Year => (first.with_ordinal(1), first.format("%Y")),
    };
    let one_day = title.episodes == 1;
    let to = (state.status == Status::Finished && !one_day).then_some(title.last_day);
    let string = match to {
        Some(to) => format!("{begin} to {}", to.format("%b %-d, %Y")),
        None if one_day && state.dated => begin.to_string(),
        None => format!("{begin} to ?"),
    };
    // Upstream writes a Tokyo day as midnight in UTC.
    let midnight = |day: NaiveDate| format!("{day}T00:00:00+00:00");
    let parts = |day: Option<NaiveDate>| json!({ "day": day.map(|day| day.day()), "month": day.map(|day| day.month()), "year": day.map(|day| day.year()) });
    json!({
        "from": from.map(midnight),
        "to": to.map(midnight),
        "prop": { "from": parts(from), "to": parts(to) },
        "string": string,
    })
}

fn broadcast(state: &TitleState) -> Value {
    let Some(slot) = state.title.slot.filter(|_| state.dated) else {
        let string = state.title.slot.map(|_| "Unknown");
        return json!({ "day": null, "time": null, "timezone": null, "string": string });
    };
    let day = state.title.first_day.format("%As").to_string();
    let time = slot.format("%H:%M").to_string();
    json!({ "day": day, "time": time, "timezone": "Asia/Tokyo", "string": format!("{day} at {time} (JST)") })
}
