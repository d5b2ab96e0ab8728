//! From the cells of a line to a row as JSON.

use chrono::{DateTime, SecondsFormat, Utc};
use csv::ByteRecord;
use serde_json::{Value, json};

use super::{
    keys::MapError,
    map::{Field, Map, Mapped, Origin, is_number},
    time::{Form, NoInstant},
};

/// A map laid over the header of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    time: Cell,
    form: Form,
    fields: Vec<(Field, Cell)>,
    unknown: Vec<String>,
    columns: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Column(usize),
    Constant(String),
}

/// A line as a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row.
    pub json: String,
    /// Whether there is anything in it to keep, or to reject.
    pub says_something: bool,
}

/// Why a line is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoRow {
    /// It goes over several lines. A name seldom does, and a quote that nobody closed swallows all lines up to the next.
    SeveralLines,
    /// It has no instant that it could be kept at.
    Instant(NoInstant),
}

impl NoRow {
    /// Its name in the closing table.
    pub fn name(self) -> &'static str {
        match self {
            Self::SeveralLines => "one row over several lines",
            Self::Instant(why) => why.name(),
        }
    }
}

/// Whether a cell holds the end of a line.
pub fn is_spread(line: &ByteRecord) -> bool {
    line.iter().flatten().any(|byte| b"\r\n".contains(byte))
}

impl Layout {
    /// Lays a map over a header.
    pub fn bind(map: &Map, header: &ByteRecord) -> Result<Self, MapError> {
        let names: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        let cell = |mapped: &Mapped| find(mapped, &names);
        let fields = map.fields.iter().map(|(field, mapped)| Ok((*field, cell(mapped)?)));
        Ok(Self {
            time: cell(&map.time)?,
            form: map.form.clone(),
            fields: fields.collect::<Result<_, MapError>>()?,
            unknown: map.unknown.clone(),
            columns: names.len(),
        })
    }

    /// The instant of a line, which makes it a row.
    pub fn instant(&self, line: &ByteRecord, now: DateTime<Utc>) -> Result<DateTime<Utc>, NoRow> {
        if is_spread(line) {
            return Err(NoRow::SeveralLines);
        }
        let text = String::from_utf8_lossy(self.bytes(&self.time, line));
        self.form.instant(&text, now).map_err(NoRow::Instant)
    }

    /// What stands where a line's instant should be, and how instants are written, for a person.
    pub fn no_instant(&self, line: &ByteRecord) -> String {
        let text: String = String::from_utf8_lossy(self.bytes(&self.time, line)).chars().take(40).collect();
        format!("{text:?} ({})", self.form.words())
    }

    /// The row of a line. What is not a number stays the text that it is, for the validator to reject.
    pub fn row(&self, line: &ByteRecord, at: DateTime<Utc>) -> Row {
        let at = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let mut json = format!("{{\"captured_at\":\"{at}\"");
        let mut says_something = false;
        let mut push = |name: &str, value: &str| {
            json.push_str(",\"");
            json.push_str(name);
            json.push_str("\":");
            json.push_str(value);
        };
        for (field, cell) in &self.fields {
            let bytes = self.bytes(cell, line);
            let value = match std::str::from_utf8(bytes) {
                Ok(text) if text.is_empty() || self.unknown.iter().any(|unknown| unknown == text) => continue,
                Ok(text) if *field != Field::Title && is_number(text) => text.to_owned(),
                Ok(text) => Value::from(text).to_string(),
                // JSON has no place for them, and what is written in their stead must not pass for a title.
                Err(_) => json!({ "no_utf8": hex::encode(bytes) }).to_string(),
            };
            says_something |= field.is_observed();
            push(field.name(), &value);
        }
        if line.len() != self.columns {
            let cells: Vec<_> = line.iter().map(String::from_utf8_lossy).collect();
            push("cells", &json!(cells).to_string());
            says_something = true;
        }
        json.push('}');
        Row { json, says_something }
    }

    fn bytes<'a>(&'a self, cell: &'a Cell, line: &'a ByteRecord) -> &'a [u8] {
        match cell {
            Cell::Column(place) => line.get(*place).unwrap_or_default().trim_ascii(),
            Cell::Constant(text) => text.as_bytes(),
        }
    }
}

