//! The schema files of this build, overlaid and compiled.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use jsonschema::{Draft, Validator};
use sha2::{Digest, Sha256};

const EMBEDDED: [(&str, &str); 9] = [
    ("envelope.v1", include_str!("../../json/envelope.v1.json")),
    ("anime.v1", include_str!("../../json/anime.v1.json")),
    ("genre.v1", include_str!("../../json/genre.v1.json")),
    ("history.v1", include_str!("../../json/history.v1.json")),
    ("snapshot-page.v1", include_str!("../../json/snapshot-page.v1.json")),
    ("genre-page.v1", include_str!("../../json/genre-page.v1.json")),
    ("history-page.v1", include_str!("../../json/history-page.v1.json")),
    ("run-event.v1", include_str!("../../json/run-event.v1.json")),
    ("capture.v1", include_str!("../../json/capture.v1.json")),
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
    /// A schema is not JSON or not a schema.
    #[error("schema {name}: {reason}")]
    Invalid {
        /// Its name.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

/// A compiled schema.
#[derive(Debug)]
pub(super) struct Schema {
    pub(super) name: &'static str,
    /// SHA-256 of its text.
    pub(super) hash: String,
    pub(super) validator: Validator,
}

/// Schema texts by name.
#[derive(Debug)]
pub(super) struct Schemas(BTreeMap<&'static str, String>);

impl Schemas {
    pub(super) fn embedded() -> Self {
        Self(EMBEDDED.into_iter().map(|(name, text)| (name, text.to_owned())).collect())
    }

    /// Replaces texts by the files `<name>.json` in `folder`; other `.json` files there are an error.
    pub(super) fn overlaid(mut self, folder: &Path) -> Result<Self, SchemaError> {
        let read = |source| SchemaError::Read { path: folder.to_path_buf(), source };
        for entry in std::fs::read_dir(folder).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if path.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let known = self.0.keys().copied().collect::<Vec<_>>().join(", ");
            let Some(text) = self.0.get_mut(name) else { return Err(SchemaError::Unknown { path, known }) };
            *text = std::fs::read_to_string(&path)
                .map_err(|source| SchemaError::Read { path: path.clone(), source })?;
        }
        Ok(self)
    }

    pub(super) fn compile(&self, name: &'static str) -> Result<Schema, SchemaError> {
        let invalid = |reason: String| SchemaError::Invalid { name: name.to_owned(), reason };
        let text = self.0.get(name).ok_or_else(|| invalid("no such schema".to_owned()))?;
        let schema = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema)
            .map_err(|error| invalid(error.to_string()))?;
        Ok(Schema { name, hash: hex::encode(Sha256::digest(text)), validator })
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
    fn every_embedded_schema_compiles() {
        let schemas = Schemas::embedded();
        for (name, _) in EMBEDDED {
            schemas.compile(name).unwrap();
        }
    }
}
