//! Lets each client ask only so often.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, Request},
    http::{Extensions, HeaderMap, HeaderName},
};
use governor::{Quota, RateLimiter, middleware::NoOpMiddleware, state::keyed::HashMapStateStore};
use kansoku_service::{Clock, client_prefix};

/// After so many requests, clients that have all their requests again are forgotten.
const SWEEP_EVERY: usize = 10_000;

/// The time by which clients get requests again.
#[derive(Debug, Clone)]
struct LimiterClock(Arc<dyn Clock>);

impl governor::clock::Clock for LimiterClock {
    type Instant = Instant;

    fn now(&self) -> Instant {
        self.0.monotonic()
    }
}

type Clients = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, LimiterClock, NoOpMiddleware<Instant>>;

/// The limit, shared by all requests.
#[derive(Debug, Clone)]
pub(crate) struct RateLimit {
    clients: Option<Arc<Clients>>,
    clock: LimiterClock,
    checked: Arc<AtomicUsize>,
    /// The header in which a trusted proxy names the client.
    client_header: Option<HeaderName>,
}

impl RateLimit {
    /// Lets a client ask `burst` times at once and `per_minute` times in the long run; without limit where that is 0.
    pub(crate) fn new(
        per_minute: u32,
        burst: u32,
        clock: Arc<dyn Clock>,
        client_header: Option<HeaderName>,
    ) -> Self {
        let clock = LimiterClock(clock);
        let quota = NonZeroU32::new(per_minute).map(|per_minute| {
            Quota::per_minute(per_minute).allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
        });
        let clients = quota.map(|quota| Arc::new(RateLimiter::hashmap_with_clock(quota, clock.clone())));
        Self { clients, clock, checked: Arc::default(), client_header }
    }

    /// Takes one of the requests of the client that asks.
    ///
    /// # Errors
    /// How long until it has one again.
    pub(crate) fn check(&self, request: &Request) -> Result<(), Duration> {
        let client = client(self.client_header.as_ref(), request.headers(), request.extensions());
        client.map_or(Ok(()), |client| self.take(client))
    }

    fn take(&self, client: IpAddr) -> Result<(), Duration> {
        let Some(clients) = &self.clients else { return Ok(()) };
        if self.checked.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            clients.retain_recent();
        }
        let now = || governor::clock::Clock::now(&self.clock);
        clients.check_key(&client_prefix(client)).map_err(|refused| refused.wait_time_from(now()))
    }
}

/// Who sent a request, as far as that is known. `client_header` is the one in which a trusted proxy names the client.
pub(crate) fn client(
    client_header: Option<&HeaderName>,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Option<IpAddr> {
    let named = client_header.and_then(|name| last_address(headers, name));
    named.or_else(|| extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip()))
}

/// The last address in the list: the one that our own proxy added, and no client can choose.
fn last_address(headers: &HeaderMap, name: &HeaderName) -> Option<IpAddr> {
    let value = headers.get_all(name).into_iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use kansoku_service::ManualClock;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn limit(per_minute: u32, burst: u32) -> (Arc<ManualClock>, RateLimit) {
        let clock = Arc::new(ManualClock::new(chrono::DateTime::UNIX_EPOCH));
        (Arc::clone(&clock), RateLimit::new(per_minute, burst, clock, None))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let (clock, limit) = limit(60, 3);
        let client = address("192.0.2.7");
        for _ in 0..3 {
            assert_eq!(limit.take(client), Ok(()));
        }
        assert_eq!(limit.take(client), Err(SECOND));
        assert_eq!(limit.take(address("192.0.2.8")), Ok(()), "another client has requests of its own");
        clock.advance(SECOND);
        assert_eq!((limit.take(client), limit.take(client)), (Ok(()), Err(SECOND)));
    }

    #[test]
    fn a_refused_request_costs_nothing_and_a_network_is_one_client() {
        let (clock, limit) = limit(60, 1);
        assert_eq!(limit.take(address("2001:db8::1")), Ok(()));
        for _ in 0..100 {
            assert!(limit.take(address("2001:db8::2")).is_err(), "the same /64");
        }
        clock.advance(SECOND);
        assert_eq!(limit.take(address("2001:db8::1")), Ok(()));
    }

    #[test]
    fn clients_that_have_all_their_requests_again_are_forgotten() {
        let (clock, limit) = limit(600, 1);
        for n in 1..SWEEP_EVERY as u32 {
            assert_eq!(limit.take(IpAddr::V4(n.into())), Ok(()));
        }
        clock.advance(60 * SECOND);
        assert_eq!(limit.take(address("192.0.2.7")), Ok(()));
        assert_eq!(limit.clients.map(|clients| clients.len()), Some(1));
    }

    #[test]
    fn no_limit_is_none() {
        let (_clock, limit) = limit(0, 1);
        assert!((0..10).all(|_| limit.take(address("192.0.2.7")).is_ok()));
    }

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