fn find(mapped: &Mapped, names: &[String]) -> Result<Cell, MapError> {
    let wrong = |problem| MapError { line: mapped.line, key: mapped.key.clone(), problem };
    let column = match &mapped.origin {
        Origin::Constant(text) => return Ok(Cell::Constant(text.clone())),
        Origin::Column(column) => column,
    };
    let mut places = (0..).zip(names).filter(|(_, name)| *name == column).map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(Cell::Column(place)),
        (None, _) => Err(wrong(format!("the file has no column {column:?}; it has {}", names.join(", ")))),
        (Some(_), Some(_)) => Err(wrong(format!("the file has two columns {column:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MAP: &str = "unknown = [\"N/A\"]\n[columns]\ntime = \"at\"\nmal_id = \"id\"\ntitle = \"name\"\n\
                       score = \"score\"\nmembers = \"members\"\nrank = { value = 5 }";

    fn layout(map: &str, header: &[&str]) -> Result<Layout, String> {
        let header = ByteRecord::from(header.to_vec());
        Layout::bind(&Map::parse(map).unwrap(), &header).map_err(|error| error.to_string())
    }

    fn at() -> DateTime<Utc> {
        "2026-02-15T00:09:43.5Z".parse().unwrap()
    }

    fn row(cells: &[&[u8]]) -> String {
        let layout = layout(MAP, &["at", "id", " name ", "score", "members", "other"]).unwrap();
        let row = layout.row(&ByteRecord::from(cells.to_vec()), at());
        row.json.strip_prefix("{\"captured_at\":\"2026-02-15T00:09:43.500Z\",").unwrap().to_owned()
    }

    #[test]
    fn numbers_stay_as_they_are_written_and_what_is_none_stays_text() {
        for (cells, json) in [
            (
                [&b"x"[..], b"5", b"A \"B\"", b"8.10", b"12", b""],
                r#""mal_id":5,"title":"A \"B\"","score":8.10,"rank":5,"members":12}"#,
            ),
            ([b"", b" 5 ", b"", b"N/A", b"", b"z"], r#""mal_id":5,"rank":5}"#),
            (
                [b"", b"five", b"7", b"8,1", b"1e400", b""],
                r#""mal_id":"five","title":"7","score":"8,1","rank":5,"members":"1e400"}"#,
            ),
            (
                [b"", b"", b"\xff\xfe", b"NaN", b"+5", b""],
                r#""title":{"no_utf8":"fffe"},"score":"NaN","rank":5,"members":"+5"}"#,
            ),
        ] {
            assert_eq!(row(&cells), json);
        }
    }

    #[test]
    fn a_line_of_another_length_keeps_all_its_cells() {
        let cells: [&[u8]; 4] = [b"x", b"5", b"A", b"8"];
        assert_eq!(row(&cells), r#""mal_id":5,"title":"A","score":8,"rank":5,"cells":["x","5","A","8"]}"#);
    }

    #[test]
    fn a_line_without_a_number_says_nothing() {
        let layout =
            layout(&MAP.replace("\nrank = { value = 5 }", ""), &["at", "id", "name", "score", "members"]);
        let layout = layout.unwrap();
        let says = |cells: &[&str]| layout.row(&ByteRecord::from(cells.to_vec()), at()).says_something;
        assert!(!says(&["", "5", "A", "", "N/A"]));
        assert!(says(&["", "5", "A", "0", ""]) && says(&["", "5", "A", "?", ""]));
        assert!(says(&["", "5", "A", ""]), "nobody knows what such a line says");
    }

    #[test]
    fn a_column_that_is_not_there_or_twice_is_named() {
        let error = layout(MAP, &["at", "id", "name", "score"]).unwrap_err();
        assert_eq!(
            error,
            "line 7: columns.members: the file has no column \"members\"; it has at, id, name, score"
        );
        let error = layout(MAP, &["at", "id", "name", "score", "at"]).unwrap_err();
        assert_eq!(error, "line 3: columns.time: the file has two columns \"at\"");
    }

    proptest! {
        #[test]
        fn every_line_is_a_row_of_json(cells in proptest::collection::vec(any::<Vec<u8>>(), 0..9)) {
            let layout = layout(MAP, &["at", "id", "name", "score", "members", "other"]).unwrap();
            let line = ByteRecord::from(cells.clone());
            let row: Value = serde_json::from_str(&layout.row(&line, at()).json).unwrap();
            prop_assert_eq!(row.get("cells").is_some(), cells.len() != 6);
        }
    }
}
