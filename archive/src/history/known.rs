//! Which rows of an instant are there already. Pure.

use std::{borrow::Cow, collections::HashMap};

use serde::Deserialize;
use serde_json::value::RawValue;

/// The rows of one instant that RAW has, by the titles that they are about.
#[derive(Debug, Default)]
pub struct Known(HashMap<String, Vec<Version>>);

#[derive(Debug)]
struct Version {
    edition: u32,
    place: (u32, u32),
    row: String,
}

impl Known {
    /// RAW has this page of an edition; the first is 0.
    pub fn page(&mut self, edition: u32, page: u32, rows: impl IntoIterator<Item = String>) {
        for (index, row) in (0..).zip(rows) {
            let versions = self.0.entry(title(&row).into_owned()).or_default();
            versions.push(Version { edition, place: (page, index), row });
        }
    }

    /// Whether each of these rows, in the order of their file, still has to come. All rows of a title are there, or all
    /// come again: its first row has to count, as the first of one page does, and the last edition that has the title
    /// counts.
    pub fn missing<'a>(&self, rows: &[&'a str]) -> Vec<bool> {
        let mut titles: HashMap<Cow<'a, str>, Vec<&str>> = HashMap::new();
        for row in rows {
            titles.entry(title(row)).or_default().push(row);
        }
        let is_there = |title: &str, rows: &[&str]| {
            let Some(versions) = self.0.get(title) else { return false };
            let counts = versions.iter().min_by_key(|version| (u32::MAX - version.edition, version.place));
            counts.is_some_and(|counts| rows.first() == Some(&counts.row.as_str()))
                && rows.iter().all(|row| versions.iter().any(|version| version.row == *row))
        };
        let there = |(title, rows): (Cow<'a, str>, Vec<&str>)| {
            let is_there = is_there(&title, &rows);
            (title, is_there)
        };
        let there: HashMap<Cow<'a, str>, bool> = titles.into_iter().map(there).collect();
        rows.iter().map(|row| !there[&title(row)]).collect()
    }
}

/// The rows of a page's body, as they are written.
pub fn rows_of(body: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Page<'a> {
        #[serde(borrow)]
        data: Vec<&'a RawValue>,
    }
    let page: Option<Page<'_>> = serde_json::from_slice(body).ok();
    page.into_iter().flat_map(|page| page.data).map(|row| row.get().to_owned()).collect()
}

/// The title that a row is about: its number, for the tables, however it is written. A row without one is about itself.
fn title(row: &str) -> Cow<'_, str> {
    #[derive(Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        mal_id: &'a RawValue,
    }
    let Ok(Row { mal_id }) = serde_json::from_str(row) else { return Cow::Borrowed(row) };
    let number = mal_id.get().parse::<f64>().ok().filter(|number| number.is_finite());
    number.map_or(Cow::Borrowed(mal_id.get()), |number| Cow::Owned(number.to_string()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn row((id, score): &(u8, u8)) -> String {
        format!("{{\"mal_id\":{id},\"score\":{score}}}")
    }

    fn missing(known: &Known, rows: &[&str]) -> Vec<String> {
        let wanted = known.missing(rows);
        rows.iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(row, _)| (*row).to_owned()).collect()
    }

    #[test]
    fn a_row_without_a_title_is_known_by_itself() {
        let mut known = Known::default();
        known.page(0, 1, rows_of(br#"{"data":[ {"score":5}, {"mal_id":1, "score":"?"} ]}"#));
        let rows = [r#"{"score":5}"#, r#"{"score":6}"#, r#"{"mal_id":1, "score":"?"}"#];
        assert_eq!(known.missing(&rows), [false, true, false]);
        assert!(rows_of(b"{\"data\":7}").is_empty() && rows_of(b"<html>").is_empty());
    }

    #[test]
    fn a_title_is_the_same_however_its_number_is_written() {
        let row = |id: &str, score: u8| format!("{{\"mal_id\":{id},\"score\":{score}}}");
        for (one, other) in [("5", "5.0"), ("10", "1e1"), ("1.5E+1", "15")] {
            let mut known = Known::default();
            known.page(0, 1, [row(one, 7)]);
            known.page(1, 1, [row(other, 8)]);
            assert_eq!(known.missing(&[&row(one, 7)]), [true], "{other} took the place of {one}");
            assert_eq!(known.missing(&[&row(other, 8)]), [false], "{other} is there");
            known.page(2, 1, [row(one, 7)]);
            assert_eq!(known.missing(&[&row(one, 7)]), [false], "{one} is there");
        }
        assert_ne!(title(&row("5.5", 1)), title(&row("5", 1)));
    }

    proptest! {
        /// As the tables choose: the last edition of a title, and in it the first row.
        #[test]
        fn whatever_was_imported_before_the_file_counts_and_a_second_import_brings_nothing(
            files in proptest::collection::vec(proptest::collection::vec((0_u8..6, 0_u8..3), 1..9), 1..6),
        ) {
            let (mut known, mut counts) = (Known::default(), BTreeMap::new());
            for (edition, file) in (0..).zip(&files) {
                let rows: Vec<String> = file.iter().map(row).collect();
                let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
                let wanted = missing(&known, &rows);
                for row in wanted.iter().rev() {
                    counts.insert(title(row).into_owned(), row.clone());
                }
                let is_known = |row: &&str| {
                    let mut versions = known.0.get(&*title(row)).into_iter().flatten();
                    versions.any(|version| version.row == **row) || wanted.iter().any(|wanted| wanted == row)
                };
                let all = rows.iter().all(is_known);
                prop_assert!(all, "no row is left behind");
                known.page(edition, 1, wanted);
                for row in rows.iter().rev() {
                    let first = rows.iter().find(|other| title(other) == title(row));
                    prop_assert_eq!(counts.get(&*title(row)).map(String::as_str), first.copied());
                }
                prop_assert!(missing(&known, &rows).is_empty());
            }
        }
    }
}
