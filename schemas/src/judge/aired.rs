//! Dates on air. The upstream writes 1 January for "2027 to ?" and midnight UTC for a day in Tokyo.

use super::document::Node;
use crate::Precision;
use chrono::{Datelike, NaiveDate};

/// The day that `aired.<end>` names: the day as written, since the time of day in it means nothing.
pub(super) fn day(aired: Node<'_>, end: &str) -> Option<NaiveDate> {
    let text = aired.get(end)?.as_str()?;
    if text.len() == 4 {
        return NaiveDate::from_ymd_opt(text.parse().ok()?, 1, 1);
    }
    text.get(..10)?.parse().ok()
}

/// How much of the first day is known: by the words of `aired.string`, else by the parts of `aired.prop.from`.
pub(super) fn precision(aired: Node<'_>, from: NaiveDate) -> Precision {
    if aired.get("from").and_then(Node::as_str).is_some_and(|text| text.len() == 4) {
        return Precision::Year;
    }
    let words = aired.get("string").and_then(Node::as_str).unwrap_or_default();
    let first = words.split(" to ").next().unwrap_or_default().trim();
    let numbers: Vec<_> = first.split([' ', ',']).filter(|part| !part.is_empty()).collect();
    match numbers[..] {
        [year] if year.parse::<i32>().is_ok() => return Precision::Year,
        [month, year] if month.parse::<i32>().is_err() && year.parse::<i32>().is_ok() => {
            return Precision::Month;
        }
        [_, _, _] => return Precision::Day,
        _ => {}
    }
    let Some(parts) =
        aired.get("prop").and_then(|prop| prop.get("from")).filter(|from| from.as_object().is_some())
    else {
        return Precision::Day;
    };
    let known = |part| parts.get(part).and_then(Node::as_number).is_some_and(|number| number.is_i64());
    match (known("month"), known("day")) {
        (false, _) if from.month() == 1 => Precision::Year,
        (true, false) => Precision::Month,
        _ => Precision::Day,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::document::Document, *};

    #[test]
    fn precision_follows_the_words() {
        let cases = [
            (json!({"from": "2027-01-01T00:00:00+00:00", "string": "2027 to ?"}), Precision::Year),
            (json!({"from": "2026-10-01T00:00:00+00:00", "string": "Oct 2026 to ?"}), Precision::Month),
            (json!({"from": "2026-10-04T00:00:00+00:00", "string": "Oct 4, 2026 to ?"}), Precision::Day),
            (json!({"from": "2026-10-04T00:00:00+00:00", "string": "Oct 4, 2026"}), Precision::Day),
            (json!({"from": "2027"}), Precision::Year),
            (
                json!({"from": "2027-01-01T00:00:00+00:00", "prop": {"from": {"day": null, "month": null, "year": 2027}}}),
                Precision::Year,
            ),
            (json!({"from": "2027-01-01T00:00:00+00:00"}), Precision::Day),
        ];
        for (aired, expected) in cases {
            let text = aired.to_string();
            let document = Document::parse(text.as_bytes()).unwrap();
            let from = day(document.root(), "from").unwrap();
            assert_eq!(precision(document.root(), from), expected, "{aired}");
        }
    }

    #[test]
    fn a_day_without_a_time_is_the_same_day() {
        for string in ["Apr 3, 2026 to ?", "Apr 2026 to ?", "2026 to ?"] {
            let [with_a_time, without] = ["2026-04-03T00:00:00+00:00", "2026-04-03"].map(|from| {
                let text = json!({"from": from, "string": string}).to_string();
                let document = Document::parse(text.as_bytes()).unwrap();
                let from = day(document.root(), "from").unwrap();
                (from, precision(document.root(), from))
            });
            assert_eq!(with_a_time, without, "{string}");
        }
    }

    #[test]
    fn a_missing_or_odd_day_is_not_known() {
        for aired in [
            json!({}),
            json!({"from": null}),
            json!({"from": "2026-13-45T00:00:00Z"}),
            json!({"from": "あああ"}),
        ] {
            let text = aired.to_string();
            assert_eq!(day(Document::parse(text.as_bytes()).unwrap().root(), "from"), None, "{aired}");
        }
    }
}
