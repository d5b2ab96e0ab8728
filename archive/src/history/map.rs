//! The map of a history: which column is what. Pure.

use std::{collections::BTreeMap, path::Path};

use kansoku_schemas::{Catalogue, PageMeta};
use serde::Deserialize;
use serde_json::Number;

use crate::instant::Form;

/// What a row can hold, in the order in which rows are written. The first two name a title, the others are observed.
const FIELDS: [&str; 8] =
    ["mal_id", "title", "score", "scored_by", "rank", "popularity", "members", "favorites"];

/// A map.
#[derive(Debug)]
pub(crate) struct Map {
    name: Option<String>,
    pub(crate) catalogue: Catalogue,
    /// What stands between two cells.
    pub(super) separator: u8,
    /// What stands for "not known", as an empty cell does.
    pub(super) unknown: Vec<String>,
    /// Where the instants are, and how they are written.
    pub(super) time: Place<String>,
    pub(super) form: Form,
    pub(super) fields: Vec<(&'static str, Place<String>)>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place<C> {
    Column(C),
    /// The same for all rows.
    Constant(String),
}

/// A map as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Option<String>,
    catalogue: Option<Catalogue>,
    separator: Option<char>,
    #[serde(default)]
    unknown: Vec<String>,
    columns: BTreeMap<String, Cell>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected the name of a column, or a table with column or value")]
enum Cell {
    Name(String),
    Table(Table),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Table {
    column: Option<String>,
    value: Option<toml::Value>,
    format: Option<String>,
    zone: Option<String>,
}

impl Map {
    /// Reads a map; in words what is wrong with it, with the line or the key.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let Written { name, catalogue, separator, unknown, mut columns } =
            toml::from_str(text).map_err(|error| {
                let before = error.span().map_or("", |span| &text[..span.start]);
                format!("line {}: {}", before.matches('\n').count() + 1, error.message())
            })?;
        let Some(time) = columns.remove("time") else {
            return Err("columns.time: is missing: no row without its instant".to_owned());
        };
        let (time, form) = time.read("time", true)?;
        let mut fields = Vec::new();
        for field in FIELDS {
            let cell = columns.remove(field).map(|cell| cell.read(field, false)).transpose()?;
            fields.extend(cell.map(|(place, _)| (field, place)));
        }
        if let Some(unknown) = columns.keys().next() {
            return Err(format!("columns.{unknown}: unknown key; known here: time, {}", FIELDS.join(", ")));
        }
        if fields.first().is_none_or(|(field, _)| *field != "mal_id") {
            return Err("columns.mal_id: is missing: no row without its title".to_owned());
        }
        if !fields.iter().any(|(field, _)| is_observed(field)) {
            return Err(format!(
                "columns: names none of {}: there is nothing to keep",
                FIELDS[2..].join(", ")
            ));
        }
        let separator = u8::try_from(separator.unwrap_or(','))
            .ok()
            .filter(|byte| byte.is_ascii() && !b"\"\r\n".contains(byte));
        let separator =
            separator.ok_or("separator: must be one ASCII character, such as \",\", \";\" or \"\\t\"")?;
        let catalogue = catalogue.unwrap_or(Catalogue::Mal);
        Ok(Self { name, catalogue, separator, unknown, time, form, fields })
    }

    /// The source of a file's rows. It travels as a header.
    pub(crate) fn source(&self, file: &Path) -> Result<String, String> {
        let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let name = self.name.as_deref().unwrap_or(stem);
        let source = format!("csv:{name}");
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            return Err(format!("{name:?} is no name for a history: give it one, name = …"));
        }
        let (length, most) = (source.len(), PageMeta::MOST_SOURCE);
        if length > most {
            Err(format!("csv:<name> has {length} bytes, and {most} are the most"))
        } else {
            Ok(source)
        }
    }
}

impl Cell {
    /// Where the values come from, and how they are written where they are instants.
    fn read(self, key: &str, is_time: bool) -> Result<(Place<String>, Form), String> {
        let wrong = |problem: String| format!("columns.{key}: {problem}");
        let Table { column, value, format, zone } = match self {
            Self::Name(column) => Table { column: Some(column), ..Table::default() },
            Self::Table(table) => table,
        };
        if !is_time && (format.is_some() || zone.is_some()) {
            return Err(wrong("only time has a format and a zone".to_owned()));
        }
        let form = Form::new(format.as_deref(), zone.as_deref()).map_err(wrong)?;
        let text = match (column, value) {
            (Some(column), None) => return Ok((Place::Column(column), form)),
            (None, Some(toml::Value::String(text))) => text,
            (None, Some(value)) => value.to_string(),
            _ => return Err(wrong("must have one of column and value".to_owned())),
        };
        match key {
            "time" if form.read(&text).is_none() => {
                Err(wrong(format!("{text:?} is no instant ({})", form.words())))
            }
            "time" | "title" => Ok((Place::Constant(text), form)),
            _ if is_number(&text) => Ok((Place::Constant(text), form)),
            _ => Err(wrong(format!("{text:?} is no number"))),
        }
    }
}

