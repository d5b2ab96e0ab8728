//! The map of a history: which column is what.

use std::path::Path;

use kansoku_schemas::{Catalogue, PageMeta};
use serde::Deserialize;
use serde_json::Number;

use crate::instant::Form;

/// A map, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Map {
    name: Option<String>,
    #[serde(default = "mal")]
    pub(crate) catalogue: Catalogue,
    #[serde(default = "comma")]
    separator: char,
    /// What stands for "not known", as an empty cell does.
    #[serde(default)]
    pub(crate) unknown: Vec<String>,
    pub(crate) columns: Columns,
}

/// Where the instants and the fields of a row come from; fields in the order in which rows are written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Columns {
    pub(crate) time: Time,
    mal_id: Cell,
    title: Option<Cell>,
    score: Option<Cell>,
    scored_by: Option<Cell>,
    rank: Option<Cell>,
    popularity: Option<Cell>,
    members: Option<Cell>,
    favorites: Option<Cell>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "expected the name of a column, { column = … } or { value = … }")]
pub(crate) enum Cell {
    Name(String),
    Column(Column),
    Constant(Constant),
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    pub(crate) column: String,
}

/// The same for all rows.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Constant {
    value: toml::Value,
}

/// Where the instants are, and how they are written.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenTime")]
pub(crate) struct Time {
    pub(crate) cell: Cell,
    pub(crate) form: Form,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected the name of a column, or a table with column or value, format and zone"
)]
enum WrittenTime {
    Name(String),
    Table(TimeTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeTable {
    column: Option<String>,
    value: Option<toml::Value>,
    format: Option<String>,
    zone: Option<String>,
}

impl TryFrom<WrittenTime> for Time {
    type Error = String;

    fn try_from(written: WrittenTime) -> Result<Self, String> {
        let TimeTable { column, value, format, zone } = match written {
            WrittenTime::Name(column) => return Ok(Self { cell: Cell::Name(column), form: Form::Rfc3339 }),
            WrittenTime::Table(table) => table,
        };
        let form = Form::new(format.as_deref(), zone.as_deref())?;
        let cell = match (column, value) {
            (Some(column), None) => Cell::Name(column),
            (None, Some(value)) => Cell::Constant(Constant { value }),
            _ => return Err("must have one of column and value".to_owned()),
        };
        match cell.constant().filter(|text| form.read(text).is_none()) {
            Some(text) => Err(format!("{text:?} is no instant ({})", form.words())),
            None => Ok(Self { cell, form }),
        }
    }
}

impl Cell {
    /// The value that all rows have.
    pub(crate) fn constant(&self) -> Option<String> {
        match self {
            Self::Constant(Constant { value: toml::Value::String(text) }) => Some(text.clone()),
            Self::Constant(Constant { value }) => Some(value.to_string()),
            Self::Name(_) | Self::Column(_) => None,
        }
    }
}

impl Columns {
    /// The fields that the file has, by their names in a row; of each, whether it is one of the numbers that are observed.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, &Cell, bool)> {
        let fields = [
            ("mal_id", Some(&self.mal_id), false),
            ("title", self.title.as_ref(), false),
            ("score", self.score.as_ref(), true),
            ("scored_by", self.scored_by.as_ref(), true),
            ("rank", self.rank.as_ref(), true),
            ("popularity", self.popularity.as_ref(), true),
            ("members", self.members.as_ref(), true),
            ("favorites", self.favorites.as_ref(), true),
        ];
        fields.into_iter().filter_map(|(name, cell, is_observed)| Some((name, cell?, is_observed)))
    }
}

impl Map {
    /// Reads a map; in words what is wrong with it, and in which line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let map: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            format!("line {}: {}", before.matches('\n').count() + 1, error.message())
        })?;
        if !map.columns.fields().any(|(.., is_observed)| is_observed) {
            return Err(
                "columns: names none of score, scored_by, rank, popularity, members, favorites: there is nothing to keep"
                    .to_owned(),
            );
        }
        for (name, cell, _) in map.columns.fields().filter(|(name, ..)| *name != "title") {
            if let Some(text) = cell.constant().filter(|text| !is_number(text)) {
                return Err(format!("columns.{name}: {text:?} is no number"));
            }
        }
        if !map.separator.is_ascii() || "\"\r\n".contains(map.separator) {
            return Err("separator: must be one ASCII character, such as \",\", \";\" or \"\\t\"".to_owned());
        }
        Ok(map)
    }

    /// The source of a file's rows. It travels as a header.
    pub(crate) fn source(&self, file: &Path) -> Result<String, String> {
        let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let name = self.name.as_deref().unwrap_or(stem);
        let source = format!("csv:{name}");
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            return Err(format!("{name:?} is no name for a history: give it one, name = …"));
        }
        if source.len() > PageMeta::MOST_SOURCE {
            return Err(format!(
                "name has {} bytes, and {} are the most",
                name.len(),
                PageMeta::MOST_SOURCE - 4
            ));
        }
        Ok(source)
    }

    pub(crate) fn separator(&self) -> u8 {
        u8::try_from(self.separator).unwrap_or(b',')
    }
}

