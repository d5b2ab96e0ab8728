use proptest::prelude::*;
use serde_json::json;

use super::*;

fn apply(steps: Value, text: &str) -> Result<String, String> {
    Steps::read(&steps.to_string()).unwrap().apply(text).map_err(|error| error.to_string())
}

const ROW: &str = "{ \"id\" : 12345678901234567890,\n\t\"t\":\"\\u3042\\/\", \"a\": [ {\"n\":1.50}, {\"n\":\"2\"} ],\"e\":{}}";

#[test]
fn what_is_not_named_stays_as_it_came() {
    for (step, expected) in [
        (json!({"op": "set", "path": "/t", "value": "x"}), ROW.replace("\"\\u3042\\/\"", "\"x\"")),
        (
            json!({"op": "set", "path": "/e/new", "value": {"k": [1]}}),
            ROW.replace("{}", "{\"new\":{\"k\":[1]}}"),
        ),
        (json!({"op": "set", "path": "/z", "value": null}), ROW.replace("{}}", "{},\"z\":null}")),
        (json!({"op": "set", "path": "/a/0/n", "value": 3}), ROW.replace("1.50", "3")),
        (json!({"op": "remove", "path": "/id"}), ROW.replace("\"id\" : 12345678901234567890,\n\t", "")),
        (json!({"op": "remove", "path": "/e"}), ROW.replace(",\"e\":{}", "")),
        (json!({"op": "remove", "path": "/a/1"}), ROW.replace(", {\"n\":\"2\"}", "")),
        (json!({"op": "rename", "path": "/t", "to": "a/b"}), ROW.replace("\"t\"", "\"a/b\"")),
        (json!({"op": "cast", "path": "/a/*/n", "to": "string"}), ROW.replace("1.50", "\"1.50\"")),
        (json!({"op": "cast", "path": "/a/*/n", "to": "number"}), ROW.replace("\"2\"", "2")),
        (
            json!({"op": "cast", "path": "/id", "to": "string"}),
            ROW.replace("12345678901234567890", "\"12345678901234567890\""),
        ),
        (json!({"op": "cast", "path": "/e", "to": "null"}), ROW.replace("{}", "null")),
    ] {
        assert_eq!(apply(json!([step.clone()]), ROW).unwrap(), expected, "{step}");
    }
}

