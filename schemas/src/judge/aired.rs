//! Dates on air. The upstream writes 1 January for "2027 to ?" and midnight UTC for a day in Tokyo.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use crate::Precision;

/// The day that `aired.<end>` names: the day as written, since the time of day in it means nothing.
pub(super) fn day(aired: &Value, end: &str) -> Option<NaiveDate> {
    let text = aired.get(end)?.as_str()?;
    if text.len() == 4 {
        return NaiveDate::from_ymd_opt(text.parse().ok()?, 1, 1);
    }
    text.get(..10)?.parse().ok()
}

/// How much of the first day is known: by the words of `aired.string`, else by the parts of `aired.prop.from`.
pub(super) fn precision(aired: &Value, from: NaiveDate) -> Precision {
    if aired.get("from").and_then(Value::as_str).is_some_and(|text| text.len() == 4) {
        return Precision::Year;
    }
    let words = aired.get("string").and_then(Value::as_str).unwrap_or_default();
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
    let known = |part: &str| aired.pointer(&format!("/prop/from/{part}")).and_then(Value::as_i64).is_some();
    let told = aired.pointer("/prop/from").is_some_and(Value::is_object);
    match (told, known("month"), known("day")) {
        (true, false, _) if from.month() == 1 => Precision::Year,
        (true, true, false) => Precision::Month,
        _ => Precision::Day,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
            assert_eq!(precision(&aired, day(&aired, "from").unwrap()), expected, "{aired}");
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
            assert_eq!(day(&aired, "from"), None, "{aired}");
        }
    }
}