/// Whether a text is a number as JSON has them.
pub(crate) fn is_number(text: &str) -> bool {
    serde_json::from_str::<Number>(text).is_ok()
}

fn mal() -> Catalogue {
    Catalogue::Mal
}

fn comma() -> char {
    ','
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"
name = "観測"
catalogue = "sample"
separator = ";"
unknown = ["N/A", "-"]

[columns]
time = { column = "Date", format = "%d.%m.%Y", zone = "+09:00" }
mal_id = { value = 900_001 }
score = "Score"
members = { column = "Members" }
favorites = { value = "12" }
title = { value = "Toudai no Chizushi" }
"#;

    #[test]
    fn a_map_says_which_column_is_what() {
        let map = Map::parse(WHOLE).unwrap();
        assert_eq!((map.catalogue, map.separator(), map.unknown.len()), (Catalogue::Sample, b';', 2));
        assert_eq!(map.source(Path::new("a.csv")).unwrap(), "csv:観測");
        assert_eq!(map.columns.time.form, Form::new(Some("%d.%m.%Y"), Some("+09:00")).unwrap());
        let fields: Vec<_> = map.columns.fields().map(|(name, cell, _)| (name, cell.constant())).collect();
        let constant = |text: &str| Some(text.to_owned());
        assert_eq!(
            fields,
            [
                ("mal_id", constant("900001")),
                ("title", constant("Toudai no Chizushi")),
                ("score", None),
                ("members", None),
                ("favorites", constant("12")),
            ]
        );
        let least = Map::parse("columns = { time = \"t\", mal_id = \"id\", rank = \"r\" }").unwrap();
        assert_eq!((least.catalogue, least.separator()), (Catalogue::Mal, b','));
        assert_eq!(
            (least.columns.time.form.clone(), least.source(Path::new("b/a.csv"))),
            (Form::Rfc3339, Ok("csv:a".to_owned()))
        );
        let day =
            "[columns]\ntime = { value = 2026-02-15T00:00:00Z }\nmal_id = \"id\"\nscore = { value = 7.5 }";
        let day = Map::parse(day).unwrap();
        assert_eq!(day.columns.time.cell.constant(), constant("2026-02-15T00:00:00Z"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_or_key() {
        let with = |from: &str, to: &str| {
            assert!(WHOLE.contains(from), "{from}");
            WHOLE.replace(from, to)
        };
        for (text, words) in [
            (
                with("unknown =", "unknwon ="),
                "line 5: unknown field `unknwon`, expected one of `name`, `catalogue`",
            ),
            (with("score =", "scor ="), "line 10: unknown field `scor`, expected one of `time`, `mal_id`"),
            (
                with(", zone =", ", zon ="),
                "line 8: expected the name of a column, or a table with column or value",
            ),
            (with("\"+09:00\"", "\"Asia/Tokyo\""), "line 8: zone: \"Asia/Tokyo\" is no offset from UTC"),
            (with("%d.%m.%Y", "%d.%m."), "line 8: \"%d.%m.\" holds no whole date"),
            (with(", zone = \"+09:00\"", ""), "line 8: \"%d.%m.%Y\" holds no zone"),
            (with("column = \"Date\"", "value = \"now\""), "line 8: \"now\" is no instant (%d.%m.%Y)"),
            (
                with("{ column = \"Members\" }", "{ column = \"a\", value = 1 }"),
                "line 11: expected the name of",
            ),
            (with("\"Score\"", "7"), "line 10: expected the name of a column, { column"),
            (with("{ value = \"12\" }", "{ value = \"many\" }"), "columns.favorites: \"many\" is no number"),
            (with("{ value = \"12\" }", "{ value = true }"), "columns.favorites: \"true\" is no number"),
            (with("\"sample\"", "\"anidb\""), "line 3: "),
            (with("\";\"", "\"::\""), "line 4: invalid value: string \"::\", expected a character"),
            (with("\";\"", "\"é\""), "separator: must be one ASCII character"),
            (
                with("[\"N/A\", \"-\"]", "\"N/A\""),
                "line 5: invalid type: string \"N/A\", expected a sequence",
            ),
            (with("mal_id = { value = 900_001 }", ""), "line 7: missing field `mal_id`"),
            ("name = \"a\"\n\n".to_owned(), "line 1: missing field `columns`"),
            (
                "[columns]\ntime = \"t\"\nmal_id = \"i\"\ntitle = \"n\"".to_owned(),
                "columns: names none of score",
            ),
            ("name = \"a\"\nname = \"b\"".to_owned(), "line 2: duplicate key"),
        ] {
            let error = Map::parse(&text).unwrap_err();
            assert!(error.starts_with(words), "{words:?} is not {error:?}");
        }
        for (name, words) in
            [("\\n".to_owned(), "is no name for a history"), ("x".repeat(252), "251 are the most")]
        {
            let error = Map::parse(&with("観測", &name)).unwrap().source(Path::new("a.csv")).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn the_example_shows_every_key() {
        let map = Map::parse(include_str!("../../history.example.toml")).unwrap();
        assert_eq!(
            (map.columns.fields().count(), map.name.as_deref(), map.unknown.len()),
            (8, Some("my-notes"), 2)
        );
    }
}
