//! The request id: in a header, in every log line of the request, and in the body of every problem.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use sha2::{Digest, Sha256};

use crate::problem::Failure;

/// The header that carries it, in and out.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request in hand: visible ASCII.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// The id as text.
    pub(crate) fn text(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Sends it along with the response.
    pub(crate) fn name(self, response: &mut Response) {
        response.headers_mut().insert(REQUEST_ID, self.0);
    }
}

/// Makes ids: the instance's name and a count.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    instance: Arc<str>,
    next: Arc<AtomicU64>,
}

impl Ids {
    /// Ids of one instance of the service, whose name says more about the machine than a client needs to know.
    pub(crate) fn new(instance: &str) -> Self {
        let instance = hex::encode(&Sha256::digest(instance)[..6]).into();
        Self { instance, next: Arc::default() }
    }

    fn next(&self) -> RequestId {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let id = HeaderValue::try_from(format!("{}-{count}", self.instance));
        // Hexadecimal digits are what a header can say.
        RequestId(id.unwrap_or(HeaderValue::from_static("0")))
    }

    /// The id of a request; a proxy's own is kept.
    pub(crate) fn give(&self, request: &Request) -> RequestId {
        request.headers().get(REQUEST_ID).and_then(usable).unwrap_or_else(|| self.next())
    }
}

/// Gives a failure its body, which quotes the id; `should_log` is asked for each cause that the client is not told.
pub(crate) fn write_problem(
    response: &mut Response,
    id: &RequestId,
    should_log: impl Fn(&str) -> Option<u64>,
) {
    let Some(failure) = response.extensions().get::<Failure>() else { return };
    let id = id.text();
    failure.log(id, should_log);
    // A problem holds texts and numbers only, which JSON can always say.
    let body = serde_json::to_vec(&failure.problem(id)).unwrap_or_default();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    *response.body_mut() = Body::from(body);
}

fn usable(value: &HeaderValue) -> Option<RequestId> {
    let text = value.to_str().ok()?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | ':');
    (1..=64).contains(&text.len()).then_some(())?;
    text.chars().all(plain).then(|| RequestId(value.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_others_are_kept_when_they_are_harmless() {
        let kept = |text: &str| HeaderValue::from_str(text).ok().and_then(|value| usable(&value)).is_some();
        assert!(kept("0af7651916cd43dd8448eb211c80319c") && kept("lb-1:77.a_b"));
        assert!(!kept("") && !kept("a b") && !kept("<script>") && !kept(&"x".repeat(65)));
    }

    #[test]
    fn ids_differ() {
        let ids = Ids::new("host-1");
        let (first, second) = (ids.next(), ids.clone().next());
        assert!(first.text().ends_with("-0") && second.text().ends_with("-1"), "{first:?} {second:?}");
        assert_ne!(Ids::new("host-2").next().text(), first.text());
    }
}
