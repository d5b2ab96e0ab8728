//! As much of PromQL as is needed to say which names a query uses, and to make its windows shorter.

use std::{collections::BTreeSet, num::NonZeroU32};

/// What a query names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Its series.
    pub selectors: Vec<Selector>,
    /// Labels by which it groups or matches.
    pub grouping: BTreeSet<String>,
}

/// A series with the labels by which it is selected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// The metric.
    pub metric: String,
    /// Names of labels.
    pub labels: BTreeSet<String>,
}

const GROUPING: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];
const WORDS: [&str; 19] = [
    "and",
    "or",
    "unless",
    "bool",
    "offset",
    "inf",
    "nan",
    "sum",
    "avg",
    "min",
    "max",
    "count",
    "group",
    "topk",
    "bottomk",
    "quantile",
    "stddev",
    "stdvar",
    "count_values",
];

/// Names in a query; variables of Grafana (`$job`) are passed over.
pub fn names(query: &str) -> Names {
    let mut found = Names::default();
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '"' | '\'' | '`' => after_string(rest),
            '[' => rest.find(']').map_or("", |end| &rest[end + 1..]),
            '{' => {
                let (labels, after) = matchers(rest);
                if let (Some(selector), false) = (found.selectors.last_mut(), labels.is_empty()) {
                    selector.labels.extend(labels);
                }
                after
            }
            '$' => split_word(rest[1..].trim_start_matches('{')).1.trim_start_matches('}'),
            '0'..='9' => rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.'),
            c if is_word(c) => {
                let (word, after) = split_word(rest);
                let next = after.trim_start();
                if GROUPING.contains(&word) && next.starts_with('(') {
                    let (inside, after) = next[1..].split_once(')').unwrap_or((&next[1..], ""));
                    let labels = inside.split(',').map(str::trim).filter(|label| !label.is_empty());
                    found.grouping.extend(labels.map(str::to_owned));
                    after
                } else {
                    let is_function = next.starts_with('(');
                    if !is_function
                        && !GROUPING.contains(&word)
                        && !WORDS.contains(&word.to_lowercase().as_str())
                    {
                        found.selectors.push(Selector { metric: word.to_owned(), labels: BTreeSet::new() });
                    }
                    after
                }
            }
            other => &rest[other.len_utf8()..],
        };
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

fn split_word(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c| !is_word(c)).unwrap_or(text.len()))
}

/// The names of labels in braces, and what comes after them.
fn matchers(text: &str) -> (Vec<String>, &str) {
    let (mut labels, mut rest) = (Vec::new(), &text[1..]);
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '}' => return (labels, &rest[1..]),
            '"' | '\'' | '`' => after_string(rest),
            c if is_word(c) => {
                let (word, after) = split_word(rest);
                labels.push(word.to_owned());
                after
            }
            other => &rest[other.len_utf8()..],
        };
    }
    (labels, rest)
}

/// What comes after the string with which the text begins.
pub(crate) fn after_string(text: &str) -> &str {
    let mut characters = text.char_indices();
    let quote = characters.next().map(|(_, quote)| quote);
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quote != Some('`') {
            characters.next();
        } else if Some(character) == quote {
            return &text[at + 1..];
        }
    }
    ""
}

/// The query with every window (`[5m]`) divided.
pub(crate) fn faster(query: &str, speed: NonZeroU32) -> String {
    let (mut out, mut rest) = (String::new(), query);
    while let Some((before, after)) = rest.split_once('[') {
        let (window, after) = after.split_once(']').unwrap_or((after, ""));
        // A matcher on digits looks like a window, and is none.
        let shorter = if window.starts_with(|c: char| c.is_ascii_digit()) && !window.contains('-') {
            divided(window, speed)
        } else {
            window.to_owned()
        };
        out.extend([before, "[", &shorter, "]"]);
        rest = after;
    }
    out + rest
}

/// A duration of Prometheus, of one unit, divided; a second at least unless it was none.
pub(crate) fn divided(duration: &str, speed: NonZeroU32) -> String {
    let digits = duration.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &duration[digits.len()..] {
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => 1,
    };
    match digits.parse::<u64>() {
        Ok(count) if speed.get() > 1 && count > 0 => {
            format!("{}s", (count * unit / u64::from(speed.get())).max(1))
        }
        _ => duration.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_labels_and_grouping_are_found() {
        let found = names(
            "sum by (job, le) (rate(http_seconds_bucket{http_route=~\"/a/{id}\", le='0.5'}[5m])) / on (job) group_left \
             max_over_time(up[1h:1m] offset 5m) > bool 0.8 unless slo:x == $limit and count(${metric}) < 1e3",
        );
        let metrics: Vec<_> = found.selectors.iter().map(|selector| selector.metric.as_str()).collect();
        assert_eq!(metrics, ["http_seconds_bucket", "up", "slo:x"]);
        assert_eq!(found.selectors[0].labels, ["http_route".to_owned(), "le".to_owned()].into());
        assert_eq!(found.grouping, ["job".to_owned(), "le".to_owned()].into());
    }

    #[test]
    fn windows_become_shorter_and_nothing_else_does() {
        let speed = NonZeroU32::new(60).unwrap();
        let query = "rate(a{b=~\"[0-9].*\"}[5m]) > 60 and x[30s] and y[3d]";
        assert_eq!(faster(query, speed), "rate(a{b=~\"[0-9].*\"}[5s]) > 60 and x[1s] and y[4320s]");
        assert_eq!(divided("0s", speed), "0s");
        assert_eq!(faster(query, NonZeroU32::MIN), query);
    }
}
