//! What the fetcher must know of a body: whether it is a page at all, how many rows it has, and whether more follow.

use kansoku_schemas::Reason;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

/// A page's envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Rows on the page.
    pub rows: u32,
    /// Whether the upstream says that another page follows. It lies now and then: an empty page ends a list too.
    pub has_next_page: bool,
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

#[derive(Deserialize)]
struct Body<'a> {
    /// Not looked into: what is wrong with a row is the validator's to say.
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    pagination: Option<Pagination>,
    status: Option<Status>,
    #[serde(rename = "type")]
    kind: Option<IgnoredAny>,
    message: Option<String>,
}

/// A number, from some proxies a string.
#[derive(Deserialize)]
#[serde(untagged)]
enum Status {
    Number(i64),
    Text(String),
}

#[derive(Deserialize)]
struct Pagination {
    has_next_page: Option<bool>,
    last_visible_page: Option<u32>,
}

/// Reads the envelope of a body.
///
/// # Errors
/// `not_json`; `upstream_error` for an error body, whatever its HTTP status was; `envelope` for JSON without `data`.
pub fn read(body: &[u8]) -> Result<Envelope, Refusal> {
    let refuse = |reason, message: String| Err(Refusal { reason, message });
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(body) {
        return refuse(Reason::NotJson, error.to_string());
    }
    let body: Body = match serde_json::from_slice(body) {
        Ok(body) => body,
        Err(error) => return refuse(Reason::Envelope, format!("not a page envelope: {error}")),
    };
    if let (Some(status), Some(_)) = (&body.status, &body.kind) {
        let status = match status {
            Status::Number(number) => number.to_string(),
            Status::Text(text) => text.clone(),
        };
        let says = body.message.unwrap_or_else(|| "no message".to_owned());
        return refuse(Reason::UpstreamError, format!("the upstream answered with error {status}: {says}"));
    }
    let Some(data) = body.data else {
        return refuse(Reason::Envelope, "an object without data".to_owned());
    };
    let rows = match serde_json::from_str::<Vec<IgnoredAny>>(data.get()) {
        Ok(rows) => u32::try_from(rows.len()).unwrap_or(u32::MAX),
        Err(_) if data.get().starts_with('{') => 1,
        Err(_) => return refuse(Reason::Envelope, "data that is neither an array nor an object".to_owned()),
    };
    let pagination = body.pagination.as_ref();
    Ok(Envelope {
        rows,
        has_next_page: pagination.and_then(|says| says.has_next_page).unwrap_or(false),
        last_visible_page: pagination.and_then(|says| says.last_visible_page),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_what_is_none() {
        let list =
            read(br#"{"pagination":{"last_visible_page":4,"has_next_page":true},"data":[{},{}]}"#).unwrap();
        assert_eq!(list, Envelope { rows: 2, has_next_page: true, last_visible_page: Some(4) });
        assert_eq!(read(br#"{"data":{"mal_id":1}}"#).unwrap().rows, 1);
        let monsters = format!(r#"{{"data":[1e400,"\ud800",{}{}]}}"#, "[".repeat(500), "]".repeat(500));
        assert_eq!(read(monsters.as_bytes()).unwrap().rows, 3, "a bad row is no bad page");
        for (body, reason) in [
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
    }
}
