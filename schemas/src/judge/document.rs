//! A parsed JSON document that borrows from its text: one vector of entries, a container before what it holds.
//!
//! Building it costs a fifth of what `serde_json::Value` costs, and it takes no more than that: a document that is nested
//! deeper than `serde_json` allows, or has an object with two equal keys, is left to the slower parser.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, DefaultHasher, Hash as _, Hasher as _},
};

use jsonschema::JsonType;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// `serde_json` refuses deeper nesting.
pub(super) const MAX_DEPTH: u8 = 127;
/// Rows of an anime list have an entry for each 16 bytes.
const BYTES_PER_ENTRY: usize = 16;

#[derive(Debug)]
enum Entry<'a> {
    Null,
    Bool(bool),
    Number(Number),
    /// A string without escapes.
    Borrowed(&'a str),
    /// Where a string with escapes stands in [`Document::unescaped`].
    Unescaped(u32, u32),
    /// How many items follow, in how many entries.
    Array(u32, u32),
    /// How many keys follow, each before its value, in how many entries.
    Object(u32, u32),
}

/// A parsed document.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    entries: Vec<Entry<'a>>,
    unescaped: String,
}

impl<'a> Document<'a> {
    /// Parses a text; `None` where it is no JSON, or JSON for the slower parser.
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        u32::try_from(body.len()).ok()?;
        let entries = Vec::with_capacity(body.len() / BYTES_PER_ENTRY);
        let mut document = Self { entries, unescaped: String::new() };
        let mut parser = sonic_rs::Deserializer::from_slice(body);
        Builder { document: &mut document, depth: 0 }.deserialize(&mut parser).ok()?;
        parser.end().ok()?;
        Some(document)
    }

    /// A document of one string.
    pub(super) fn of_string(text: &'a str) -> Self {
        Self { entries: vec![Entry::Borrowed(text)], unescaped: String::new() }
    }

    pub(super) fn root(&self) -> Node<'_> {
        Node { document: self, at: 0 }
    }

    fn text(&self, at: usize) -> Option<&str> {
        match &self.entries[at] {
            Entry::Borrowed(text) => Some(text),
            Entry::Unescaped(start, end) => Some(&self.unescaped[*start as usize..*end as usize]),
            _ => None,
        }
    }

    /// The entry after the value at `at`.
    fn after(&self, at: usize) -> usize {
        match self.entries[at] {
            Entry::Array(_, entries) | Entry::Object(_, entries) => at + 1 + entries as usize,
            _ => at + 1,
        }
    }

    // A body has fewer than 2³² bytes, and so has what comes of it.
    fn close(&mut self, at: usize, container: fn(u32, u32) -> Entry<'a>, len: u32) {
        let entries = (self.entries.len() - at - 1) as u32;
        self.entries[at] = container(len, entries);
    }
}

/// Appends a value to the document.
struct Builder<'d, 'a> {
    document: &'d mut Document<'a>,
    depth: u8,
}

impl<'a> Builder<'_, 'a> {
    fn push(self, entry: Entry<'a>) {
        self.document.entries.push(entry);
    }

    /// Begins a container, and says where.
    fn open<E: Error>(&mut self) -> Result<usize, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom("nested too deep"));
        }
        self.document.entries.push(Entry::Null);
        Ok(self.document.entries.len() - 1)
    }

    fn inner(&mut self) -> Builder<'_, 'a> {
        Builder { document: self.document, depth: self.depth + 1 }
    }
}

impl<'a> DeserializeSeed<'a> for Builder<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Builder<'_, 'a> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.push(Entry::Null);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.push(Entry::Bool(value));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.push(Entry::Number(number.into()));
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.push(Entry::Number(number.into()));
        Ok(())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        let number = Number::from_f64(number).ok_or_else(|| E::custom("a number out of range"))?;
        self.push(Entry::Number(number));
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<(), E> {
        self.push(Entry::Borrowed(text));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        let unescaped = &mut self.document.unescaped;
        let start = unescaped.len() as u32;
        unescaped.push_str(text);
        let end = unescaped.len() as u32;
        self.push(Entry::Unescaped(start, end));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut items: A) -> Result<(), A::Error> {
        let at = self.open()?;
        let mut len = 0;
        while items.next_element_seed(self.inner())?.is_some() {
            len += 1;
        }
        self.document.close(at, Entry::Array, len);
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut members: A) -> Result<(), A::Error> {
        let at = self.open()?;
        let mut len = 0;
        let mut keys = Keys::default();
        loop {
            let key = self.document.entries.len();
            if members.next_key_seed(self.inner())?.is_none() {
                break;
            }
            let text = self.document.text(key).unwrap_or_default();
            let mut before = Members(Items { document: self.document, at: at + 1, left: len });
            if len == MANY_KEYS {
                keys.hashes.extend(before.map(|(other, _)| hash(other)));
            }
            let may_equal =
                if len < MANY_KEYS { keys.may_have(text) } else { !keys.hashes.insert(hash(text)) };
            if may_equal && before.any(|(other, _)| other == text) {
                return Err(A::Error::custom("two equal keys"));
            }
            members.next_value_seed(self.inner())?;
            len += 1;
        }
        self.document.close(at, Entry::Object, len);
        Ok(())
    }
}

