//! What the fetcher must know of a body: whether it is a page at all, how many rows it has, and whether more follow.

use std::{collections::HashMap, str::FromStr};

use kansoku_schemas::Reason;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, value::RawValue};

/// A page's envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Rows on the page.
    pub rows: u32,
    /// Whether the upstream says that another page follows, where it says so. It lies now and then: an empty page ends a
    /// list too.
    pub has_next_page: Option<bool>,
    /// How many pages there are, as the upstream says.
    pub last_visible_page: Option<u32>,
}

/// A body that is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which kind of no page.
    pub reason: Reason,
    /// What is wrong, for a person.
    pub message: String,
}

/// Reads the envelope of a body.
///
/// # Errors
/// `not_json`; `upstream_error` for an error body, whatever its HTTP status was; `envelope` for JSON without `data`.
pub fn read(body: &[u8]) -> Result<Envelope, Refusal> {
    let refuse = |reason, message: String| Err(Refusal { reason, message });
    // JSON is UTF-8; what is passed over is not checked for that.
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => return refuse(Reason::NotJson, error.to_string()),
    };
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return refuse(Reason::NotJson, error.to_string());
    }
    // Not looked into: what is wrong with the rest is the validator's to say. Of two equal keys the last one counts.
    let keys: HashMap<String, &RawValue> = match serde_json::from_str(text) {
        Ok(keys) => keys,
        Err(error) => return refuse(Reason::Envelope, format!("not a page envelope: {error}")),
    };
    let key = |name: &str| keys.get(name).map(|value| value.get()).filter(|value| *value != "null");
    if let (Some(status), Some(_)) = (key("status"), key("type")) {
        let text = |json: &str| serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
        let says = key("message").map_or("no message".to_owned(), text);
        let status = text(status);
        return refuse(Reason::UpstreamError, format!("the upstream answered with error {status}: {says}"));
    }
    let Some(data) = key("data") else {
        return refuse(Reason::Envelope, "an object without data".to_owned());
    };
    let rows = match serde_json::from_str::<Vec<IgnoredAny>>(data) {
        Ok(rows) => u32::try_from(rows.len()).unwrap_or(u32::MAX),
        Err(_) if data.starts_with('{') => 1,
        Err(_) => return refuse(Reason::Envelope, "data that is neither an array nor an object".to_owned()),
    };
    let pagination: Value =
        key("pagination").and_then(|value| serde_json::from_str(value).ok()).unwrap_or_default();
    Ok(Envelope {
        rows,
        has_next_page: said(&pagination["has_next_page"]),
        last_visible_page: said(&pagination["last_visible_page"]),
    })
}

/// A value, written as itself or as a text: this upstream's types have changed before.
fn said<T: DeserializeOwned + FromStr>(value: &Value) -> Option<T> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => T::deserialize(other).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_what_is_none() {
        let list =
            read(br#"{"pagination":{"last_visible_page":4,"has_next_page":true},"data":[{},{}]}"#).unwrap();
        assert_eq!(list, Envelope { rows: 2, has_next_page: Some(true), last_visible_page: Some(4) });
        let texts = r#"{"pagination":{"last_visible_page":"4","has_next_page":"false"},"data":[{}]}"#;
        let page = Envelope { rows: 1, has_next_page: Some(false), last_visible_page: Some(4) };
        assert_eq!(read(texts.as_bytes()).unwrap(), page);
        assert_eq!(read(br#"{"data":{"mal_id":1}}"#).unwrap().rows, 1);
        let monsters = format!(r#"{{"data":[1e400,"\ud800",{}{}]}}"#, "[".repeat(500), "]".repeat(500));
        assert_eq!(read(monsters.as_bytes()).unwrap().rows, 3, "a bad row is no bad page");
        for odd in [
            r#"{"data":[{}],"status":true,"message":{}}"#,
            r#"{"data":[{}],"status":200,"type":null}"#,
            r#"{"data":[],"data":[{}]}"#,
            r#"{"data":[{}],"pagination":{"last_visible_page":-1,"has_next_page":"no"}}"#,
        ] {
            let page = Envelope { rows: 1, has_next_page: None, last_visible_page: None };
            assert_eq!(read(odd.as_bytes()).unwrap(), page, "{odd}");
        }
        for (body, reason) in [
            (r#"{"data":[{"score":NaN}]}"#, Reason::NotJson),
            ("", Reason::NotJson),
            ("<html>", Reason::NotJson),
            (r#"{"data":[{}"#, Reason::NotJson),
            (r#"{"status":500,"type":"UpstreamException","message":"x"}"#, Reason::UpstreamError),
            (r#"{"status":"429","type":"RateLimitException"}"#, Reason::UpstreamError),
            (r#"{"error":"x"}"#, Reason::Envelope),
            ("[]", Reason::Envelope),
            (r#"{"data":"none"}"#, Reason::Envelope),
        ] {
            assert_eq!(read(body.as_bytes()).unwrap_err().reason, reason, "{body}");
        }
        assert_eq!(read(b"{\"data\":[\"\xff\"]}").unwrap_err().reason, Reason::NotJson, "one bad byte");
    }
}