#[test]
fn a_group_is_named_by_its_number_or_its_name() {
    let with = "$0 ${1}T $word $$1T";
    let steps = json!([{"op": "replace", "path": "/d", "pattern": "(.)(?<word>..)", "with": with}]);
    assert_eq!(apply(steps, r#"{"d":"abc"}"#).unwrap(), r#"{"d":"abc aT bc $1T"}"#);
}

#[test]
fn a_pattern_sees_the_text_and_not_its_escapes() {
    let date =
        json!([{"op": "replace", "path": "/d", "pattern": r"^(\d{2})/(\d{2})/(\d{4})$", "with": "$3-$1-$2"}]);
    assert_eq!(
        apply(date.clone(), r#"{"d":"11\/28\/2026","x":1e5}"#).unwrap(),
        r#"{"d":"2026-11-28","x":1e5}"#
    );
    assert!(apply(date.clone(), r#"{"d":"today"}"#).unwrap_err().contains("does not match"));
    assert!(apply(date, r#"{"d":5}"#).unwrap_err().contains("needs a string"));
}

#[test]
fn a_star_names_every_item_and_takes_time_by_their_number_only() {
    let list = |item: &str, count| format!("[{}]", vec![item; count].join(","));
    let many = format!(r#"{{"a":{}}}"#, list("1", 100_000));
    let set = apply(json!([{"op": "set", "path": "/a/*", "value": "x"}]), &many).unwrap();
    assert_eq!(set, many.replace('1', "\"x\""));
    assert_eq!(apply(json!([{"op": "remove", "path": "/a/*"}]), &many).unwrap(), r#"{"a":[]}"#);
    let named = format!("[{}]", vec![r#"{"k":1}"#; 50_000].join(","));
    assert_eq!(
        apply(json!([{"op": "rename", "path": "/*/k", "to": "l"}]), &named).unwrap(),
        named.replace('k', "l")
    );
}

#[test]
fn no_step_makes_more_than_a_text_may_be() {
    let grow = |with: &str| json!({"op": "replace", "path": "/t", "pattern": "^", "with": with});
    let text = r#"{"t":"a"}"#;
    let twice = json!([grow(&"x".repeat(9_000)), {"op": "replace", "path": "/t", "pattern": "", "with": "A".repeat(9_000)}]);
    assert_eq!(apply(twice, text).unwrap_err(), "step 2: more than 500000 bytes come of it");
    let groups = json!([grow(&"x".repeat(9_000)), {"op": "replace", "path": "/t", "pattern": ".*", "with": "$0".repeat(4_000)}]);
    assert_eq!(apply(groups, text).unwrap_err(), "step 2: more than 500000 bytes come of it");
    let everywhere = json!([{"op": "set", "path": "/*", "value": "y".repeat(90_000)}]);
    assert!(apply(everywhere, &format!("[{}1]", "1,".repeat(500_000))).unwrap_err().contains("more than"));
    let long = Steps::read(&json!([grow(&"x".repeat(10_001))]).to_string()).unwrap_err();
    assert_eq!(long.to_string(), "step 1: `with` has 10001 bytes, and 10000 are the most");
    let large = json!([{"op": "replace", "path": "/t", "pattern": r"(\w{50}){50}", "with": ""}]);
    assert!(Steps::read(&large.to_string()).unwrap_err().to_string().contains("the pattern"));
}

#[test]
fn a_step_that_does_not_apply_says_which_and_why() {
    for (step, text, why) in [
        (json!({"op": "remove", "path": "/x"}), ROW, "nothing is at /x"),
        (json!({"op": "remove", "path": "/e/*/x"}), ROW, "nothing is at /e/*/x"),
        (json!({"op": "set", "path": "/t/x", "value": 1}), ROW, "nothing is at /t/x"),
        (json!({"op": "set", "path": "/a/2", "value": 1}), ROW, "the list has 2 items"),
        (json!({"op": "rename", "path": "/t", "to": "e"}), ROW, "already"),
        (json!({"op": "rename", "path": "/a/0", "to": "e"}), ROW, "only a key"),
        (json!({"op": "cast", "path": "/t", "to": "number"}), ROW, "cannot be made a number"),
        (json!({"op": "cast", "path": "/a", "to": "string"}), ROW, "cannot be made a string"),
        (json!({"op": "remove", "path": "/a"}), r#"{"a":1,"a":2}"#, "twice"),
        (json!({"op": "remove", "path": "/a"}), "{", "no JSON"),
    ] {
        let first = json!({"op": "set", "path": "", "value": 1});
        let said = apply(json!([step.clone()]), text).unwrap_err();
        assert!(said.starts_with("step 1: ") && said.contains(why), "{said} for {step}");
        let said = apply(json!([first, step]), ROW).unwrap_err();
        assert!(said.starts_with("step 2: "), "{said}");
    }
}

#[test]
fn steps_that_make_no_sense_are_refused() {
    for (steps, why) in [
        (json!({}), "a list"),
        (json!([{"op": "move", "path": "/a"}]), "unknown variant"),
        (json!([{"op": "remove", "path": "a"}]), "does not begin with a slash"),
        (json!([{"op": "remove", "path": ""}]), "whole text"),
        (json!([{"op": "remove", "path": "/a", "value": 1}]), "remove takes a path"),
        (json!([{"op": "remove", "path": "/a", "form": 1}]), "unknown field"),
        (json!([{"op": "set", "path": "/a"}]), "set takes a path and a value"),
        (json!([{"op": "cast", "path": "/a", "to": "date"}]), "no type"),
        (json!([{"op": "replace", "path": "/a", "pattern": "(", "with": ""}]), "the pattern"),
        (
            json!([{"op": "replace", "path": "/a", "pattern": "(.)", "with": "$1T"}]),
            "`with` names the group \"1T\"",
        ),
        (
            json!([{"op": "replace", "path": "/a", "pattern": "(.)", "with": "$$${2}"}]),
            "`with` names the group \"2\"",
        ),
        (json!(vec![json!({"op": "remove", "path": "/a"}); 51]), "the most"),
    ] {
        let said = Steps::read(&steps.to_string()).unwrap_err().to_string();
        assert!(said.contains(why), "{said} for {steps}");
    }
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[a-c/~]{1,2}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

/// Every pointer into a document, but that of the whole.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut go = |token: String, inner: &Value| {
        let path = format!("{at}/{}", token.replace('~', "~0").replace('/', "~1"));
        pointers(inner, &path, found);
        found.push(path);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, inner)| go(key.clone(), inner)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| go(index.to_string(), inner))
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn a_set_value_is_there_and_nothing_else_has_changed(document in documents(), which: prop::sample::Index, pretty: bool) {
        let mut all = Vec::new();
        pointers(&document, "", &mut all);
        prop_assume!(!all.is_empty());
        let path = which.get(&all).clone();
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) }.unwrap();
        let new = json!({"new": ["あ", 1]});
        let set = apply(json!([{"op": "set", "path": path, "value": new}]), &text).unwrap();
        let mut expected = document.clone();
        *expected.pointer_mut(&path).unwrap() = new;
        prop_assert_eq!(serde_json::from_str::<Value>(&set).unwrap(), expected);
        // Back again, it is the text of before, byte for byte.
        let place = place::find(&text, &place::tokens(&path).unwrap()).unwrap().remove(0);
        let old = &text[place.value.unwrap()];
        let back = format!(r#"[{{"op":"set","path":{},"value":{old}}}]"#, quoted(&path));
        prop_assert_eq!(Steps::read(&back).unwrap().apply(&set).unwrap(), text);
    }

    #[test]
    fn what_is_removed_is_gone_and_nothing_else(document in documents(), which: prop::sample::Index, pretty: bool) {
        let mut all = Vec::new();
        pointers(&document, "", &mut all);
        prop_assume!(!all.is_empty());
        let path = which.get(&all).clone();
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) }.unwrap();
        let removed = apply(json!([{"op": "remove", "path": path}]), &text).unwrap();
        let (parent, token) = path.rsplit_once('/').unwrap();
        let mut expected = document;
        match expected.pointer_mut(parent).unwrap() {
            Value::Object(members) => drop(members.remove(&token.replace("~1", "/").replace("~0", "~"))),
            Value::Array(items) => drop(items.remove(token.parse().unwrap())),
            _ => unreachable!(),
        }
        prop_assert_eq!(serde_json::from_str::<Value>(&removed).unwrap(), expected);
    }
}
