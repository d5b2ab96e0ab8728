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

fn error(text: &str) -> String {
    Map::parse(text).unwrap_err().to_string()
}

#[test]
fn a_map_says_which_column_is_what() {
    let map = Map::parse(WHOLE).unwrap();
    assert_eq!((map.name.as_deref(), map.catalogue, map.separator), (Some("観測"), Catalogue::Sample, b';'));
    assert_eq!(map.unknown, ["N/A", "-"]);
    assert_eq!((&map.time.origin, map.time.line), (&Origin::Column("Date".to_owned()), 8));
    assert_eq!(map.form, Form::pattern("%d.%m.%Y", zone("+09:00")).unwrap());
    let constant = |text: &str| Origin::Constant(text.to_owned());
    let column = |text: &str| Origin::Column(text.to_owned());
    let fields: Vec<_> = map.fields.into_iter().map(|(field, mapped)| (field, mapped.origin)).collect();
    assert_eq!(
        fields,
        [
            (Field::MalId, constant("900001")),
            (Field::Title, constant("Toudai no Chizushi")),
            (Field::Score, column("Score")),
            (Field::Members, column("Members")),
            (Field::Favorites, constant("12")),
        ]
    );
    let least = Map::parse("columns = { time = \"t\", mal_id = \"id\", rank = \"r\" }").unwrap();
    assert_eq!((least.name, least.catalogue, least.separator), (None, Catalogue::Mal, b','));
    assert_eq!((least.form, least.unknown), (Form::Rfc3339, vec![]));
    let day = Map::parse(
        "[columns]\ntime = { value = 2026-02-15T00:00:00Z }\nmal_id = \"id\"\nscore = { value = 7.5 }",
    );
    assert_eq!(day.unwrap().time.origin, constant("2026-02-15T00:00:00Z"));
}

#[test]
fn what_will_not_do_is_named_with_its_key_and_line() {
    let with = |from: &str, to: &str| {
        assert!(WHOLE.contains(from), "{from}");
        WHOLE.replace(from, to)
    };
    for (text, words) in [
        (
            with("unknown =", "unknwon ="),
            "line 5: unknwon: unknown key; known here: name, catalogue, separator,",
        ),
        (
            with("score =", "scor ="),
            "line 10: columns.scor: unknown key; known here: time, mal_id, title, score",
        ),
        (
            with(", zone =", ", zon ="),
            "line 8: columns.time.zon: unknown key; known here: column, value, format",
        ),
        (
            with("\"+09:00\"", "\"Asia/Tokyo\""),
            "line 8: columns.time.zone: \"Asia/Tokyo\" is no offset from UTC",
        ),
        (with("%d.%m.%Y", "%d.%m."), "line 8: columns.time.format: \"%d.%m.\" holds no whole date"),
        (with("%d.%m.%Y", "unix"), "line 8: columns.time.zone: these instants hold their zone already"),
        (with(", zone = \"+09:00\"", ""), "line 8: columns.time.format: \"%d.%m.%Y\" holds no zone"),
        (
            with("column = \"Date\"", "value = \"now\""),
            "line 8: columns.time: \"now\" is no instant (%d.%m.%Y)",
        ),
        (
            with("{ column = \"Members\" }", "{ column = \"a\", value = 1 }"),
            "line 11: columns.members: must have one of",
        ),
        (with("\"Score\"", "7"), "line 10: columns.score: must be a text in quotes"),
        (with("\"Score\"", "\"\""), "line 10: columns.score: must not be empty"),
        (
            with("{ value = \"12\" }", "{ value = \"many\" }"),
            "line 12: columns.favorites: \"many\" is no number",
        ),
        (
            with("{ value = \"12\" }", "{ value = true }"),
            "line 12: columns.favorites.value: must be a text, a number",
        ),
        (
            with("\"sample\"", "\"anidb\""),
            "line 3: catalogue: unknown catalogue \"anidb\"; known: mal, sample",
        ),
        (with("\";\"", "\"::\""), "line 4: separator: must be one ASCII character"),
        (with("\"観測\"", "\"\\n\""), "line 2: name: \"\\n\" is no name"),
        (with("[\"N/A\", \"-\"]", "\"N/A\""), "line 5: unknown: must be a list"),
        (with("mal_id = { value = 900_001 }", ""), "line 7: columns: mal_id is missing"),
        (with("time = {", "#"), "line 7: columns.time: is missing: no row without its instant"),
        ("name = \"a\"\n\n".to_owned(), "line 1: columns: is missing"),
        ("columns = 5".to_owned(), "line 1: columns: must be a table"),
        (
            "[columns]\ntime = \"t\"\nmal_id = \"i\"\ntitle = \"n\"".to_owned(),
            "line 1: columns: names none of score",
        ),
        ("name = \"a\"\nname = \"b\"".to_owned(), "line 2: duplicate key"),
        ("name = \"a\"\n[columns".to_owned(), "line 2: "),
    ] {
        let error = error(&text);
        assert!(error.starts_with(words), "{words:?} is not {error:?}");
    }
    let long = format!("name = \"{}\"", "x".repeat(252));
    assert_eq!(error(&long), "line 1: name: has 252 bytes, and 251 are the most");
}

#[test]
fn the_example_shows_every_key() {
    let text = include_str!("../../history.example.toml");
    let map = Map::parse(text).unwrap();
    let fields: Vec<Field> = map.fields.iter().map(|(field, _)| *field).collect();
    assert_eq!(fields, Field::ALL);
    assert_eq!((map.name.as_deref(), map.unknown.len()), (Some("my-notes"), 2));
}
