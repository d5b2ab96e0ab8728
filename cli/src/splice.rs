//! Sets one value in a JSON text and leaves every other byte as it is: large numbers, escapes, the order of keys, blanks.

use std::{fmt, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// The members of an object or an array, by key or index, each as its text.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Deserialize<'a> for Members<'a> {
    fn deserialize<D: Deserializer<'a>>(parser: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'a> Visitor<'a> for Either {
            type Value = Members<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or an array")
            }

            fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &'a RawValue>()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }

            fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(value) = list.next_element::<&'a RawValue>()? {
                    members.push((members.len().to_string(), value));
                }
                Ok(Members(members))
            }
        }
        parser.deserialize_any(Either)
    }
}

/// The text with the value at this JSON pointer set; an object gets a member that it lacks.
///
/// # Errors
/// What is wrong with the pointer or the value.
pub(crate) fn set(text: &str, pointer: &str, value: &str) -> Result<String, String> {
    let value = value.trim();
    serde_json::from_str::<&RawValue>(value)
        .map_err(|_| format!("{value} is not JSON; a text stands in quotes: \"{value}\""))?;
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(format!("{pointer:?} is not a JSON pointer such as /aired/from"));
    }
    let mut place = trimmed(text, 0..text.len());
    let tokens: Vec<_> = pointer.split('/').skip(1).map(unescape).collect();
    for (number, token) in tokens.iter().enumerate() {
        let around = &text[place.clone()];
        let here = || pointer.split('/').take(number + 1).collect::<Vec<_>>().join("/");
        let Members(members) = serde_json::from_str(around).map_err(|_| match here().as_str() {
            "" => "the text is not an object".to_owned(),
            here => format!("{here} is neither an object nor an array"),
        })?;
        // Of a key that stands twice the last counts.
        if let Some((_, found)) = members.iter().rfind(|(key, _)| key == token) {
            let start = place.start + (found.get().as_ptr() as usize - around.as_ptr() as usize);
            place = start..start + found.get().len();
            continue;
        }
        if !around.starts_with('{') || number + 1 < tokens.len() {
            return Err(format!("{}/{token} is not there", here()));
        }
        let key = serde_json::Value::from(token.as_str());
        let comma = if members.is_empty() { "" } else { "," };
        let end = place.end - 1;
        return Ok(format!("{}{comma}{key}:{value}{}", &text[..end], &text[end..]));
    }
    Ok(format!("{}{value}{}", &text[..place.start], &text[place.end..]))
}

fn trimmed(text: &str, place: Range<usize>) -> Range<usize> {
    let inside = &text[place.clone()];
    let start = place.start + (inside.len() - inside.trim_start().len());
    start..start + inside.trim().len()
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_other_bytes_stay() {
        let text = " { \"a\" : 12345678901234567890.10 ,\"b\":{\"c/d\":[1,\"\\u00e9\" , 3]}, \"a\":2 }\n";
        let with = |pointer: &str, value: &str| set(text, pointer, value).unwrap();
        assert_eq!(with("/b/c~1d/1", "null"), text.replace("\"\\u00e9\"", "null"));
        assert_eq!(with("/a", "1e400"), text.replace("\"a\":2", "\"a\":1e400"));
        assert_eq!(with("/b/new", "\"x\""), text.replace("3]}", "3],\"new\":\"x\"}"));
        assert_eq!(with("", "7"), " 7\n");
        assert_eq!(set("{}", "/k\"", "[]").unwrap(), "{\"k\\\"\":[]}");
    }

    #[test]
    fn what_does_not_apply_is_said() {
        let error = |text: &str, pointer: &str, value: &str| set(text, pointer, value).unwrap_err();
        assert_eq!(error("{}", "/a", "text"), "text is not JSON; a text stands in quotes: \"text\"");
        assert_eq!(error("{}", "a", "1"), "\"a\" is not a JSON pointer such as /aired/from");
        assert_eq!(error("{\"a\":1}", "/a/b", "1"), "/a is neither an object nor an array");
        assert_eq!(error("{\"a\":[]}", "/a/0", "1"), "/a/0 is not there");
        assert_eq!(error("{}", "/a/b", "1"), "/a is not there");
        assert_eq!(error("no", "/a", "1"), "the text is not an object");
    }

    proptest! {
        #[test]
        fn it_means_what_setting_the_value_means(keys in proptest::collection::btree_set("[a-c~/\"é]{1,2}", 1..4), inner in "[a-c]", number: u32) {
            let object: serde_json::Map<_, _> = keys.iter().map(|key| (key.clone(), json!({&inner: [1, null]}))).collect();
            let mut expected = Value::Object(object);
            let text = expected.to_string();
            for key in &keys {
                let pointer = format!("/{}/{inner}/1", key.replace('~', "~0").replace('/', "~1"));
                let changed = set(&text, &pointer, &number.to_string()).unwrap();
                let mut expected = expected.clone();
                *expected.pointer_mut(&pointer).unwrap() = json!(number);
                prop_assert_eq!(serde_json::from_str::<Value>(&changed).unwrap(), expected);
            }
            expected["new"] = json!(number);
            let grown = set(&text, "/new", &number.to_string()).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&grown).unwrap(), expected);
        }
    }
}
