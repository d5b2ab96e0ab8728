//! The ranking as CSV.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{TopAnime, TopTitle};
use crate::csv::{Cell, Table, maybe, plain, text};

pub(super) const COLUMNS: [&str; 23] = [
    "place",
    "previous_place",
    "move",
    "mal_id",
    "title",
    "title_english",
    "title_japanese",
    "type",
    "season",
    "year",
    "studios",
    "score",
    "score_change",
    "scored_by",
    "members",
    "captured_at",
    "source",
    "run",
    "page",
    "epoch",
    "seq",
    "edited",
    "previous_captured_at",
];

pub(super) fn write_csv(top: &TopAnime) -> csv::Result<String> {
    let mut table = Table::new(&COLUMNS)?;
    let previous = top.previous.as_ref().map(|run| instant(run.captured_at));
    for title in &top.titles {
        table.line(cells(title).into_iter().chain([maybe(previous.as_ref())]))?;
    }
    table.finish()
}

fn cells(title: &TopTitle) -> [Cell<'_>; 22] {
    let origin = &title.origin;
    [
        plain(title.place),
        maybe(title.previous_place),
        maybe(title.moved),
        plain(title.mal_id),
        text(title.title.as_str()),
        text(title.title_english.as_deref()),
        text(title.title_japanese.as_deref()),
        text(title.kind.as_deref()),
        text(title.season.map(|season| season.name())),
        maybe(title.year),
        Cell::Text(Cow::Owned(title.studios.join("; "))),
        maybe(title.score),
        maybe(title.score_change),
        maybe(title.scored_by),
        maybe(title.members),
        Cell::Plain(instant(origin.captured_at)),
        text(origin.source.as_str()),
        plain(origin.run),
        maybe(origin.page),
        plain(origin.epoch),
        plain(origin.seq),
        plain(origin.edited),
    ]
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
