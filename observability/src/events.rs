//! `events.toml`: what the services log.

use std::{collections::BTreeMap, fmt::Write, fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;

/// The events by crate; each `level message` with what it means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Events(pub BTreeMap<String, BTreeMap<String, String>>);

impl Events {
    /// Reads them from the folder of the definitions.
    ///
    /// # Errors
    /// When the file cannot be read or understood.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("events.toml");
        let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("understand {}", path.display()))
    }

    /// Whether a line that a service wrote is one of these.
    pub fn has(&self, level: &str, message: &str) -> bool {
        let mut all = self.0.values().flat_map(BTreeMap::keys);
        let level = level.to_lowercase();
        all.any(|event| {
            event.split_once(' ').is_some_and(|(its, template)| its == level && fits(template, message))
        })
    }

    /// Them as a document.
    pub(crate) fn document(&self) -> String {
        let mut out = "<!-- Made by `make generate` of observability/events.toml. -->\n# What is logged\n\
            A line is JSON: `timestamp`, `level`, `service`, `message`, `trace_id` where there is a trace, and the values of its braces as fields. \
            Search for the words between them: `grep` in `.data/log`, in Loki `{service_name=\"loader\"} |= \"waits for\"`. \
            One cause is said once a minute; `left_out` counts the others.\n"
            .to_owned();
        for (of, events) in &self.0 {
            // Writing to a string never fails.
            let _ = write!(out, "\n## {of}\n| level | message | means |\n|---|---|---|\n");
            for (event, means) in events {
                let (level, message) = event.split_once(' ').unwrap_or_default();
                let _ = writeln!(out, "| {level} | {} | {means} |", code(message));
            }
        }
        out
    }
}

/// As code in a table, whatever is in it.
fn code(message: &str) -> String {
    if message.contains('`') { format!("`` {message} ``") } else { format!("`{message}`") }
}

/// Whether a message has the template's words in their order, from its first to its last.
fn fits(template: &str, message: &str) -> bool {
    let words = template.split('{').enumerate();
    let words: Vec<_> = words
        .map(|(place, part)| part.split_once('}').filter(|_| place > 0).map_or(part, |(_, words)| words))
        .collect();
    let [first, between @ .., last] = &words[..] else { return template == message };
    let inner = message.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
    inner.is_some_and(|rest| {
        between.iter().try_fold(rest, |rest, word| Some(rest.split_once(word)?.1)).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_known_by_its_words() {
        assert!(fits("page {page} of {dataset} is given up: {reason}", "page 3 of genres is given up: 404"));
        assert!(fits("{name} once more: ending at once", "SIGTERM once more: ending at once"));
        assert!(fits("connected to NATS", "connected to NATS"));
        for other in ["page 3 of genres is taken", "a page 3 of genres is given up: 404"] {
            assert!(!fits("page {page} of {dataset} is given up: {reason}", other), "{other}");
        }
        assert!(!fits("connected to NATS", "connected to NATS at nats://a"));
    }
}
