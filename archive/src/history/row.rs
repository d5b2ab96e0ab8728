//! From the cells of a line to a row as JSON. Pure.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use csv::ByteRecord;
use serde_json::{Value, json};

use super::map::{Map, Place, is_number, is_observed};
use crate::instant::{self, NoInstant};

/// A map laid over the header of a file.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    map: &'a Map,
    time: Place<usize>,
    fields: Vec<(&'static str, Place<usize>)>,
    columns: usize,
}

/// Whether a cell holds the end of a line. A name seldom does, and a quote that nobody closed swallows all lines up to the
/// next.
pub(super) fn is_spread(line: &ByteRecord) -> bool {
    line.iter().flatten().any(|byte| b"\r\n".contains(byte))
}

impl<'a> Layout<'a> {
    /// Lays a map over a header; in words what does not fit.
    pub(super) fn bind(map: &'a Map, header: &ByteRecord) -> Result<Self, String> {
        let names: Vec<_> = header.iter().map(|name| String::from_utf8_lossy(name.trim_ascii())).collect();
        let time = place("time", &map.time, &names)?;
        let fields = map.fields.iter().map(|(field, at)| Ok((*field, place(field, at, &names)?)));
        let fields = fields.collect::<Result<_, String>>()?;
        Ok(Self { map, time, fields, columns: names.len() })
    }

    /// The instant of a line, which makes it a row.
    pub(super) fn instant(&self, line: &ByteRecord, now: DateTime<Utc>) -> Result<DateTime<Utc>, NoInstant> {
        let at = self.map.form.read(&self.time.text(line)).ok_or(NoInstant::Unreadable)?;
        instant::check(at, now)
    }

    /// What stands where a line's instant should be, and how instants are written, for a person.
    pub(super) fn no_instant(&self, line: &ByteRecord) -> String {
        let text: String = self.time.text(line).chars().take(40).collect();
        format!("{text:?} ({})", self.map.form.words())
    }

    /// The row of a line, unless it holds no number at all. What is no number where one should be stays the text that it is,
    /// for the validator to reject.
    pub(super) fn row(&self, line: &ByteRecord, at: DateTime<Utc>) -> Option<String> {
        let mut json = format!("{{\"captured_at\":\"{}\"", at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
        // Nobody knows what a line of another length says.
        let mut says_something = line.len() != self.columns;
        for (field, place) in &self.fields {
            let bytes = place.bytes(line);
            let value = match std::str::from_utf8(bytes) {
                Ok(text) if text.is_empty() || self.map.unknown.iter().any(|unknown| unknown == text) => {
                    continue;
                }
                Ok(text) if *field != "title" && is_number(text) => text.to_owned(),
                Ok(text) => Value::from(text).to_string(),
                // JSON has no place for them, and what is written in their stead must not pass for a title.
                Err(_) => json!({ "no_utf8": hex::encode(bytes) }).to_string(),
            };
            json += &format!(",\"{field}\":{value}");
            says_something |= is_observed(field);
        }
        if line.len() != self.columns {
            let cells: Vec<_> = line.iter().map(String::from_utf8_lossy).collect();
            json += &format!(",\"cells\":{}", json!(cells));
        }
        says_something.then(|| json + "}")
    }
}

impl Place<usize> {
    fn bytes<'a>(&'a self, line: &'a ByteRecord) -> &'a [u8] {
        match self {
            Self::Column(place) => line.get(*place).unwrap_or_default().trim_ascii(),
            Self::Constant(text) => text.as_bytes(),
        }
    }

    fn text<'a>(&'a self, line: &'a ByteRecord) -> Cow<'a, str> {
        String::from_utf8_lossy(self.bytes(line))
    }
}

fn place(field: &str, place: &Place<String>, names: &[Cow<'_, str>]) -> Result<Place<usize>, String> {
    let column = match place {
        Place::Column(column) => column,
        Place::Constant(text) => return Ok(Place::Constant(text.clone())),
    };
    let mut places = (0..).zip(names).filter(|(_, name)| *name == column).map(|(place, _)| place);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(Place::Column(place)),
        (None, _) => {
            Err(format!("columns.{field}: the file has no column {column:?}; it has {}", names.join(", ")))
        }
        (Some(_), Some(_)) => Err(format!("columns.{field}: the file has two columns {column:?}")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MAP: &str = "unknown = [\"N/A\"]\n[columns]\ntime = \"at\"\nmal_id = \"id\"\ntitle = \"name\"\n\
                       score = \"score\"\nmembers = \"members\"\nrank = { value = 5 }";

    fn row_of<C: AsRef<[u8]>>(map: &str, header: &[&str], cells: &[C]) -> Option<String> {
        let map = Map::parse(map).unwrap();
        let layout = Layout::bind(&map, &ByteRecord::from(header.to_vec())).unwrap();
        layout.row(&cells.iter().collect(), "2026-02-15T00:09:43.5Z".parse().unwrap())
    }

    fn row(cells: &[&[u8]]) -> String {
        let row = row_of(MAP, &["at", "id", " name ", "score", "members", "other"], cells).unwrap();
        row.strip_prefix("{\"captured_at\":\"2026-02-15T00:09:43.500Z\",").unwrap().to_owned()
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
    fn a_line_without_a_number_is_no_row() {
        let map = MAP.replace("\nrank = { value = 5 }", "");
        let row = |cells: &[&str]| row_of(&map, &["at", "id", "name", "score", "members"], cells);
        assert_eq!(row(&["", "5", "A", "", "N/A"]), None);
        for cells in [&["", "5", "A", "0", ""][..], &["", "5", "A", "?", ""], &["", "5", "A", ""]] {
            assert!(row(cells).is_some(), "{cells:?}");
        }
    }

    #[test]
    fn a_column_that_is_not_there_or_twice_is_named() {
        let map = Map::parse(MAP).unwrap();
        let error = |header: &[&str]| Layout::bind(&map, &ByteRecord::from(header.to_vec())).unwrap_err();
        let words = "columns.members: the file has no column \"members\"; it has at, id, name, score";
        assert_eq!(error(&["at", "id", "name", "score"]), words);
        let twice = error(&["at", "id", "name", "score", "at"]);
        assert_eq!(twice, "columns.time: the file has two columns \"at\"");
    }

    proptest! {
        #[test]
        fn every_line_is_a_row_of_json(cells in proptest::collection::vec(any::<Vec<u8>>(), 0..9)) {
            let row = row_of(MAP, &["at", "id", "name", "score", "members", "other"], &cells).unwrap();
            let row: Value = serde_json::from_str(&row).unwrap();
            prop_assert_eq!(row.get("cells").is_some(), cells.len() != 6);
        }
    }
}
