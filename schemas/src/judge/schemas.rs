//! The schema files of this build, overlaid and compiled.

use std::{collections::BTreeMap, path::PathBuf};

use jsonschema::{Draft, PatternOptions, ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Rejection, SchemaTexts, Violation, document::Node, validation::Documents};
use crate::Reason;

/// How many violations of one row a dead letter names.
const MAX_VIOLATIONS: usize = 8;

const EMBEDDED: [(&str, &str); 4] = [
    ("envelope.v1", include_str!("../../json/envelope.v1.json")),
    ("anime.v1", include_str!("../../json/anime.v1.json")),
    ("genre.v1", include_str!("../../json/genre.v1.json")),
    ("history.v1", include_str!("../../json/history.v1.json")),
];

/// Why schemas cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The folder or a file in it cannot be read.
    #[error("read {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file in the overlay replaces nothing.
    #[error("{} replaces no schema; known: {known}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The names that may be replaced.
        known: String,
    },
    /// A text for a schema that there is not.
    #[error("there is no schema {name}; known: {known}")]
    NoSuch {
        /// The name.
        name: String,
        /// The names that may be replaced.
        known: String,
    },
    /// A schema is not JSON or not a schema.
    #[error("schema {name}: {reason}")]
    Invalid {
        /// Its name.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

/// Whether there is a schema of this name.
pub(super) fn is_known(name: &str) -> bool {
    EMBEDDED.iter().any(|(known, _)| *known == name)
}

/// The names of all schemas.
pub(super) fn known() -> String {
    let mut names = EMBEDDED.map(|(name, _)| name);
    names.sort_unstable();
    names.join(", ")
}

/// A compiled schema.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) name: &'static str,
    /// SHA-256 of its text.
    pub(super) hash: String,
    validator: Validator<Documents>,
    /// The same for `serde_json::Value`: what it says of violations does not depend on the order of keys.
    explaining: Validator,
}

impl Schema {
    /// Pointer and words of the most telling violation, and all of them; `None` when there is none.
    pub(super) fn violations(&self, value: Node<'_>) -> Option<(String, String, Vec<Violation>)> {
        if self.validator.is_valid(value) {
            return None;
        }
        let found: Vec<_> = self.validator.iter_errors(value).take(2).collect();
        match &found[..] {
            // Of one, of a value that holds no others, nothing depends on the order of keys.
            [error] if !error.instance().is_object() && !error.instance().is_array() => explained(found),
            _ => self.explain(&value.to_value()),
        }
    }

    pub(super) fn explain(&self, value: &Value) -> Option<(String, String, Vec<Violation>)> {
        explained(self.explaining.iter_errors(value))
    }

    /// A rejection by this schema; which bytes it is about is filled in later.
    pub(super) fn rejection(&self, pointer: String, message: String, errors: Vec<Violation>) -> Rejection {
        Rejection {
            reason: Reason::Schema,
            pointer,
            message,
            errors,
            schema: self.name.to_owned(),
            schema_hash: self.hash.clone(),
            bytes: 0..0,
        }
    }
}

/// Pointer and words of the first violation, and all of them.
fn explained<'a>(
    errors: impl IntoIterator<Item = ValidationError<'a>>,
) -> Option<(String, String, Vec<Violation>)> {
    let mut first = None;
    let mut all = Vec::new();
    for whole in errors.into_iter().take(MAX_VIOLATIONS) {
        let error = deepest(&whole);
        let schema_path = error.schema_path().to_string();
        let keyword = schema_path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut instance_path = error.instance_path().to_string();
        if let ValidationErrorKind::Required { property } = error.kind() {
            // The place that is missing tells more than the place it is missing from.
            let property = property.as_str().unwrap_or_default().replace('~', "~0").replace('/', "~1");
            instance_path = format!("{instance_path}/{property}");
        }
        let message = words(&whole);
        if first.is_none() {
            first = Some((instance_path.clone(), message.clone()));
        }
        all.push(Violation { instance_path, schema_path, keyword, message });
    }
    first.map(|(pointer, message)| (pointer, message, all))
}

/// The failing branch of an `anyOf` that comes nearest: the place deepest in the row, and rather another keyword than the type;
/// of several the last. Where the forms differ by the members that they want, none of them comes nearest.
fn deepest<'a, 'b>(error: &'a ValidationError<'b>) -> &'a ValidationError<'b> {
    let ValidationErrorKind::AnyOf { context } = error.kind() else { return error };
    let first = || context.iter().filter_map(|branch| branch.first());
    if first().any(|branch| matches!(branch.kind(), ValidationErrorKind::Required { .. })) {
        return error;
    }
    let depth = |error: &ValidationError<'_>| error.instance_path().as_str().matches('/').count();
    let rank = |error: &&ValidationError<'b>| {
        (depth(error), !matches!(error.kind(), ValidationErrorKind::Type { .. }))
    };
    first().map(deepest).max_by_key(rank).unwrap_or(error)
}

