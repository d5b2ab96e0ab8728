//! From a cached response to one that is sent: validators, caching, and what a HEAD or a 304 needs.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use chrono::{DateTime, Utc};

use crate::cache::{CacheStatus, CachedResponse, Encoding, Format, StaleReason};

/// RFC 9211: where the response was found.
const CACHE_STATUS: &str = "cache-status";

/// The parts of a request that a response depends on.
#[derive(Debug, Clone)]
pub(crate) struct RequestHead {
    /// The query string.
    pub query: String,
    /// The form that the header `Accept` prefers.
    pub accepts: Format,
    /// The content coding that the client prefers.
    encoding: Option<Encoding>,
    /// The validators the client has.
    if_none_match: Vec<String>,
}

impl<S: Sync> FromRequestParts<S> for RequestHead {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self {
            query: parts.uri.query().unwrap_or_default().to_owned(),
            accepts: accepted(&parts.headers),
            encoding: Encoding::accepted(&parts.headers),
            if_none_match: list(&parts.headers, header::IF_NONE_MATCH),
        })
    }
}

/// Sends a cached response. `file` is the name of a CSV file, and says that the resource has more than one form.
pub(crate) async fn respond(
    cached: &CachedResponse,
    status: CacheStatus,
    head: &RequestHead,
    now: DateTime<Utc>,
    file: Option<&str>,
) -> Response {
    let is_stale = matches!(status, CacheStatus::Stale(..));
    let marked;
    let cached = if is_stale {
        marked = cached.stale();
        &marked
    } else {
        cached
    };
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    set(headers, header::ETAG, &cached.etag);
    let fixed = HeaderValue::from_static;
    headers.insert(header::CACHE_CONTROL, fixed(if is_stale { "no-store" } else { "public, no-cache" }));
    headers.insert(CACHE_STATUS, fixed(cache_status(status)));
    let vary = if file.is_some() { "accept, accept-encoding" } else { "accept-encoding" };
    headers.insert(header::VARY, fixed(vary));
    if is_stale {
        let age = (now - cached.made_at).num_seconds().max(0);
        set(headers, header::AGE, &age.to_string());
    }
    if let Some(known) = head.if_none_match.iter().find(|known| matches(known, &cached.etag)) {
        if known != "*" {
            set(headers, header::ETAG, known);
        }
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    match cached.format {
        Format::Json => {
            headers.insert(header::CONTENT_TYPE, fixed("application/json"));
        }
        Format::Csv => {
            let name = file.unwrap_or("data");
            headers.insert(header::CONTENT_TYPE, fixed("text/csv; charset=utf-8; header=present"));
            set(
                headers,
                header::CONTENT_DISPOSITION,
                &format!("attachment; filename=\"kansoku-{name}.csv\""),
            );
        }
    }
    // What is marked as stale is not kept, so it would be encoded for each request.
    let encoded = match head.encoding.filter(|_| !is_stale) {
        Some(encoding) => cached.encoded(encoding).await.map(|body| (encoding, body)),
        None => None,
    };
    if let Some((encoding, _)) = encoded {
        headers.insert(header::CONTENT_ENCODING, fixed(encoding.name()));
    }
    *response.body_mut() = Body::from(encoded.map_or_else(|| cached.body.clone(), |(_, body)| body));
    response
}

fn cache_status(status: CacheStatus) -> &'static str {
    match status {
        CacheStatus::Memory => "query-api; hit; detail=memory",
        CacheStatus::Redis => "query-api; hit; detail=redis",
        CacheStatus::Refreshing => "query-api; hit; detail=refreshing",
        CacheStatus::Miss => "query-api; fwd=miss",
        CacheStatus::Stale(StaleReason::Unavailable, _) => "query-api; hit; fwd=stale; detail=database-away",
        CacheStatus::Stale(StaleReason::Busy, _) => "query-api; hit; fwd=stale; detail=database-busy",
        CacheStatus::Stale(StaleReason::Slow, _) => "query-api; hit; fwd=stale; detail=database-slow",
    }
}

/// RFC 9110 13.1.2: compared weakly, as a cache on the way may have come by it.
fn matches(known: &str, etag: &str) -> bool {
    let opaque = |etag: &str| etag.strip_prefix("W/").unwrap_or(etag).to_owned();
    known == "*" || opaque(known) == opaque(etag)
}

/// CSV when it stands before JSON or anything.
fn accepted(headers: &HeaderMap) -> Format {
    let kinds = list(headers, header::ACCEPT);
    let mut kinds = kinds.iter().map(|kind| kind.split(';').next().unwrap_or_default().trim());
    match kinds.find(|kind| matches!(*kind, "text/csv" | "application/json" | "application/*" | "*/*")) {
        Some("text/csv") => Format::Csv,
        _ => Format::Json,
    }
}

fn list(headers: &HeaderMap, name: header::HeaderName) -> Vec<String> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|item| item.trim().to_owned()).collect()
}

fn set(headers: &mut HeaderMap, name: impl header::IntoHeaderName, value: &str) {
    // Every value here is ASCII of our own making.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn csv_is_sent_to_who_prefers_it() {
        for (accept, format) in [
            ("text/csv", Format::Csv),
            ("text/csv;q=0.9, */*;q=0.1", Format::Csv),
            ("application/json, text/csv", Format::Json),
            ("*/*", Format::Json),
            ("text/html", Format::Json),
        ] {
            assert_eq!(accepted(&headers(header::ACCEPT, accept)), format, "{accept}");
        }
        assert_eq!(accepted(&HeaderMap::new()), Format::Json);
    }

    #[test]
    fn a_validator_matches_itself_weakened_or_not() {
        let known = list(&headers(header::IF_NONE_MATCH, "\"a\", W/\"b\""), header::IF_NONE_MATCH);
        let holds = |etag: &str| known.iter().any(|known| matches(known, etag));
        assert!(holds("\"a\"") && holds("\"b\"") && !holds("\"c\""));
        assert!(holds("W/\"a\"") && matches("*", "\"c\""));
    }
}
