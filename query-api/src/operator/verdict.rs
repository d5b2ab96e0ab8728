//! What the present schemas say of a text.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kansoku_schemas::{
    Dataset, Deployed, Judge, Rejection, SchemaSettings, Violation,
    locate::{line_and_column, locate},
};
use serde_json::{Value, value::RawValue};
use sha2::{Digest, Sha256};

use super::refusal::PlacedFault;

/// A message of the schemas may repeat the value that it is about.
const MAX_MESSAGE: usize = 500;
/// A schema around a rule is shown up to this size, and the rule alone beyond.
const MAX_RULE: usize = 2_000;
const SCHEMAS: [&str; 4] = ["anime.v1", "envelope.v1", "genre.v1", "history.v1"];

/// The schemas as they are now. A changed file is taken up at the next look.
pub(crate) struct Judges {
    deployed: Deployed,
    /// Every schema that this process has had, by its hash.
    texts: Mutex<HashMap<String, Arc<str>>>,
}

impl Judges {
    /// The schemas of the build, and those of the folder over them.
    pub(crate) fn new(settings: SchemaSettings) -> Self {
        let judges = Self { deployed: Deployed::embedded(settings), texts: Mutex::default() };
        judges.keep(&judges.deployed.judge());
        judges
    }

    /// The judge by what is there now; where that is no schema, by what was there before.
    pub(crate) fn now(&self) -> Arc<Judge> {
        let changed = self.deployed.look();
        let judge = self.deployed.judge();
        if changed {
            self.keep(&judge);
        }
        judge
    }

    /// Why what is there now cannot be used, in words.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.deployed.trouble()
    }

    /// The text of a schema by its hash, if this process has had it.
    pub(crate) fn text(&self, hash: &str) -> Option<Arc<str>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    fn keep(&self, judge: &Judge) {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        for text in SCHEMAS.iter().filter_map(|name| judge.text(name)) {
            texts.insert(hex::encode(Sha256::digest(text)), text.into());
        }
    }
}

/// Which part of a page a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// One row.
    Row,
    /// The whole body.
    Page,
}

/// Why a text does not pass; nothing where it does.
pub(super) fn faults(judge: &Judge, dataset: &Dataset, part: Part, text: &str) -> Vec<PlacedFault> {
    if let Err(error) = serde_json::from_str::<&RawValue>(text) {
        return vec![not_json(text, &error)];
    }
    let rejection = match part {
        Part::Row => {
            let page = format!("{{\"data\":[{text}]}}");
            match judge.page(dataset, page.as_bytes()) {
                Ok(judged) => judged.rejected.into_iter().next().map(|row| row.rejection),
                Err(envelope) => Some(*envelope),
            }
        }
        Part::Page => judge.page(dataset, text.as_bytes()).err().map(|rejection| *rejection),
    };
    rejection.map(|rejection| placed(rejection, text)).unwrap_or_default()
}

fn placed(rejection: Rejection, text: &str) -> Vec<PlacedFault> {
    let Rejection { pointer, message, errors, .. } = rejection;
    if errors.is_empty() {
        return vec![place(text, pointer, String::new(), String::new(), Some(message))];
    }
    let one = |violation: Violation| {
        let Violation { instance_path, schema_path, keyword, message } = violation;
        place(text, instance_path, keyword, schema_path, Some(message))
    };
    errors.into_iter().map(one).collect()
}

/// A fault with its place in the text.
pub(super) fn place(
    text: &str,
    path: String,
    keyword: String,
    schema_path: String,
    message: Option<String>,
) -> PlacedFault {
    let found = locate(text, &path);
    PlacedFault {
        message: message.map(|message| message.chars().take(MAX_MESSAGE).collect()),
        line: found.as_ref().map(|place| place.line),
        column: found.as_ref().map(|place| place.column),
        start: found.as_ref().map(|place| place.bytes.start),
        end: found.as_ref().map(|place| place.bytes.end),
        path,
        keyword,
        schema_path,
    }
}

fn not_json(text: &str, error: &serde_json::Error) -> PlacedFault {
    // Its columns count bytes.
    let line_start: usize =
        text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut start = (line_start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let end =
        text.get(start..).and_then(|rest| rest.chars().next()).map_or(start, |next| start + next.len_utf8());
    let (line, column) = line_and_column(text, start);
    PlacedFault {
        path: String::new(),
        keyword: "json".into(),
        schema_path: String::new(),
        message: Some(format!("this is no JSON: {error}")),
        line: Some(line),
        column: Some(column),
        start: Some(start),
        end: Some(end),
    }
}

/// The rule at a JSON pointer into a schema: the schema that holds it, or of a long one the rule alone.
pub(super) fn rule(schema: &str, schema_path: &str) -> Option<String> {
    let root: Value = serde_json::from_str(schema).ok()?;
    let mut at = &root;
    let mut holder = &root;
    let mut last = String::new();
    for segment in schema_path.strip_prefix('/')?.split('/') {
        last = segment.replace("~1", "/").replace("~0", "~");
        holder = at;
        at = match at {
            Value::Array(items) => items.get(last.parse::<usize>().ok()?)?,
            Value::Object(members) => members.get(&last)?,
            _ => return None,
        };
        if let Some(pointer) = at.as_str().filter(|_| last == "$ref").and_then(|link| link.strip_prefix('#'))
        {
            at = root.pointer(pointer)?;
        }
    }
    let whole = serde_json::to_string_pretty(holder).ok()?;
    if whole.len() <= MAX_RULE {
        return Some(whole);
    }
    serde_json::to_string_pretty(&serde_json::json!({ last: at })).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn top() -> Dataset {
        "top.score".parse().unwrap()
    }

    #[test]
    fn a_fault_is_placed_in_the_text() {
        let text = "{\n  \"mal_id\": \"x\"\n}";
        let faults = faults(&Judge::embedded(), &Dataset::Genres, Part::Row, text);
        let wrong = faults.iter().find(|fault| fault.path == "/mal_id").unwrap();
        assert_eq!((wrong.keyword.as_str(), wrong.line, wrong.column), ("type", Some(2), Some(13)));
        assert_eq!(&text[wrong.start.unwrap()..wrong.end.unwrap()], "\"x\"");
        let missing = faults.iter().find(|fault| fault.keyword == "required").unwrap();
        assert_eq!((missing.start, missing.end, missing.line), (Some(0), Some(1), Some(1)));
    }

    #[test]
    fn two_rows_in_one_text_are_no_json() {
        let faults = faults(&Judge::embedded(), &top(), Part::Row, "{}, {\"月\": 1}");
        assert_eq!((faults[0].keyword.as_str(), faults[0].column), ("json", Some(3)));
    }

    #[test]
    fn a_page_passes_by_its_envelope() {
        assert!(!faults(&Judge::embedded(), &top(), Part::Page, "{\"data\": 7}").is_empty());
        assert!(!faults(&Judge::embedded(), &top(), Part::Page, "<html>").is_empty());
    }

    #[test]
    fn a_rule_is_found_behind_a_reference() {
        let schema = r##"{"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "string", "minLength": 1}}}"##;
        let found = rule(schema, "/properties/a/$ref/minLength").unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&found).unwrap(),
            serde_json::json!({"type": "string", "minLength": 1})
        );
        assert_eq!(rule(schema, "/properties/b/type"), None);
    }
}
