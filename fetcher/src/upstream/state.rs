//! What is known of a base URL by everybody who sends requests to it, and what follows from that. Pure.
//!
//! A request reaches the upstream at an unknown instant between its permission and its end. So a window of length W that
//! allows n requests is kept in any case where none is permitted before the n-th newest has *ended* for more than W. One that
//! has not ended counts as if it ended as late as it can, whatever became of its process.

use std::{collections::BTreeMap, fmt, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_service::count;
use serde::{Deserialize, Serialize};

/// Ends are counted together that fall into the same so many milliseconds; each counts as if at their end.
const GRID: i64 = 10;
/// How long to wait for a request of another process that may end at any time.
const POLL: i64 = 50;
const HOUR: i64 = 3_600_000;

/// So many requests in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The most requests, at least 1.
    pub count: u32,
    /// In which time.
    pub length: Duration,
}

/// What a base URL allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Sliding windows; none for an upstream without limits.
    pub windows: Vec<Window>,
    /// The most requests in any 24 hours.
    pub day: Option<u64>,
    /// So many failures in a row open the breaker.
    pub failures: u32,
    /// How long it stays open.
    pub open: Duration,
    /// The longest that a request can be on its way.
    pub timeout: Duration,
}

/// Whether a request may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Yes; `end` takes note of how it ended.
    Go,
    /// Not before this instant; then it is to be decided anew.
    Wait(DateTime<Utc>, Cause),
}

/// Why a request has to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A window is full.
    Rate,
    /// The day's requests are used up.
    Quota,
    /// So many requests in a row failed.
    Breaker(u32),
    /// The upstream asked for a pause, or is left for another one: the class of its answer.
    CoolDown(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate => out.write_str("its limits are used up"),
            Self::Quota => out.write_str("the day's requests are used up"),
            Self::Breaker(failures) => write!(out, "{} in a row", count((*failures).into(), "failure")),
            Self::CoolDown(why) => out.write_str(why),
        }
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With a page.
    Success,
    /// By a fault of the base URL.
    Failure,
    /// By something that says nothing of the base URL.
    Neutral,
}

/// Whether the base URL is left alone because it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Breaker {
    Closed {
        failures: u32,
    },
    Open {
        failures: u32,
        until: i64,
    },
    /// One request is on its way, which decides; another one may be sent if it has not ended until then.
    HalfOpen {
        failures: u32,
        trial: u64,
        until: i64,
    },
}

/// A pause and its cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CoolDown {
    until: i64,
    why: String,
}

/// The state of one base URL. Instants are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointState {
    /// Requests on their way, each with the instant by which it has ended.
    in_flight: BTreeMap<u64, i64>,
    /// How many requests ended when, the oldest first, as long as a window counts them.
    ended: Vec<(i64, u32)>,
    /// Requests by the hour in which they ended at the latest, as long as the day counts them.
    hours: BTreeMap<i64, u64>,
    breaker: Breaker,
    cool_down: Option<CoolDown>,
}

impl Default for EndpointState {
    fn default() -> Self {
        Self {
            in_flight: BTreeMap::new(),
            ended: Vec::new(),
            hours: BTreeMap::new(),
            breaker: Breaker::Closed { failures: 0 },
            cool_down: None,
        }
    }
}

/// Decides whether the request `id` may be sent now, and what the state is then. A request that may already be on its way is
/// on its way as of now: who does not know whether a decision was stored asks again.
pub fn decide(
    state: &EndpointState,
    limits: &Limits,
    id: u64,
    now: DateTime<Utc>,
) -> (EndpointState, Decision) {
    let (mut next, at) = (state.clone(), now.timestamp_millis());
    let wait = |until: i64, cause| (state.clone(), Decision::Wait(instant(until), cause));
    let latest = at + millis(limits.timeout);
    match state.breaker {
        Breaker::Open { failures, until } if until > at => return wait(until, Cause::Breaker(failures)),
        Breaker::HalfOpen { failures, trial, until } if trial != id && until > at => {
            return wait(until.min(at + POLL), Cause::Breaker(failures));
        }
        Breaker::Open { failures, .. } | Breaker::HalfOpen { failures, .. } => {
            next.breaker = Breaker::HalfOpen { failures, trial: id, until: latest };
        }
        Breaker::Closed { .. } => {}
    }
    if let Some(CoolDown { until, why }) = &state.cool_down {
        if *until > at {
            return wait(*until, Cause::CoolDown(why.clone()));
        }
        next.cool_down = None;
    }
    let is_counted = limits.day.is_some() || !limits.windows.is_empty();
    if !is_counted {
        return (next, Decision::Go);
    }
    if !state.in_flight.contains_key(&id) {
        if limits.day.is_some_and(|most| state.day(now) >= most) {
            return wait((at.div_euclid(HOUR) + 1) * HOUR, Cause::Quota);
        }
        let free = limits.windows.iter().filter_map(|window| state.full_until(window, at)).max();
        if let Some(free) = free {
            return wait(free, Cause::Rate);
        }
        let hour = latest.div_euclid(HOUR);
        next.hours.retain(|old, _| *old >= at.div_euclid(HOUR) - 24);
        *next.hours.entry(hour).or_default() += 1;
    }
    next.in_flight.insert(id, latest);
    next.forget(limits, at);
    (next, Decision::Go)
}

