//! Whether the tables can hold a page and its rows. A row is decided on alone: its fate depends on no other and on no batch.
//!
//! The limits are those of the columns in `migrations/`; a property test holds them against a real server.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use kansoku_schemas::{Anime, GenreRow, HistoryRow, Page, Rows, SnapshotRow};

use crate::numbers::{Numbers, Observed};

/// Why the tables cannot hold a row, or a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer} cannot be stored: {why}")]
pub struct Unstorable {
    /// The field, as a JSON pointer.
    pub pointer: String,
    /// What is wrong with it.
    pub why: &'static str,
}

/// Unstorable rows: the page in the batch, and the place in its contract.
pub type Refused = BTreeMap<(usize, usize), Unstorable>;

const NUL: &str = "the text holds the character NUL";
const RANGE: &str = "the number is out of range";
const DATE: &str = "the year is not between 1 and 9999";

type Checked = Result<(), Unstorable>;

/// The rows of these pages that the tables cannot hold.
pub fn refused(pages: &[Page]) -> Refused {
    let mut found = Refused::new();
    for (number, page) in pages.iter().enumerate() {
        let mut note = |place: usize, checked: Checked| {
            if let Err(why) = checked {
                found.insert((number, place), why);
            }
        };
        match &page.body.rows {
            Rows::Anime(rows) => {
                rows.iter().enumerate().for_each(|(place, row)| note(place, snapshot_row(row)));
            }
            Rows::History(rows) => {
                rows.iter().enumerate().for_each(|(place, row)| note(place, history_row(row)));
            }
            Rows::Genres(rows) => rows.iter().enumerate().for_each(|(place, row)| {
                note(place, genre_row(row, page.position(row.index)));
            }),
        }
    }
    found
}

/// Whether the table `page` can hold what is known of a page.
pub(crate) fn page(page: &Page) -> Checked {
    let Page { meta, raw, judge, body, .. } = page;
    date("captured_at", Some(meta.captured_at.date_naive()))?;
    if let Some((what, ..)) = meta.too_long() {
        check(false, what, "the text is too long")?;
    }
    let texts = [("source", Some(&meta.source)), ("url", meta.url.as_ref()), ("judge", Some(judge))];
    for (pointer, optional) in texts.into_iter().chain([("trace_id", body.trace_id.as_ref())]) {
        text(pointer, optional.map_or("", String::as_str))?;
    }
    let warnings = body
        .warnings
        .iter()
        .flat_map(|warning| [&warning.code, &warning.field].into_iter().chain(&warning.value));
    check(!has_nul(warnings), "warnings", NUL)?;
    check(!has_nul(body.counts.drift.keys()), "accounts/drift", NUL)?;
    let (counts, row) = (&body.counts, page.replayed_row().unwrap_or_default());
    for (pointer, number) in [
        ("page", meta.page),
        ("limit", body.limit),
        ("accounts/received", counts.received),
        ("accounts/accepted", counts.accepted),
        ("accounts/dead", counts.dead),
        ("replay/row", row),
    ] {
        int(pointer, 0, Some(number.into()))?;
    }
    check([raw.epoch, raw.seq].into_iter().all(|number| i64::try_from(number).is_ok()), "raw", RANGE)
}

fn check(fits: bool, pointer: &str, why: &'static str) -> Checked {
    if fits { Ok(()) } else { Err(Unstorable { pointer: format!("/{pointer}"), why }) }
}

/// Of a list every item has to fit.
fn each<T>(list: &[T], fits: impl Fn(&T) -> bool, pointer: (&str, &str), why: &'static str) -> Checked {
    let misfit = list.iter().position(|item| !fits(item));
    misfit.map_or(Ok(()), |place| check(false, &format!("{}/{place}{}", pointer.0, pointer.1), why))
}

fn text(pointer: &str, text: &str) -> Checked {
    check(!text.contains('\0'), pointer, NUL)
}

/// Whether a text holds the one character that Postgres cannot store.
pub(crate) fn has_nul<'a>(mut texts: impl Iterator<Item = &'a String>) -> bool {
    texts.any(|text| text.contains('\0'))
}

/// An instant as the tables keep it: in microseconds, a leap second as the first one of the next minute.
pub(crate) fn in_micros(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(instant.timestamp_micros()).unwrap_or(instant)
}

/// A number that becomes an `int` of at least `least`.
fn int(pointer: &str, least: i64, number: Option<i64>) -> Checked {
    check(number.is_none_or(|number| (least..=i64::from(i32::MAX)).contains(&number)), pointer, RANGE)
}

fn date(pointer: &str, date: Option<NaiveDate>) -> Checked {
    check(date.is_none_or(|date| (1..=9999).contains(&date.year())), pointer, DATE)
}

