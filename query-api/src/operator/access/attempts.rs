//! How often a client may be wrong: who guesses is soon not heard any more.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use kansoku_service::client_prefix;

/// Wrong credentials of one client in [`WINDOW`].
const MAX_WRONG: u32 = 20;
const WINDOW: Duration = Duration::from_secs(60);
/// When so many clients have been wrong, those of former windows are forgotten.
const SWEEP_AT: usize = 10_000;

/// The clients that were wrong.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<HashMap<IpAddr, Wrong>>);

#[derive(Debug, Clone, Copy)]
struct Wrong {
    since: Instant,
    times: u32,
}

impl Attempts {
    /// How long a client that was wrong too often has to wait.
    pub(super) fn blocked(&self, client: IpAddr, now: Instant) -> Option<Duration> {
        let wrong = *self.lock().get(&client_prefix(client))?;
        let passed = now.duration_since(wrong.since);
        let left = WINDOW.checked_sub(passed).filter(|left| !left.is_zero());
        left.filter(|_| wrong.times >= MAX_WRONG)
    }

    /// Counts a wrong credential.
    pub(super) fn count(&self, client: IpAddr, now: Instant) {
        let mut all = self.lock();
        if all.len() >= SWEEP_AT {
            all.retain(|_, wrong| now.duration_since(wrong.since) < WINDOW);
        }
        let wrong = all.entry(client_prefix(client)).or_insert(Wrong { since: now, times: 0 });
        if now.duration_since(wrong.since) >= WINDOW {
            *wrong = Wrong { since: now, times: 0 };
        }
        wrong.times = wrong.times.saturating_add(1);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Wrong>> {
        // A poisoned lock holds a whole map all the same.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::{Clock, ManualClock};

    use super::*;

    #[test]
    fn who_is_wrong_too_often_waits_until_the_window_ends() {
        let clock = ManualClock::new(chrono::DateTime::UNIX_EPOCH);
        let (attempts, one, other) =
            (Attempts::default(), "192.0.2.7".parse().unwrap(), "192.0.2.8".parse().unwrap());
        for _ in 0..MAX_WRONG {
            assert_eq!(attempts.blocked(one, clock.monotonic()), None);
            attempts.count(one, clock.monotonic());
        }
        clock.advance(Duration::from_secs(20));
        assert_eq!(attempts.blocked(one, clock.monotonic()), Some(Duration::from_secs(40)));
        assert_eq!(attempts.blocked(other, clock.monotonic()), None);
        clock.advance(Duration::from_secs(41));
        assert_eq!(attempts.blocked(one, clock.monotonic()), None);
        attempts.count(one, clock.monotonic());
        assert_eq!(attempts.blocked(one, clock.monotonic()), None, "the count begins anew");
    }
}
