//! Where in a text the value of a JSON pointer stands.

use std::{collections::BTreeMap, ops::Range};

use serde_json::value::RawValue;

/// A place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its bytes.
    pub bytes: Range<usize>,
    /// The line of its first character, from 1.
    pub line: usize,
    /// The character in that line, from 1.
    pub column: usize,
}

/// Where the value at `pointer` stands in the JSON `text`. Of a member that is missing: the opening of the object that lacks
/// it. `None` where the pointer leads nowhere or the text is no JSON.
pub fn locate(text: &str, pointer: &str) -> Option<Place> {
    let root: &RawValue = serde_json::from_str(text).ok()?;
    let bytes = find(text, root, pointer)?;
    let (line, column) = line_and_column(text, bytes.start);
    Some(Place { bytes, line, column })
}

/// Line and column of the byte at `offset`, both from 1.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before.get(line_start..).unwrap_or_default().chars().count() + 1)
}

fn find(text: &str, root: &RawValue, pointer: &str) -> Option<Range<usize>> {
    let mut value = root;
    let mut rest = pointer;
    while !rest.is_empty() {
        let segment = rest.strip_prefix('/')?;
        let (segment, after) = segment.split_at(segment.find('/').unwrap_or(segment.len()));
        rest = after;
        let key = segment.replace("~1", "/").replace("~0", "~");
        value = match member(value, &key) {
            Some(found) => found,
            None if rest.is_empty() && value.get().starts_with('{') => {
                let start = range(text, value).start;
                return Some(start..start + 1);
            }
            None => return None,
        };
    }
    Some(range(text, value))
}

/// Of two members of one name the last one counts, as it does when the text is parsed.
fn member<'a>(value: &'a RawValue, key: &str) -> Option<&'a RawValue> {
    if value.get().starts_with('{') {
        let mut members = serde_json::from_str::<BTreeMap<String, &RawValue>>(value.get()).ok()?;
        return members.remove(key);
    }
    let items = serde_json::from_str::<Vec<&RawValue>>(value.get()).ok()?;
    items.get(key.parse::<usize>().ok()?).copied()
}

/// `part` borrows from `text`, so the distance of their addresses is its offset.
fn range(text: &str, part: &RawValue) -> Range<usize> {
    let start = part.get().as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.get().len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    fn slice<'a>(text: &'a str, pointer: &str) -> Option<&'a str> {
        locate(text, pointer).map(|place| &text[place.bytes])
    }

    #[test]
    fn places_keep_escapes_and_white_space() {
        let text = " { \"a/b\" : [ 1.50 , { \"\\u3042\" : \"\\/\" } ] }";
        assert_eq!(slice(text, "/a~1b/0"), Some("1.50"));
        assert_eq!(slice(text, "/a~1b/1/あ"), Some("\"\\/\""));
        assert_eq!(slice(text, ""), Some(text.trim()));
        assert_eq!(slice(text, "/a~1b/2"), None);
        assert_eq!(slice(text, "/a~1b/1/x/y"), None);
    }

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "{\n  \"月\": 1,\n  \"い\": [true,\n 2]}";
        let place = locate(text, "/い").unwrap();
        assert_eq!((place.line, place.column), (3, 8));
        let place = locate(text, "/い/1").unwrap();
        assert_eq!((place.line, place.column), (4, 2));
        assert_eq!(locate("{} x", ""), None, "no JSON");
    }

    #[test]
    fn what_is_missing_is_placed_where_its_object_opens() {
        let place = locate("[{\"a\": {\"b\": 1}}]", "/0/a/c").unwrap();
        assert_eq!((place.bytes, place.line, place.column), (7..8, 1, 8));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map("[a~/0\\PC]{0,3}", inner, 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
        all.push(at.to_owned());
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    pointers(item, &format!("{at}/{index}"), all);
                }
            }
            Value::Object(members) => {
                for (key, member) in members {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    pointers(member, &format!("{at}/{key}"), all);
                }
            }
            _ => {}
        }
    }

    proptest! {
        #[test]
        fn the_slice_at_a_place_parses_to_the_value_at_its_pointer(row in value(), pretty: bool) {
            let value = json!({"row": row});
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let mut all = Vec::new();
            pointers(&value, "", &mut all);
            for pointer in all {
                let place = locate(&text, &pointer).unwrap();
                let found: Value = serde_json::from_str(&text[place.bytes.clone()]).unwrap();
                prop_assert_eq!(Some(&found), value.pointer(&pointer));
                let line = text.split('\n').nth(place.line - 1).unwrap();
                let rest: String = line.chars().skip(place.column - 1).collect();
                prop_assert!(text[place.bytes.start..].starts_with(&rest));
            }
        }
    }
}