/// Whether a field is one of the numbers that are observed.
pub(super) fn is_observed(field: &str) -> bool {
    FIELDS[2..].contains(&field)
}

/// Whether a text is a number as JSON has them.
pub(super) fn is_number(text: &str) -> bool {
    serde_json::from_str::<Number>(text).is_ok()
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

    fn constant(text: &str) -> Place<String> {
        Place::Constant(text.to_owned())
    }

    fn column(name: &str) -> Place<String> {
        Place::Column(name.to_owned())
    }

    #[test]
    fn a_map_says_which_column_is_what() {
        let map = Map::parse(WHOLE).unwrap();
        assert_eq!((map.catalogue, map.separator, map.unknown.len()), (Catalogue::Sample, b';', 2));
        assert_eq!(map.source(Path::new("a.csv")).unwrap(), "csv:観測");
        assert_eq!(
            (map.time, map.form),
            (column("Date"), Form::new(Some("%d.%m.%Y"), Some("+09:00")).unwrap())
        );
        let title = constant("Toudai no Chizushi");
        let expected = [constant("900001"), title, column("Score"), column("Members"), constant("12")];
        let names = ["mal_id", "title", "score", "members", "favorites"];
        assert_eq!(map.fields, Vec::from_iter(names.into_iter().zip(expected)));
        let least = Map::parse("columns = { time = \"t\", mal_id = \"id\", rank = \"r\" }").unwrap();
        assert_eq!((least.catalogue, least.separator, &least.form), (Catalogue::Mal, b',', &Form::Rfc3339));
        assert_eq!(least.source(Path::new("b/a.csv")), Ok("csv:a".to_owned()));
        let day =
            "[columns]\ntime = { value = 2026-02-15T00:00:00Z }\nmal_id = \"id\"\nscore = { value = 7.5 }";
        assert_eq!(Map::parse(day).unwrap().time, constant("2026-02-15T00:00:00Z"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_or_key() {
        let with = |from: &str, to: &str| {
            assert!(WHOLE.contains(from), "{from}");
            WHOLE.replace(from, to)
        };
        for (text, words) in [
            (with("unknown =", "unknwon ="), "line 5: unknown field `unknwon`, expected one of `name`,"),
            (with("score =", "scor ="), "columns.scor: unknown key; known here: time, mal_id"),
            (
                with(", zone =", ", zon ="),
                "line 8: expected the name of a column, or a table with column or value",
            ),
            (
                with("\"+09:00\"", "\"Asia/Tokyo\""),
                "columns.time: zone: \"Asia/Tokyo\" is no offset from UTC",
            ),
            (with("%d.%m.%Y", "%d.%m."), "columns.time: \"%d.%m.\" holds no whole date"),
            (with(", zone = \"+09:00\"", ""), "columns.time: \"%d.%m.%Y\" holds no zone"),
            (with("column = \"Date\"", "value = \"now\""), "columns.time: \"now\" is no instant (%d.%m.%Y)"),
            (
                with("{ column = \"Members\" }", "{ column = \"a\", value = 1 }"),
                "columns.members: must have one of",
            ),
            (
                with("{ column = \"Members\" }", "{ column = \"a\", zone = \"Z\" }"),
                "columns.members: only time has",
            ),
            (with("\"Score\"", "7"), "line 10: expected the name of a column, or a table"),
            (with("\"12\"", "\"many\""), "columns.favorites: \"many\" is no number"),
            (with("\"12\"", "true"), "columns.favorites: \"true\" is no number"),
            (with("\"sample\"", "\"anidb\""), "line 3: "),
            (with("\";\"", "\"::\""), "line 4: invalid value: string \"::\", expected a character"),
            (with("\";\"", "\"é\""), "separator: must be one ASCII character"),
            (
                with("[\"N/A\", \"-\"]", "\"N/A\""),
                "line 5: invalid type: string \"N/A\", expected a sequence",
            ),
            (with("mal_id = { value = 900_001 }", ""), "columns.mal_id: is missing"),
            (with("time = {", "#"), "columns.time: is missing"),
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
            [("\\n".to_owned(), "is no name for a history"), ("x".repeat(252), "255 are the most")]
        {
            let error = Map::parse(&with("観測", &name)).unwrap().source(Path::new("a.csv")).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn the_example_shows_every_key() {
        let map = Map::parse(include_str!("../../history.example.toml")).unwrap();
        assert_eq!((map.fields.len(), map.name.as_deref(), map.unknown.len()), (8, Some("my-notes"), 2));
    }
}