/// From so many keys on, an object keeps their hashes: the filter would be full, and each key compared with all before it.
const MANY_KEYS: u32 = 64;

/// The keys of an object: as a Bloom filter, and as hashes where there are many.
#[derive(Default)]
struct Keys {
    filter: [u64; 4],
    hashes: HashSet<u64, BuildHasherDefault<DefaultHasher>>,
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

impl Keys {
    /// Whether such a key may have come before; adds it to the filter.
    fn may_have(&mut self, key: &str) -> bool {
        let key = key.as_bytes();
        let byte = |at: usize| key.get(at).map_or(0, |byte| usize::from(*byte));
        let len = key.len();
        let hash = (len * 37) ^ (byte(0) * 5) ^ (byte(len / 2) * 11) ^ (byte(len.wrapping_sub(1)) * 19);
        let (word, bit) = (hash / 64 % 4, 1 << (hash % 64));
        let had = self.filter[word] & bit != 0;
        self.filter[word] |= bit;
        had
    }
}

/// A value in a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    document: &'a Document<'a>,
    at: usize,
}

impl<'a> Node<'a> {
    fn entry(self) -> &'a Entry<'a> {
        &self.document.entries[self.at]
    }

    /// What tells it from every other value that is in memory.
    pub(super) fn address(self) -> usize {
        std::ptr::from_ref(self.entry()) as usize
    }

    pub(super) fn is_null(self) -> bool {
        matches!(self.entry(), Entry::Null)
    }

    pub(super) fn as_bool(self) -> Option<bool> {
        if let Entry::Bool(value) = self.entry() { Some(*value) } else { None }
    }

    pub(super) fn as_number(self) -> Option<&'a Number> {
        if let Entry::Number(number) = self.entry() { Some(number) } else { None }
    }

    pub(super) fn as_str(self) -> Option<&'a str> {
        self.document.text(self.at)
    }

    /// The items of an array.
    pub(super) fn as_array(self) -> Option<Items<'a>> {
        let Entry::Array(left, _) = *self.entry() else { return None };
        Some(Items { document: self.document, at: self.at + 1, left })
    }

    /// The members of an object, in its order.
    pub(super) fn as_object(self) -> Option<Members<'a>> {
        let Entry::Object(left, _) = *self.entry() else { return None };
        Some(Members(Items { document: self.document, at: self.at + 1, left }))
    }

    /// The member of an object.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        self.as_object()?.find(|(other, _)| *other == key).map(|(_, value)| value)
    }

    pub(super) fn json_type(self) -> JsonType {
        match self.entry() {
            Entry::Null => JsonType::Null,
            Entry::Bool(_) => JsonType::Boolean,
            Entry::Number(_) => JsonType::Number,
            Entry::Borrowed(_) | Entry::Unescaped(..) => JsonType::String,
            Entry::Array(..) => JsonType::Array,
            Entry::Object(..) => JsonType::Object,
        }
    }

    pub(super) fn to_value(self) -> Value {
        match self.entry() {
            Entry::Null => Value::Null,
            Entry::Bool(value) => (*value).into(),
            Entry::Number(number) => number.clone().into(),
            Entry::Borrowed(_) | Entry::Unescaped(..) => self.as_str().into(),
            Entry::Array(..) => self.as_array().into_iter().flatten().map(Self::to_value).collect(),
            Entry::Object(..) => {
                self.as_object().into_iter().flatten().map(|(key, value)| (key, value.to_value())).collect()
            }
        }
    }
}

/// The values of an array.
#[derive(Debug, Clone, Copy)]
pub(super) struct Items<'a> {
    document: &'a Document<'a>,
    at: usize,
    left: u32,
}

impl Items<'_> {
    pub(super) fn len(&self) -> usize {
        self.left as usize
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        self.left = self.left.checked_sub(1)?;
        let node = Node { document: self.document, at: self.at };
        self.at = self.document.after(self.at);
        Some(node)
    }
}

/// The members of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Members<'a>(Items<'a>);

impl Members<'_> {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.0.next()?;
        let value = Node { document: self.0.document, at: self.0.at };
        self.0.at = self.0.document.after(self.0.at);
        // A key is a string: the parser gives no other.
        Some((key.as_str().unwrap_or_default(), value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each key compared with all before it, this would take minutes.
    #[test]
    fn equal_keys_are_found_among_very_many() {
        let members: Vec<String> = (0..100_000).map(|number| format!(r#""k{number}":1"#)).collect();
        let body = |more: &str| format!("{{{}{more}}}", members.join(","));
        assert!(Document::parse(body("").as_bytes()).is_some());
        for again in [0, 63, 64, 99_999] {
            assert!(Document::parse(body(&format!(r#","k{again}":2"#)).as_bytes()).is_none(), "{again}");
        }
    }
}
