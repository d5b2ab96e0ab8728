//! Reading TOML key by key, so that what is wrong is named with its key and its line.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

/// What is wrong with a map, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {}{problem}", if key.is_empty() { String::new() } else { format!("{key}: ") })]
pub struct MapError {
    /// The line, from 1.
    pub line: usize,
    /// The key, with those of the tables around it; empty where the text is no TOML.
    pub key: String,
    /// What is wrong.
    pub problem: String,
}

/// The keys of one table that nobody has taken yet.
pub(super) struct Section<'a> {
    text: &'a str,
    /// Its name with a dot behind it; empty for the whole file.
    path: String,
    keys: BTreeMap<&'a str, Value<'a>>,
    asked: Vec<&'static str>,
}

/// A value with its place.
#[derive(Clone)]
pub(super) struct Value<'a> {
    text: &'a str,
    /// Its line, from 1.
    pub(super) line: usize,
    /// Its key, with those of the tables around it.
    pub(super) key: String,
    value: &'a DeValue<'a>,
}

/// The line of a byte, from 1.
pub(super) fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|byte| *byte == b'\n').count() + 1
}

impl<'a> Section<'a> {
    /// The keys of a table.
    pub(super) fn new(text: &'a str, path: &str, table: &'a DeTable<'a>) -> Self {
        let entry =
            |(key, value): (&'a toml::Spanned<toml::de::DeString<'a>>, &'a toml::Spanned<DeValue<'a>>)| {
                let name = key.get_ref().as_ref();
                let line = line_of(text, key.span().start);
                (name, Value { text, line, key: format!("{path}{name}"), value: value.get_ref() })
            };
        Self { text, path: path.to_owned(), keys: table.iter().map(entry).collect(), asked: Vec::new() }
    }

    /// Takes the value of a key, if it is there.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Value<'a>> {
        self.asked.push(name);
        self.keys.remove(name)
    }

    /// Takes the value of a key that has to be there.
    pub(super) fn need(&mut self, name: &'static str, line: usize, why: &str) -> Result<Value<'a>, MapError> {
        let key = format!("{}{name}", self.path);
        self.take(name).ok_or_else(|| MapError { line, key, problem: format!("is missing: {why}") })
    }

    /// Refuses what nobody has taken.
    pub(super) fn finish(self) -> Result<(), MapError> {
        match self.keys.into_values().next() {
            Some(unknown) => {
                Err(unknown.wrong(format!("unknown key; known here: {}", self.asked.join(", "))))
            }
            None => Ok(()),
        }
    }

    /// The text that all of this is read from.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }
}

impl<'a> Value<'a> {
    /// What is wrong with it.
    pub(super) fn wrong(&self, problem: impl Into<String>) -> MapError {
        MapError { line: self.line, key: self.key.clone(), problem: problem.into() }
    }

    /// A text that is not empty.
    pub(super) fn text(&self) -> Result<&'a str, MapError> {
        match self.value {
            DeValue::String(text) if !text.is_empty() => Ok(text),
            DeValue::String(_) => Err(self.wrong("must not be empty")),
            _ => Err(self.wrong("must be a text in quotes")),
        }
    }

    /// A list of texts.
    pub(super) fn texts(&self) -> Result<Vec<String>, MapError> {
        let one = |item: &toml::Spanned<DeValue<'a>>| match item.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            _ => None,
        };
        let list = match self.value {
            DeValue::Array(items) => items.iter().map(one).collect(),
            _ => None,
        };
        list.ok_or_else(|| self.wrong("must be a list of texts in quotes"))
    }

    /// A text, or a number as it is written.
    pub(super) fn written(&self) -> Result<String, MapError> {
        match self.value {
            DeValue::Integer(number) => Ok(number.to_string()),
            DeValue::Float(number) => Ok(number.to_string()),
            DeValue::Datetime(instant) => Ok(instant.to_string()),
            _ => self
                .text()
                .map(str::to_owned)
                .map_err(|_| self.wrong("must be a text, a number or an instant")),
        }
    }

    /// The table that it is, or `None`.
    pub(super) fn section(&self) -> Option<Section<'a>> {
        match self.value {
            DeValue::Table(table) => Some(Section::new(self.text, &format!("{}.", self.key), table)),
            _ => None,
        }
    }
}
