//! How often one client may ask: a bucket of tokens for each address, kept as the instant it will be full.

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

use kansoku_service::client_prefix;

/// More addresses than this at once, and full buckets are swept out.
const SWEEP_AT: usize = 10_000;

/// The buckets of all clients (the generic cell rate algorithm).
#[derive(Debug)]
pub struct Limiter {
    interval: Duration,
    depth: Duration,
    full_at: HashMap<IpAddr, Instant>,
    sweep_at: usize,
}

impl Limiter {
    /// Lets a client ask `burst` times at once and `per_minute` times in the long run.
    pub fn new(per_minute: u32, burst: u32) -> Self {
        let interval = Duration::from_secs(60) / per_minute.max(1);
        Self { interval, depth: interval * burst.max(1), full_at: HashMap::new(), sweep_at: SWEEP_AT }
    }

    /// Takes a token of the client's bucket.
    ///
    /// # Errors
    /// How long until there is one again.
    pub fn take(&mut self, client: IpAddr, now: Instant) -> Result<(), Duration> {
        if self.full_at.len() >= self.sweep_at {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.sweep_at = SWEEP_AT.max(2 * self.full_at.len());
        }
        let full_at = self.full_at.entry(client_prefix(client)).or_insert(now);
        let next = (*full_at).max(now) + self.interval;
        let missing = next.saturating_duration_since(now).saturating_sub(self.depth);
        if missing > Duration::ZERO {
            return Err(missing);
        }
        *full_at = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[expect(clippy::disallowed_methods, reason = "any instant will do as the start")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let (mut limiter, start) = (Limiter::new(60, 3), start());
        let client = address("192.0.2.7");
        for _ in 0..3 {
            assert_eq!(limiter.take(client, start), Ok(()));
        }
        assert_eq!(limiter.take(client, start), Err(Duration::from_secs(1)));
        assert_eq!(
            limiter.take(address("192.0.2.8"), start),
            Ok(()),
            "another client has a bucket of its own"
        );
        assert_eq!(limiter.take(client, start + Duration::from_secs(1)), Ok(()));
        assert_eq!(limiter.take(client, start + Duration::from_secs(1)), Err(Duration::from_secs(1)));
    }

    #[test]
    fn a_refused_request_costs_nothing() {
        let (mut limiter, start) = (Limiter::new(60, 1), start());
        let client = address("2001:db8::1");
        assert_eq!(limiter.take(client, start), Ok(()));
        for _ in 0..100 {
            assert!(limiter.take(address("2001:db8::2"), start).is_err(), "the same /64");
        }
        assert_eq!(limiter.take(client, start + Duration::from_secs(1)), Ok(()));
    }

    #[test]
    fn full_buckets_are_swept() {
        let (mut limiter, start) = (Limiter::new(600, 1), start());
        for n in 0..SWEEP_AT as u32 {
            limiter.take(IpAddr::V4(n.into()), start).expect("a first request");
        }
        limiter.take(address("192.0.2.7"), start + Duration::from_secs(60)).expect("a first request");
        assert_eq!(limiter.full_at.len(), 1);
    }
}
