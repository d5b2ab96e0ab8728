//! Lets each client ask only so often.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::{IntoResponse, Response},
};
use kansoku_service::Clock;

use crate::{problem::Failure, rate::Limiter};

/// The limit, shared by all requests.
#[derive(Clone)]
pub(crate) struct RateLimit {
    limiter: Option<Arc<Mutex<Limiter>>>,
    clock: Arc<dyn Clock>,
    /// The header in which a trusted proxy names the client.
    client_header: Option<HeaderName>,
}

impl RateLimit {
    /// A limit that starts with full buckets, or none.
    pub(crate) fn new(
        limiter: Option<Limiter>,
        clock: Arc<dyn Clock>,
        client_header: Option<HeaderName>,
    ) -> Self {
        Self { limiter: limiter.map(|limiter| Arc::new(Mutex::new(limiter))), clock, client_header }
    }
}

/// Answers 429 to a client whose bucket is empty.
pub(crate) async fn limit(State(rate): State<RateLimit>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let named = rate.client_header.as_ref().and_then(|name| last_address(request.headers(), name));
    if let (Some(client), Some(limiter)) = (named.or(peer), &rate.limiter) {
        let now = rate.clock.monotonic();
        let taken = limiter.lock().unwrap_or_else(PoisonError::into_inner).take(client, now);
        if let Err(retry_after) = taken {
            return Failure::TooMany { retry_after }.into_response();
        }
    }
    next.run(request).await
}

/// The last address in the list: the one that our own proxy added, and no client can choose.
fn last_address(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let value = headers.get_all(name).into_iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_client_cannot_name_itself() {
        let name = HeaderName::from_static("x-forwarded-for");
        let mut headers = HeaderMap::new();
        assert_eq!(last_address(&headers, &name), None);
        headers.append(name.clone(), HeaderValue::from_static("203.0.113.9"));
        headers.append(name.clone(), HeaderValue::from_static("198.51.100.1, 192.0.2.7"));
        assert_eq!(last_address(&headers, &name), "192.0.2.7".parse().ok());
    }
}