/// What is wrong; of an `anyOf`, what each of its forms wants.
fn words(error: &ValidationError<'_>) -> String {
    let ValidationErrorKind::AnyOf { context } = error.kind() else { return error.to_string() };
    let forms: Vec<String> = context.iter().filter_map(|branch| branch.first()).map(words).collect();
    format!("it has none of {} forms: {}", forms.len(), forms.join("; "))
}

/// Schema texts by name.
#[derive(Debug)]
pub(super) struct Schemas(BTreeMap<&'static str, String>);

impl Schemas {
    pub(super) fn embedded() -> Self {
        Self(EMBEDDED.into_iter().map(|(name, text)| (name, text.to_owned())).collect())
    }

    /// Replaces texts by those of the same name.
    pub(super) fn replaced(mut self, texts: &SchemaTexts) -> Result<Self, SchemaError> {
        for (name, text) in texts {
            let place = self.0.get_mut(name.as_str());
            let place = place.ok_or_else(|| SchemaError::NoSuch { name: name.clone(), known: known() })?;
            place.clone_from(text);
        }
        Ok(self)
    }

    /// The text of a schema by its name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All texts by their names.
    pub(super) fn all(&self) -> SchemaTexts {
        self.0.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect()
    }

    pub(super) fn compile(&self, name: &'static str) -> Result<Schema, SchemaError> {
        let invalid = |reason: String| SchemaError::Invalid { name: name.to_owned(), reason };
        let text = self.0.get(name).ok_or_else(|| invalid("no such schema".to_owned()))?;
        let schema = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
        let validator = jsonschema::options_for::<Documents>()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            // Takes no back references, and no time but by the length of a text.
            .with_pattern_options(PatternOptions::regex())
            .build(&schema)
            .map_err(|error| invalid(error.to_string()))?;
        let explaining = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            // Takes no back references, and no time but by the length of a text.
            .with_pattern_options(PatternOptions::regex())
            .build(&schema)
            .map_err(|error| invalid(error.to_string()))?;
        Ok(Schema { name, hash: hex::encode(Sha256::digest(text)), validator, explaining })
    }

    /// One hash over all texts, with their names, and the version of this crate.
    pub(super) fn hash(&self) -> String {
        let mut hash = Sha256::new_with_prefix(env!("CARGO_PKG_VERSION"));
        for (name, text) in &self.0 {
            hash.update((name.len() as u64).to_be_bytes());
            hash.update(name);
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hex::encode(hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_any_of_the_branch_that_comes_nearest_is_named() {
        let schema = r##"{
            "properties": {"aired": {"properties": {"from": {"$ref": "#/$defs/day"}}}},
            "$defs": {"day": {"anyOf": [{"type": "null"}, {"type": "string", "format": "date-time"}, {"pattern": "^[0-9]{4}$"}]}}
        }"##;
        let schema = Schemas([("anime.v1", schema.to_owned())].into()).compile("anime.v1").unwrap();
        let row = serde_json::json!({"aired": {"from": "2026-10-18"}});
        let (_, _, all) = schema.explain(&row).unwrap();
        let [found] = &all[..] else { panic!("one violation, not {all:?}") };
        assert_eq!((found.instance_path.as_str(), found.keyword.as_str()), ("/aired/from", "pattern"));
        assert_eq!(found.schema_path, "/$defs/day/anyOf/2/pattern");
        let only = |value| {
            let schema = r##"{"anyOf": [{"type": "null"}, {"type": "string", "format": "date-time"}]}"##;
            let schemas = Schemas([("anime.v1", schema.to_owned())].into());
            schemas.compile("anime.v1").unwrap().explain(&value).unwrap()
        };
        let (pointer, message, _) = only(serde_json::json!("x"));
        assert_eq!(pointer, "");
        assert_eq!(
            message,
            "it has none of 2 forms: \"x\" is not of type \"null\"; \"x\" is not a \"date-time\""
        );
    }

    #[test]
    fn a_pattern_that_would_have_to_go_back_is_refused() {
        let schema = r##"{"properties": {"name": {"pattern": "^(a*)*\\1$"}}}"##;
        let refused = Schemas([("anime.v1", schema.to_owned())].into()).compile("anime.v1").unwrap_err();
        assert!(refused.to_string().starts_with("schema anime.v1: "), "{refused}");
    }

    #[test]
    fn every_embedded_schema_compiles() {
        let schemas = Schemas::embedded();
        for (name, _) in EMBEDDED {
            schemas.compile(name).unwrap();
        }
    }
}
