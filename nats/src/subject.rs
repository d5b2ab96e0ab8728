//! Subjects: `raw.<dataset>`, `valid.<dataset>`, `dlq.<stage>.<reason>.<dataset>`, `run.<dataset>.<run>`,
//! `audit.<action>`; and the largest message that each stream takes.

use kansoku_schemas::{Dataset, Reason, RunId, Stage};

const MIB: usize = 1 << 20;

/// Raw pages.
pub fn raw(dataset: &Dataset) -> String {
    format!("raw.{dataset}")
}

/// Accepted rows.
pub fn valid(dataset: &Dataset) -> String {
    format!("valid.{dataset}")
}

/// Dead letters. `dataset` is text because a page may be dead for naming none, or one that is no name: `unknown`.
pub fn dlq(stage: Stage, reason: Reason, dataset: &str) -> String {
    // The server closes the connection for a subject over 4 KiB.
    const MAX_BYTES: usize = 200;
    let dataset = if dataset.len() <= MAX_BYTES { dataset } else { "unknown" };
    format!("dlq.{stage}.{reason}.{dataset}")
}

/// A run's events.
pub fn run(dataset: &Dataset, run: &RunId) -> String {
    format!("run.{dataset}.{run}")
}

/// The events of all runs of a dataset.
pub fn runs(dataset: &Dataset) -> String {
    format!("run.{dataset}.*")
}

/// An archive file, by the first RAW position in it.
pub fn archive(epoch: u64, first: u64) -> String {
    format!("run.archive.{epoch}-{first}")
}

/// All archive files: the last message here tells how far RAW is archived.
pub const ARCHIVES: &str = "run.archive.*";

/// Actions of one kind.
pub fn audit(action: &str) -> String {
    format!("audit.{action}")
}

/// Whether the client library can read a protocol line that names this subject: it splits the line at what Unicode calls
/// white space. Bytes that are not UTF-8 arrive as U+FFFD where the server says the subject in JSON.
pub(crate) fn is_readable(subject: &str) -> bool {
    !subject.contains(|char: char| char.is_whitespace() || char == char::REPLACEMENT_CHARACTER)
}

/// The dataset token of a subject, `None` where its kind has none or nobody could read a subject made of it.
pub fn dataset_of(subject: &str) -> Option<&str> {
    let (kind, rest) = subject.split_once('.').filter(|_| is_readable(subject))?;
    match kind {
        "raw" | "valid" => Some(rest),
        "dlq" => rest.splitn(3, '.').nth(2),
        "run" => rest.rsplit_once('.').map(|(dataset, _)| dataset),
        _ => None,
    }
}

/// The subject with its varying parts as names: few values, for metrics and the names of spans.
pub fn template(subject: &str) -> &'static str {
    match subject.split('.').next() {
        Some("raw") => "raw.{dataset}",
        Some("valid") => "valid.{dataset}",
        Some("dlq") => "dlq.{stage}.{reason}.{dataset}",
        Some("run") => "run.{dataset}.{run}",
        Some("audit") => "audit.{action}",
        Some("$KV") => "$KV.{bucket}.{key}",
        _ => "{subject}",
    }
}

/// The largest message for a subject, in bytes with headers. The server's `max_payload` (2 MB) is above all of them:
/// a message over that would close the connection.
pub fn limit(subject: &str) -> usize {
    if subject.starts_with("dlq.") { MIB + MIB / 2 } else { MIB }
}

/// The most bytes of headers for a subject. The server takes 64 KiB; a page leaves capacity for what its dead letter adds.
pub fn header_limit(subject: &str) -> usize {
    if subject.starts_with("raw.") { 32 << 10 } else { 60 << 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dataset_is_found_in_every_kind() {
        assert_eq!(dataset_of("raw.season.2026.fall"), Some("season.2026.fall"));
        assert_eq!(dataset_of("dlq.validate.schema.top.score"), Some("top.score"));
        assert_eq!(dataset_of("run.top.score.5f0c"), Some("top.score"));
        assert_eq!(dataset_of("audit.discard"), None);
        assert_eq!(dataset_of("raw.top\u{a0}score"), None);
    }
}
