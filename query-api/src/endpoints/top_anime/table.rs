//! The ranking as CSV.

use std::borrow::Cow;

use super::{TopAnime, TopTitle};
use crate::csv::{Cell, Table, maybe, plain, text};

const COLUMNS: [&str; 21] = [
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
];

pub(super) fn write_csv(top: &TopAnime) -> csv::Result<String> {
    let mut table = Table::new(&COLUMNS)?;
    for title in &top.titles {
        table.line(cells(title))?;
    }
    table.finish()
}

fn cells(title: &TopTitle) -> [Cell<'_>; 21] {
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
        Cell::Plain(origin.captured_at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
        text(origin.source.as_str()),
        plain(origin.run),
        maybe(origin.page),
        plain(origin.epoch),
        plain(origin.seq),
    ]
}
