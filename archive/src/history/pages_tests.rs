use std::io::Write;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::{
    history::{Map, editions::History},
    import::Recorded,
};
use kansoku_schemas::{Catalogue, Dataset, RunId};

const MAP: &str = "separator = \";\"\n[columns]\ntime = { column = \"at\", format = \"unix\" }\nmal_id = \"id\"\n\
                   score = \"score\"\ntitle = \"name\"";
/// 2026-02-15.
const FIRST: i64 = 1_771_113_600;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(FIRST + 100_000, 0).unwrap()
}

/// The pages of a file with this text.
fn pages(text: &[u8]) -> Vec<Result<Recorded>> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    let csv = Csv::open(file.path(), &Map::parse(MAP).unwrap(), "map.toml").unwrap();
    let index = Index::of(&csv, now(), &mut |_| true).unwrap();
    let history = History { name: csv.name(), source: "csv:mine".to_owned(), catalogue: Catalogue::Sample };
    let sheets = Sheets::of(csv, Arc::new(index), now()).unwrap();
    sheets.map(|sheet| sheet.map(|sheet| history.page(&sheet))).collect()
}

/// Instant, page, pages and the ids of each page.
fn ids(pages: &[Recorded]) -> Vec<(i64, u32, u32, Vec<i64>)> {
    let one = |page: &Recorded| {
        let body: Value = serde_json::from_slice(&page.body).unwrap();
        let rows = body["data"].as_array().unwrap();
        assert_eq!(rows.len() as u64, page.counts);
        let ids = rows.iter().map(|row| row["mal_id"].as_i64().unwrap()).collect();
        (page.instant().unwrap().timestamp() - FIRST, page.page.unwrap(), page.pages.unwrap(), ids)
    };
    pages.iter().map(one).collect()
}

fn file(rows: &[(i64, i64)], end: &str) -> String {
    let head = format!("\u{feff}id;at;name;score{end}");
    let line = |(at, id): &(i64, i64)| format!("{id};{};\"灯台の; {id}\";8.5{end}", FIRST + at);
    rows.iter().fold(head, |text, row| text + &line(row))
}

fn whole(text: &str) -> Vec<Recorded> {
    pages(text.as_bytes()).into_iter().map(Result::unwrap).collect()
}

#[test]
fn lines_of_one_instant_are_one_run_wherever_they_stand() {
    let rows = [(0, 1), (60, 1), (0, 2), (0, 3), (60, 2), (0, 4)];
    let found = whole(&file(&rows, "\n"));
    assert_eq!(ids(&found), [(0, 1, 1, vec![1, 2, 3, 4]), (60, 1, 1, vec![1, 2])]);
    let at = |second| DateTime::from_timestamp(FIRST + second, 0).unwrap();
    assert_eq!(found[0].run, Some(RunId::history("csv:mine", Catalogue::Sample, at(0))));
    assert_eq!((found[0].dataset, found[0].source.as_deref()), (Some(Dataset::History), Some("csv:mine")));
    let body = std::str::from_utf8(&found[1].body).unwrap();
    assert_eq!(
        body,
        "{\"pagination\":{\"items\":{\"per_page\":250}},\"data\":[\n\
         {\"captured_at\":\"2026-02-15T00:01:00Z\",\"mal_id\":1,\"title\":\"灯台の; 1\",\"score\":8.5},\n\
         {\"captured_at\":\"2026-02-15T00:01:00Z\",\"mal_id\":2,\"title\":\"灯台の; 2\",\"score\":8.5}\n]}"
    );
}

#[test]
fn many_lines_are_pages_of_which_each_knows_how_many_there_are() {
    let rows: Vec<_> = (1..=501).map(|id| (0, id)).collect();
    let found = ids(&whole(&file(&rows, "\r\n")));
    let sizes: Vec<_> = found.iter().map(|(_, page, pages, ids)| (*page, *pages, ids.len())).collect();
    assert_eq!(sizes, [(1, 3, 250), (2, 3, 250), (3, 3, 1)]);
    assert_eq!(found[1].3[0], 251);
}

#[test]
fn a_quote_left_open_ends_the_reading_and_what_stands_before_it_is_there() {
    let mut text = file(&[(0, 1), (0, 2)], "\n");
    text.push_str("3;\"");
    text.push_str(&"x".repeat(3 << 20));
    assert_eq!(ids(&whole(&text)), [(0, 1, 1, vec![1, 2])]);

    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.replace('\n', "\r\n").as_bytes()).unwrap();
    let csv = Csv::open(file.path(), &Map::parse(MAP).unwrap(), "map.toml").unwrap();
    let index = Index::of(&csv, now(), &mut |_| true).unwrap();
    let said = format!("{:#}", index.troubles[0]);
    assert!(said.contains("from line 4 on: ") && said.ends_with("is a quote left open?"), "{said}");
}

#[test]
fn a_file_that_changes_between_the_readings_is_told() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(self::file(&[(0, 1), (0, 2)], "\n").as_bytes()).unwrap();
    let csv = Csv::open(file.path(), &Map::parse(MAP).unwrap(), "map.toml").unwrap();
    let index = Index::of(&csv, now(), &mut |_| true).unwrap();
    std::fs::write(file.path(), self::file(&[(0, 1), (7, 2)], "\n")).unwrap();
    let mut pages = Sheets::of(csv, Arc::new(index), now()).unwrap();
    let error = pages.next().unwrap().unwrap_err().to_string();
    assert!(error.ends_with("was changed while it was read"), "{error}");
    assert!(pages.next().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn every_row_is_on_one_page_and_the_order_of_instants_in_the_file_does_not_matter(
        instants in proptest::collection::vec(0_i64..4, 0..700),
    ) {
        let rows: Vec<(i64, i64)> = instants.iter().copied().zip(1..).collect();
        let found = ids(&whole(&file(&rows, "\n")));
        let mut sorted = rows.clone();
        sorted.sort_by_key(|(at, _)| *at);
        let seen: Vec<_> = found.iter().flat_map(|(at, .., ids)| ids.iter().map(|id| (*at, *id))).collect();
        prop_assert_eq!(&seen, &sorted);
        prop_assert_eq!(ids(&whole(&file(&sorted, "\r\n"))), found);
    }
}
