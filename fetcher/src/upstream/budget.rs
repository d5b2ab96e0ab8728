//! What is known of a base URL beyond one process: the day's count, the next free instant, cool-downs, the breaker. It is
//! kept in memory and, where there is one, in Redis; the stricter of the two counts, so that losing either loosens
//! nothing.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_service::Clock;

use super::{
    breaker::{Breaker, Rules},
    limiter::{OUT_OF_SIGHT, Window},
    shared::{Booked, Shared},
    standing::{Cooling, Standing, Used},
};

/// What may be asked of one base URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The windows of seconds and minutes; none for an upstream that has none.
    pub windows: Vec<Window>,
    /// The most in any 24 hours.
    pub day: Option<u64>,
}

/// Requests by the hour, for as long as they count. Pure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours(BTreeMap<i64, u64>);

impl Hours {
    /// The number of an hour.
    pub fn of(now: DateTime<Utc>) -> i64 {
        now.timestamp().div_euclid(3_600)
    }

    /// How many count in this hour: of 25 hours, so that no 24 in a row hold more.
    pub fn used(&self, hour: i64) -> u64 {
        self.0.range(hour - 24..).map(|(_, count)| count).sum()
    }

    /// One more.
    pub fn add(&mut self, hour: i64) {
        self.0.retain(|old, _| *old >= hour - 24);
        *self.0.entry(hour).or_default() += 1;
    }
}

/// The answer to a wish to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// After this time.
    After {
        /// How long.
        wait: Duration,
        /// How many the day has left.
        left: Option<u64>,
    },
    /// The day's count is used up; some of it is free again then.
    Spent(DateTime<Utc>),
}

#[derive(Default)]
struct Memory {
    hours: Hours,
    sent: Vec<DateTime<Utc>>,
    standing: Standing,
}

/// The state of one base URL.
pub struct Budget {
    key: String,
    limits: Limits,
    clock: Arc<dyn Clock>,
    shared: Option<Arc<Shared>>,
    memory: Mutex<Memory>,
}

