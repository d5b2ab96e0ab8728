//! Why a command did not do what was asked, in words and as an exit code.

use serde::Deserialize;
use unicode_width::UnicodeWidthStr;

use crate::{model::PlacedFault, visible};

/// How a command ended that could do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well.
    Done,
    /// Something was found that is not.
    NotPassed,
}

impl Outcome {
    /// Done, if that holds.
    pub(crate) fn done_if(well: bool) -> Self {
        if well { Self::Done } else { Self::NotPassed }
    }
}

/// What the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command makes no sense.
    Usage = 2,
    /// The API does not allow it, or something else has happened since.
    Refused = 3,
    /// The API does not answer, or cannot now.
    Unreachable = 4,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What the exit code says.
    pub kind: Kind,
    /// For people.
    pub words: String,
}

/// An error of the API, by RFC 9457.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Problem {
    detail: String,
    request_id: String,
    allowed: Vec<String>,
    column: Option<usize>,
    faults: Vec<PlacedFault>,
}

/// The command makes no sense.
pub(crate) fn usage(words: impl Into<String>) -> Failure {
    Failure { kind: Kind::Usage, words: words.into() }
}

/// The API cannot be asked.
pub(crate) fn unreachable(words: impl Into<String>) -> Failure {
    Failure { kind: Kind::Unreachable, words: words.into() }
}

impl Failure {
    /// The API's answer to a request, in which `filter` was given.
    pub(crate) fn answered(status: u16, body: &str, filter: Option<&str>) -> Self {
        let problem: Problem = serde_json::from_str(body).unwrap_or_default();
        let kind = match status {
            401 | 403 | 409 => Kind::Refused,
            429 | 500.. => Kind::Unreachable,
            _ => Kind::Usage,
        };
        let mut words = match problem.detail.as_str() {
            "" => format!("the API answers with status {status}"),
            detail => visible::line(detail),
        };
        if let (Some(filter), Some(column)) = (filter, problem.column) {
            words += &caret(filter, column);
        }
        for fault in &problem.faults {
            words += &format!("\n  {}", visible::line(&fault.words()));
        }
        if !problem.allowed.is_empty() && problem.column.is_none() {
            words += &visible::line(&format!("; allowed: {}", problem.allowed.join(", ")));
        }
        if status >= 500 && !problem.request_id.is_empty() {
            words += &visible::line(&format!(" (request {})", problem.request_id));
        }
        Self { kind, words }
    }
}

/// The filter, and under it a mark at the character that is wrong.
fn caret(filter: &str, column: usize) -> String {
    let before: String = filter.chars().take(column.saturating_sub(1)).collect();
    let blanks = " ".repeat(visible::line(&before).width());
    format!("\n  {}\n  {blanks}^", visible::line(filter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_filter_is_marked_at_its_column() {
        let body = r#"{"detail": "filter: no key is called \"stat\"", "column": 10}"#;
        let failure = Failure::answered(400, body, Some("title:観 stat:open"));
        assert_eq!(failure.kind, Kind::Usage);
        assert_eq!(failure.words, "filter: no key is called \"stat\"\n  title:観 stat:open\n            ^");
    }

    #[test]
    fn the_code_says_who_has_to_act() {
        let kind = |status| Failure::answered(status, "no JSON", None).kind;
        for (status, expected) in [
            (400, Kind::Usage),
            (404, Kind::Usage),
            (401, Kind::Refused),
            (403, Kind::Refused),
            (409, Kind::Refused),
            (429, Kind::Unreachable),
            (503, Kind::Unreachable),
        ] {
            assert_eq!(kind(status), expected, "{status}");
        }
    }

    #[test]
    fn what_the_api_says_cannot_reach_the_terminal() {
        let body = "{\"detail\": \"ada did \\u001b[2J\", \"faults\": [{\"path\": \"/\\u0007\", \"keyword\": \"k\"}]}";
        let failure = Failure::answered(409, body, None);
        assert_eq!(failure.words, "ada did ␛[2J\n  /␇ · k");
    }
}
