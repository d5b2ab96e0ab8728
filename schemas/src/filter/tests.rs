use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    "2026-11-29T12:00:00Z".parse().unwrap()
}

fn refusal(text: &str) -> (usize, String) {
    let error = Filter::parse(text).unwrap_err();
    (error.column, error.message)
}

fn item() -> Item {
    let fault =
        |group, path: &str, keyword: &str| Fault { group, path: path.into(), keyword: keyword.into() };
    Item {
        root: "6b616e73-0000-5000-8000-000000000001:3:7:validate".into(),
        run: Uuid::from_u128(1),
        page: 3,
        stage: Stage::Validate,
        reason: Reason::Schema,
        dataset: "season.2026.fall".into(),
        catalogue: Some(Catalogue::Sample),
        source: None,
        judge: "ab12".into(),
        state: ItemState::Open,
        title: Some("Tsuki no Tomoshibi 月".into()),
        edited: false,
        first_at: now() - TimeDelta::hours(2),
        failures: 1,
        version: 2,
        faults: vec![fault(1, "/aired/from", "pattern"), fault(2, "/genres/*/name", "type")],
        jobs: vec![Uuid::from_u128(9)],
    }
}

#[test]
fn an_item_meets_every_term() {
    for (filter, met) in [
        ("", true),
        ("  state:open,failed\treason:schema ", true),
        ("state:failed", false),
        ("dataset:season.*", true),
        ("dataset:season", false),
        ("path:/genres/0/name keyword:type", true),
        ("path:/aired/from keyword:type", false),
        ("path:/genres/* group:2", true),
        ("group:1 only:yes", false),
        ("group:7,1", true),
        ("title:\"no tomo\" title", false),
        ("title:\"NO tomo\"", true),
        ("title:月", true),
        ("since:2h until:1h", true),
        ("since:7199s", false),
        ("until:2h", false),
        ("since:2026-11-29 until:2026-11-29T10:00:00.000001Z", true),
        ("attempts:>0 attempts:<2 edited:no", true),
        ("attempts:2", false),
        ("source:station", false),
        ("catalogue:sample page:3 version:2 judge:ab12", true),
        ("job:00000000-0000-0000-0000-000000000009 run:00000000-0000-0000-0000-000000000001", true),
    ] {
        let holds = Filter::parse(filter).is_ok_and(|filter| filter.matches(&item(), now()));
        assert_eq!(holds, met, "{filter}");
    }
}

#[test]
fn a_refusal_names_the_column() {
    for (filter, column, says) in [
        ("state:open colour:red", 12, "unknown key \"colour\"; keys: state, reason"),
        ("state:open,opn", 12, "state: unknown state \"opn\"; known: open"),
        ("月:1", 1, "a term is key:value"),
        ("moon", 1, "a term is key:value"),
        ("title:月 page:x", 14, "page: \"x\" is not a whole number from 0"),
        ("title:\"open", 7, "this quote is not closed"),
        ("title:\"a\"b", 10, "a blank is needed"),
        ("title:\"a\\b\"", 9, "in quotes"),
        ("title:a\u{0}b", 8, "no control character"),
        ("path:aired", 6, "path: \"aired\" does not begin with /"),
        ("since:yesterday", 7, "since: \"yesterday\" is neither"),
        ("since:999999w", 7, "since: \"999999w\" is neither"),
        ("until:+12026-01-01", 7, "until: \"+12026-01-01\" is not in the years"),
        ("page:", 6, "page: needs a value"),
        ("edited:maybe", 8, "edited: \"maybe\" is neither"),
        ("attempts:>x", 10, "attempts: \"x\" is not"),
        ("run:7", 5, "run: \"7\" is not a UUID"),
        ("state:open state:failed", 12, "state is there twice"),
    ] {
        let (at, message) = refusal(filter);
        assert_eq!(at, column, "{filter}: {message}");
        assert!(message.starts_with(says), "{filter}: {message}");
    }
    assert_eq!(refusal(&"x".repeat(2_001)).0, 2_001);
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in "\\PC{0,80}|([a-z]{1,8}:[^ ]{0,8} ?){0,5}") {
        if let Err(error) = Filter::parse(&text) {
            prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1, "{}", error);
        }
    }

    #[test]
    fn a_quoted_value_is_what_it_quotes(title in "[^\\p{Cc}]{1,20}") {
        let quoted = format!("title:\"{}\"", title.replace('\\', "\\\\").replace('"', "\\\""));
        let filter = Filter::parse(&quoted).unwrap();
        prop_assert_eq!(filter.terms(), &[Term::Title(title)]);
    }
}