impl Budget {
    /// The state of `url`, shared where `shared` is there.
    pub fn new(url: &str, limits: Limits, clock: Arc<dyn Clock>, shared: Option<Arc<Shared>>) -> Self {
        let key = format!("kansoku:upstream:{}", url.trim_end_matches('/'));
        Self { key, limits, clock, shared, memory: Mutex::default() }
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether other processes are out of sight.
    pub fn is_alone(&self) -> bool {
        self.shared.as_ref().is_none_or(|shared| !shared.is_there())
    }

    /// The most in a day: what no process sees of the others is divided among them.
    fn day(&self) -> Option<u64> {
        let share = if self.shared.is_some() && self.is_alone() { OUT_OF_SIGHT } else { 1 };
        self.limits.day.map(|most| most / u64::from(share))
    }

    /// Books one request.
    pub async fn take(&self, interval: Duration) -> Leave {
        let now = self.clock.now();
        let hour = Hours::of(now);
        let spent = || {
            let next = (hour + 1) * 3_600;
            Leave::Spent(DateTime::from_timestamp(next, 0).unwrap_or(now))
        };
        let most = self.day();
        let mut used = self.memory().hours.used(hour);
        if most.is_some_and(|most| used >= most) {
            return spent();
        }
        let mut wait = Duration::ZERO;
        if let Some(shared) = &self.shared {
            match shared.book(&self.key, interval, self.longest(), hour, most).await {
                Some(Booked::Spent) => return spent(),
                Some(Booked::After { wait: shared, used: all }) => {
                    wait = shared;
                    // The booking is counted there already.
                    used = used.max(all.saturating_sub(1));
                }
                None => {}
            }
        }
        let mut memory = self.memory();
        memory.hours.add(hour);
        let longest = TimeDelta::from_std(self.longest()).unwrap_or_default();
        memory.sent.retain(|at| *at + longest >= now);
        memory.sent.push(now);
        Leave::After { wait, left: most.map(|most| most.saturating_sub(used + 1)) }
    }

    /// How it stands.
    pub async fn standing(&self) -> Standing {
        let now = self.clock.now();
        let mut standing = self.memory().standing.clone();
        if let Some(shared) = &self.shared
            && let Some(told) = shared.standing(&self.key, now).await
        {
            standing.breaker = standing.breaker.graver(told.breaker);
            if told.cooling.as_ref().map(|told| told.until) > standing.cooling.as_ref().map(|own| own.until) {
                standing.cooling = told.cooling;
            }
        }
        standing.cooling = standing.cooling.filter(|cooling| cooling.until > now);
        standing
    }

    /// Leaves the base URL alone for a while. A longer while that was said before stays. The while is one of the
    /// calendar, as the breaker's is: where that runs fast, so does the upstream that will be well again.
    pub async fn cool(&self, length: Duration, why: &str) {
        let until = self.clock.now() + TimeDelta::from_std(length).unwrap_or(TimeDelta::MAX);
        {
            let cooling = &mut self.memory().standing.cooling;
            if cooling.as_ref().is_none_or(|old| old.until < until) {
                *cooling = Some(Cooling { until, why: why.to_owned() });
            }
        }
        if let Some(shared) = &self.shared {
            shared.cool(&self.key, self.clock.until(until), why).await;
        }
    }

    /// A request failed.
    pub async fn failed(&self, rules: Rules) -> Breaker {
        let breaker = self.standing().await.breaker.failed(self.clock.now(), rules);
        self.set(breaker, rules.open).await;
        breaker
    }

    /// A request went well.
    pub async fn worked(&self) {
        if self.standing().await.breaker != Breaker::default() {
            self.set(Breaker::default(), Duration::ZERO).await;
        }
    }

    async fn set(&self, breaker: Breaker, open: Duration) {
        self.memory().standing.breaker = breaker;
        if let Some(shared) = &self.shared {
            shared.set_breaker(&self.key, breaker, open).await;
        }
    }

    /// How much is used, of everything that is known.
    pub async fn used(&self) -> Used {
        let now = self.clock.now();
        let own = {
            let memory = self.memory();
            let within = |window: &Window| {
                let length = TimeDelta::from_std(window.length).unwrap_or_default();
                memory.sent.iter().filter(|at| **at + length >= now).count() as u64
            };
            let windows = self.limits.windows.iter().map(within).collect();
            Used { windows, day: memory.hours.used(Hours::of(now)) }
        };
        let lengths: Vec<_> = self.limits.windows.iter().map(|window| window.length).collect();
        let Some(shared) = &self.shared else { return own };
        let Some(all) = shared.used(&self.key, &lengths, Hours::of(now)).await else { return own };
        let windows = own.windows.iter().zip(all.windows).map(|(own, all)| all.max(*own)).collect();
        Used { windows, day: own.day.max(all.day) }
    }

    fn longest(&self) -> Duration {
        self.limits.windows.iter().map(|window| window.length).max().unwrap_or_default()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // A poisoned lock holds a whole state all the same.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::ManualClock;

    use super::*;

    #[test]
    fn no_day_holds_more_wherever_it_begins() {
        let mut hours = Hours::default();
        for hour in 100..110 {
            hours.add(hour);
        }
        assert_eq!((hours.used(109), hours.used(124), hours.used(134)), (10, 10, 0));
        hours.add(134);
        assert_eq!(hours.0.len(), 1, "what does not count is forgotten");
    }

    #[tokio::test]
    async fn a_day_that_is_used_up_says_when_it_goes_on() {
        let clock = Arc::new(ManualClock::new("2026-11-23T12:30:00Z".parse().unwrap()));
        let limits = Limits { windows: vec![Window::new(3, Duration::from_secs(1))], day: Some(2) };
        let budget = Budget::new("http://h/v4/", limits, clock.clone(), None);
        let left = |left| Leave::After { wait: Duration::ZERO, left: Some(left) };
        assert_eq!(budget.take(Duration::ZERO).await, left(1));
        assert_eq!(budget.take(Duration::ZERO).await, left(0));
        let until = "2026-11-23T13:00:00Z".parse().unwrap();
        assert_eq!(budget.take(Duration::ZERO).await, Leave::Spent(until));
        assert_eq!(budget.used().await, Used { windows: vec![2], day: 2 });
        clock.advance(Duration::from_secs(25 * 3_600));
        assert_eq!(budget.take(Duration::ZERO).await, left(1));
    }

    #[tokio::test]
    async fn the_longer_cool_down_stays() {
        let clock = Arc::new(ManualClock::new(DateTime::UNIX_EPOCH));
        let limits = Limits { windows: Vec::new(), day: None };
        let budget = Budget::new("http://h/v4", limits, clock.clone(), None);
        budget.cool(Duration::from_secs(60), "429").await;
        budget.cool(Duration::from_secs(10), "403").await;
        assert_eq!(budget.standing().await.cooling.unwrap().why, "429");
        clock.advance(Duration::from_secs(60));
        assert_eq!(budget.standing().await, Standing::default());
    }
}