fn snapshot_row(row: &SnapshotRow) -> Checked {
    int("position", 0, Some(row.position.into()))?;
    numbers(row.mal_id(), &row.numbers())?;
    facts(&row.anime)
}

fn history_row(row: &HistoryRow) -> Checked {
    int("position", 0, Some(row.position.into()))?;
    numbers(row.mal_id(), &row.numbers())?;
    text("title", row.title.as_deref().unwrap_or_default())
}

fn genre_row(row: &GenreRow, position: u64) -> Checked {
    check(position <= i32::MAX as u64, "position", RANGE)?;
    int("mal_id", 1, Some(row.mal_id.into()))?;
    int("count", 0, Some(row.count))?;
    text("name", &row.name)?;
    text("url", &row.url)
}

fn numbers(mal_id: i32, numbers: &Numbers) -> Checked {
    int("mal_id", 1, Some(mal_id.into()))?;
    // Stored with two decimals, and 0.00 is no score.
    check(numbers.score.is_none_or(|score| (0.005..=10.0).contains(&score)), "score", RANGE)?;
    int("scored_by", 0, numbers.scored_by)?;
    int("rank", 1, numbers.rank.map(i64::from))?;
    int("popularity", 1, numbers.popularity.map(i64::from))?;
    int("members", 0, numbers.members)?;
    int("favorites", 0, numbers.favorites)
}

fn facts(anime: &Anime) -> Checked {
    text("title", &anime.title)?;
    text("url", &anime.url)?;
    for (pointer, optional) in [
        ("title_english", &anime.title_english),
        ("title_japanese", &anime.title_japanese),
        ("type", &anime.kind),
        ("source", &anime.source),
        ("status", &anime.status),
        ("duration", &anime.duration),
        ("rating", &anime.rating),
        ("broadcast", &anime.broadcast),
        ("image", &anime.image),
    ] {
        text(pointer, optional.as_deref().unwrap_or_default())?;
    }
    each(&anime.synonyms, |synonym| !synonym.contains('\0'), ("synonyms", ""), NUL)?;
    let season = anime.season.as_deref();
    check(
        season.is_none_or(|season| ["winter", "spring", "summer", "fall"].contains(&season)),
        "season",
        "it is no season",
    )?;
    date("aired_from", anime.aired_from)?;
    date("aired_to", anime.aired_to)?;
    for (kind, tags) in [
        ("genres", &anime.genres),
        ("explicit_genres", &anime.explicit_genres),
        ("themes", &anime.themes),
        ("demographics", &anime.demographics),
        ("studios", &anime.studios),
    ] {
        each(tags, |tag| tag.mal_id > 0, (kind, "/mal_id"), RANGE)?;
        each(tags, |tag| !tag.name.contains('\0'), (kind, "/name"), NUL)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(change: impl Fn(&mut SnapshotRow)) -> Option<String> {
        let anime = Anime { mal_id: 1, title: "t".to_owned(), members: 1, ..Anime::default() };
        let mut row = SnapshotRow { index: 0, position: 0, anime };
        change(&mut row);
        snapshot_row(&row).err().map(|error| error.to_string())
    }

    #[test]
    fn names_the_field_that_cannot_be_stored() {
        assert_eq!(refusal(|_| ()), None);
        let nul = refusal(|row| row.anime.title = "a\0b".to_owned());
        assert_eq!(nul.unwrap(), "/title cannot be stored: the text holds the character NUL");
        let tiny = refusal(|row| row.anime.score = Some(0.001));
        assert_eq!(tiny.unwrap(), "/score cannot be stored: the number is out of range");
        let far = refusal(|row| row.position = u32::MAX);
        assert_eq!(far.unwrap(), "/position cannot be stored: the number is out of range");
        let tag = kansoku_schemas::Named { mal_id: 0, name: String::new() };
        let tag = refusal(|row| row.anime.studios = vec![tag.clone()]);
        assert_eq!(tag.unwrap(), "/studios/0/mal_id cannot be stored: the number is out of range");
    }

    #[test]
    fn takes_the_numbers_at_the_edges() {
        for score in [0.005, 10.0] {
            assert_eq!(refusal(|row| row.anime.score = Some(score)), None, "{score}");
        }
        for score in [f64::NAN, 0.0, 0.0049, 10.01, -1.0] {
            assert!(refusal(|row| row.anime.score = Some(score)).is_some(), "{score}");
        }
        assert_eq!(refusal(|row| row.anime.members = i64::from(i32::MAX)), None);
        assert!(refusal(|row| row.anime.members = i64::from(i32::MAX) + 1).is_some());
    }
}
