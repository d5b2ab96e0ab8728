//! The folder of schemas that take the place of the built-in ones, and what of it has changed since the last look.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{Judge, SchemaError, schemas};

/// Texts of schemas by name (`anime.v1`), each in place of the built-in one.
pub type SchemaTexts = BTreeMap<String, String>;

/// What rows are judged by: the section `[schemas]` of whoever judges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SchemaSettings {
    /// A folder with schemas (`anime.v1.json` …) that take the place of the built-in ones of the same name.
    pub overlay: Option<PathBuf>,
}

impl SchemaSettings {
    /// Compiles the schemas.
    ///
    /// # Errors
    /// When the folder cannot be read or a schema in it is none.
    pub fn judge(&self) -> Result<Judge, SchemaError> {
        Judge::with_texts(&self.texts()?)
    }

    /// Reads the files `<name>.json` in the folder; another `.json` file there is an error.
    ///
    /// # Errors
    /// When the folder or a file cannot be read, or a file replaces nothing.
    pub fn texts(&self) -> Result<SchemaTexts, SchemaError> {
        let Some(folder) = &self.overlay else { return Ok(SchemaTexts::new()) };
        let read = |source| SchemaError::Read { path: folder.clone(), source };
        let mut texts = SchemaTexts::new();
        for entry in fs::read_dir(folder).map_err(read)? {
            let path = entry.map_err(read)?.path();
            if path.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            if !schemas::is_known(&name) {
                return Err(SchemaError::Unknown { path, known: schemas::known() });
            }
            let text = fs::read_to_string(&path);
            texts.insert(name, text.map_err(|source| SchemaError::Read { path, source })?);
        }
        Ok(texts)
    }
}

/// Looks at the folder again and again.
#[derive(Debug)]
pub(super) struct SchemaWatch {
    settings: SchemaSettings,
    /// What was there at the last look, or the words of what was wrong.
    last: Result<SchemaTexts, String>,
}

impl SchemaWatch {
    /// Begins with the judge by what is there now.
    ///
    /// # Errors
    /// As [`SchemaSettings::judge`].
    pub(super) fn start(settings: SchemaSettings) -> Result<(Self, Judge), SchemaError> {
        let texts = settings.texts()?;
        let judge = Judge::with_texts(&texts)?;
        Ok((Self { settings, last: Ok(texts) }, judge))
    }

    /// Begins without a look.
    pub(super) fn unseen(settings: SchemaSettings) -> Self {
        Self { settings, last: Err(String::new()) }
    }

    /// The judge by what is there now, or why there is none; `None` while nothing has changed since the last look.
    pub(super) fn look(&mut self) -> Option<Result<Judge, SchemaError>> {
        let read = self.settings.texts();
        let seen = read.as_ref().map(Clone::clone).map_err(ToString::to_string);
        if seen == self.last {
            return None;
        }
        self.last = seen;
        Some(read.and_then(|texts| Judge::with_texts(&texts)))
    }

    /// The texts that were there at the last look.
    pub(super) fn texts(&self) -> SchemaTexts {
        self.last.clone().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_the_folder_is_seen_once() {
        let folder = std::env::temp_dir().join(format!("kansoku-schema-watch-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("genre.v1.json");
        let (mut watch, first) =
            SchemaWatch::start(SchemaSettings { overlay: Some(folder.clone()) }).unwrap();
        assert!(watch.look().is_none());
        fs::write(&file, r#"{"type":"object"}"#).unwrap();
        let changed = watch.look().unwrap().unwrap();
        assert_ne!(changed.hash(), first.hash());
        assert!(watch.look().is_none());
        fs::write(&file, r#"{"type":"#).unwrap();
        assert!(matches!(watch.look().unwrap(), Err(SchemaError::Invalid { .. })));
        assert!(watch.look().is_none(), "what is wrong is said once");
        fs::remove_file(&file).unwrap();
        assert_eq!(watch.look().unwrap().unwrap().hash(), first.hash());
        fs::write(folder.join("other.json"), "{}").unwrap();
        assert!(matches!(watch.look().unwrap(), Err(SchemaError::Unknown { .. })));
        assert!(watch.look().is_none());
        fs::remove_dir_all(&folder).unwrap();
    }
}
