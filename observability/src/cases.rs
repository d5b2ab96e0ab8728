//! `cases.toml`: what a person follows from a number to its trace, to the lines of its log, and back.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

/// One way there and back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it is about.
    pub name: String,
    /// PromQL that gives a number above 0.
    pub number: String,
    /// PromQL of series whose exemplars name the trace; without it the first of the lines does, or its first span.
    pub exemplars: Option<String>,
    /// The case that the linked trace is one of.
    pub replays: Option<String>,
    /// What the trace has.
    pub spans: Vec<Said>,
    /// What was logged in it.
    #[serde(default)]
    pub lines: Vec<Said>,
    /// What finds the trace in Tempo.
    pub traceql: String,
    /// What finds the lines in Loki, with `{trace}` in the place of the trace's id.
    pub logql: Option<String>,
}

/// A span's name or a line's words, and the service that says it; in the file `service: words`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Said {
    /// Which service.
    pub service: String,
    /// A name or a part of a message.
    pub words: String,
}

impl TryFrom<String> for Said {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (service, words) =
            text.split_once(": ").ok_or_else(|| format!("{text:?} is not `service: words`"))?;
        Ok(Self { service: service.to_owned(), words: words.to_owned() })
    }
}

/// All of them, from the folder of the definitions, in their order.
///
/// # Errors
/// When the file cannot be read or understood.
pub fn read(folder: &Path) -> Result<Vec<Case>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        case: Vec<Case>,
    }
    let path = folder.join("cases.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    let File { case } = toml::from_str(&text).with_context(|| format!("understand {}", path.display()))?;
    Ok(case)
}