/// The state after the request `id` ended; a breaker that opens stays so until `open_until`. Of one that is known to have ended
/// nothing is counted again.
pub fn end(
    state: &EndpointState,
    limits: &Limits,
    id: u64,
    now: DateTime<Utc>,
    outcome: Outcome,
    open_until: DateTime<Utc>,
) -> EndpointState {
    let (mut next, at) = (state.clone(), now.timestamp_millis());
    let is_counted = limits.day.is_some() || !limits.windows.is_empty();
    if is_counted && next.in_flight.remove(&id).is_none() {
        return next;
    }
    let is_trial = matches!(state.breaker, Breaker::HalfOpen { trial, .. } if trial == id);
    let failures = state.failures().saturating_add(1);
    match outcome {
        Outcome::Success => next.breaker = Breaker::Closed { failures: 0 },
        Outcome::Failure if is_trial || failures >= limits.failures => {
            next.breaker = Breaker::Open { failures, until: open_until.timestamp_millis() };
        }
        Outcome::Failure => match &mut next.breaker {
            Breaker::Closed { failures: count }
            | Breaker::Open { failures: count, .. }
            | Breaker::HalfOpen { failures: count, .. } => *count = failures,
        },
        Outcome::Neutral if is_trial => next.breaker = Breaker::Open { failures: failures - 1, until: at },
        Outcome::Neutral => {}
    }
    if is_counted {
        next.note_end(at);
        next.forget(limits, at);
    }
    next
}

impl EndpointState {
    /// The base URL is left alone until then; a longer pause stays.
    #[must_use]
    pub fn cool_down(&self, until: DateTime<Utc>, why: &str) -> Self {
        let (mut next, until) = (self.clone(), until.timestamp_millis());
        if next.cool_down.as_ref().is_none_or(|old| old.until < until) {
            next.cool_down = Some(CoolDown { until, why: why.to_owned() });
        }
        next
    }

    /// Until when it is left alone, and why; the pace of the limits is no such pause.
    pub fn unavailable_until(&self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Cause)> {
        let breaker = match self.breaker {
            Breaker::Open { failures, until } => Some((until, Cause::Breaker(failures))),
            _ => None,
        };
        let pause = self.cool_down.clone().map(|CoolDown { until, why }| (until, Cause::CoolDown(why)));
        let later = breaker.into_iter().chain(pause).max_by_key(|(until, _)| *until);
        later.map(|(until, cause)| (instant(until), cause)).filter(|(until, _)| *until > now)
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        match self.breaker {
            Breaker::Closed { failures }
            | Breaker::Open { failures, .. }
            | Breaker::HalfOpen { failures, .. } => failures,
        }
    }

    /// The breaker's state, as the metric numbers it and by name.
    pub fn breaker(&self, now: DateTime<Utc>) -> (i64, &'static str) {
        match self.breaker {
            Breaker::Closed { .. } => (0, "closed"),
            Breaker::Open { until, .. } if until > now.timestamp_millis() => (2, "open"),
            Breaker::Open { .. } | Breaker::HalfOpen { .. } => (1, "half-open"),
        }
    }

    /// Requests that a window counts.
    pub fn used(&self, length: Duration, now: DateTime<Utc>) -> u64 {
        let from = now.timestamp_millis() - millis(length);
        let ended: u64 =
            self.ended.iter().filter(|(at, _)| *at >= from).map(|(_, count)| u64::from(*count)).sum();
        ended + self.in_flight.values().filter(|until| **until >= from).count() as u64
    }

    /// Requests that the day counts: of 25 hours, so that no 24 in a row hold more.
    pub fn day(&self, now: DateTime<Utc>) -> u64 {
        let hour = now.timestamp_millis().div_euclid(HOUR);
        self.hours.range(hour - 24..).map(|(_, count)| count).sum()
    }

    /// When a full window may take the next request; `None` where it is not full.
    fn full_until(&self, window: &Window, at: i64) -> Option<i64> {
        let length = millis(window.length);
        let mut ends: Vec<(i64, u32, bool)> =
            self.ended.iter().map(|(end, count)| (*end, *count, true)).collect();
        ends.extend(self.in_flight.values().map(|until| (*until, 1, false)));
        ends.sort_by_key(|(end, ..)| std::cmp::Reverse(*end));
        let mut count = 0;
        let nth = ends.into_iter().find(|(_, more, _)| {
            count += more;
            count >= window.count
        });
        let (end, _, has_ended) = nth?;
        let free = end + length + 1;
        (free > at).then(|| if has_ended { free } else { free.min(at + POLL) })
    }

    fn note_end(&mut self, at: i64) {
        let end = (at.div_euclid(GRID) + 1) * GRID;
        let place = self.ended.partition_point(|(old, _)| *old < end);
        match self.ended.get_mut(place) {
            Some((old, count)) if *old == end => *count += 1,
            _ => self.ended.insert(place, (end, 1)),
        }
    }

    /// Forgets what no window counts any more.
    fn forget(&mut self, limits: &Limits, at: i64) {
        let longest = limits.windows.iter().map(|window| millis(window.length)).max().unwrap_or_default();
        self.ended.retain(|(end, _)| end + longest >= at);
        self.in_flight.retain(|_, until| *until + longest >= at);
    }
}

fn millis(length: Duration) -> i64 {
    // The longest that can be set is far below.
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX / 4)
}

fn instant(at: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::try_milliseconds(at).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
