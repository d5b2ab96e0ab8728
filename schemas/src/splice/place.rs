//! Where the values that a path names stand in a text.

use std::{fmt, ops::Range, rc::Rc};

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A member of an object: where its key and its value stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// The key as a person writes it.
    pub(super) name: String,
    /// The key with its quotes.
    pub(super) key: Range<usize>,
    /// The value.
    pub(super) value: Range<usize>,
}

/// A place that a path names: a container, and the last token in it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Where the container stands.
    pub(super) container: Range<usize>,
    /// What is in it; the places of a `*` share it.
    pub(super) inside: Rc<Inside>,
    /// The last token; `None` for the whole text, which then is the container.
    pub(super) token: Option<String>,
    /// The value that is there.
    pub(super) value: Option<Range<usize>>,
}

/// What is in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inside {
    /// An object's members.
    Members(Vec<Member>),
    /// An array's items.
    Items(Vec<Range<usize>>),
    /// No container.
    Nothing,
}

/// The tokens of a JSON pointer (RFC 6901).
pub(super) fn tokens(path: &str) -> Result<Vec<String>, String> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let Some(rest) = path.strip_prefix('/') else {
        return Err(format!("the path {path:?} does not begin with a slash"));
    };
    Ok(rest.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
}

/// The places that a path names, in the order of the text; `*` stands for every item of an array. A place may be empty, its
/// container is there. Each container is read once, however many items it has.
pub(super) fn find(text: &str, tokens: &[String]) -> Result<Vec<Place>, String> {
    let whole = whole(text)?;
    let Some((last, way)) = tokens.split_last() else {
        let (inside, value) = (Rc::new(Inside::Nothing), Some(whole.clone()));
        return Ok(vec![Place { container: whole, inside, token: None, value }]);
    };
    let mut at = vec![whole];
    for token in way {
        let mut next = Vec::new();
        for container in at {
            next.extend(values(&inside(text, &container)?, token)?);
        }
        at = next;
    }
    let mut places = Vec::new();
    for container in at {
        let inside = Rc::new(inside(text, &container)?);
        let place = |token, value| Place {
            container: container.clone(),
            inside: inside.clone(),
            token: Some(token),
            value,
        };
        match (&*inside, last.as_str()) {
            (Inside::Items(items), "*") => {
                places.extend(
                    items
                        .iter()
                        .enumerate()
                        .map(|(index, item)| place(index.to_string(), Some(item.clone()))),
                );
            }
            (Inside::Nothing, _) => {}
            (found, _) => places.push(place(last.clone(), values(found, last)?.pop())),
        }
    }
    Ok(places)
}

/// The values under a token of a container.
fn values(inside: &Inside, token: &str) -> Result<Vec<Range<usize>>, String> {
    Ok(match inside {
        Inside::Members(members) => {
            member(members, token)?.map(|found| found.value.clone()).into_iter().collect()
        }
        Inside::Items(items) if token == "*" => items.clone(),
        Inside::Items(items) => {
            index(token).and_then(|index| items.get(index).cloned()).into_iter().collect()
        }
        Inside::Nothing => Vec::new(),
    })
}

/// The member of that name; an error where there are two.
pub(super) fn member<'a>(members: &'a [Member], name: &str) -> Result<Option<&'a Member>, String> {
    let mut found = members.iter().filter(|member| member.name == name);
    let first = found.next();
    if found.next().is_some() {
        return Err(format!("the key {name:?} is there twice"));
    }
    Ok(first)
}

/// An index of an array, as RFC 6901 writes it.
pub(super) fn index(token: &str) -> Option<usize> {
    let is_plain = token == "0" || !token.starts_with('0');
    token.parse().ok().filter(|_| is_plain && token.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The value that the text is, without the white space around it.
fn whole(text: &str) -> Result<Range<usize>, String> {
    let value: &RawValue =
        serde_json::from_str(text).map_err(|error| format!("the text is no JSON: {error}"))?;
    Ok(range(text, value.get()))
}

/// What is directly in a value.
fn inside(text: &str, at: &Range<usize>) -> Result<Inside, String> {
    let part = &text[at.clone()];
    let unreadable = |error: serde_json::Error| format!("the text cannot be read: {error}");
    match part.as_bytes().first() {
        Some(b'{') => {
            let mut parser = serde_json::Deserializer::from_str(part);
            let members = parser.deserialize_map(Members).map_err(unreadable)?;
            let member = |(key, value): (&RawValue, &RawValue)| {
                let name = serde_json::from_str(key.get()).map_err(unreadable)?;
                Ok(Member { name, key: range(text, key.get()), value: range(text, value.get()) })
            };
            members.into_iter().map(member).collect::<Result<_, String>>().map(Inside::Members)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(part).map_err(unreadable)?;
            Ok(Inside::Items(items.into_iter().map(|item| range(text, item.get())).collect()))
        }
        _ => Ok(Inside::Nothing),
    }
}

/// `part` borrows from `text`, so the distance of their addresses is its offset.
fn range(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

/// Keys and values of an object as they stand, two equal keys included.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(&'de RawValue, &'de RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(member) = members.next_entry()? {
            found.push(member);
        }
        Ok(found)
    }
}
