//! Every window holds what it allows, whatever processes do and however long requests take.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::*;

fn at(milliseconds: i64) -> DateTime<Utc> {
    "2026-11-23T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::milliseconds(milliseconds)
}

fn limits(windows: &[(u32, u64)], day: Option<u64>) -> Limits {
    let window =
        |(count, seconds): &(u32, u64)| Window { count: *count, length: Duration::from_secs(*seconds) };
    Limits {
        windows: windows.iter().map(window).collect(),
        day,
        failures: 3,
        open: Duration::from_secs(60),
        timeout: Duration::from_secs(30),
    }
}

/// Ends a request and leaves the breaker open for a minute if it opens.
fn ended(
    state: &EndpointState,
    limits: &Limits,
    id: u64,
    now: DateTime<Utc>,
    outcome: Outcome,
) -> EndpointState {
    end(state, limits, id, now, outcome, now + TimeDelta::minutes(1))
}

/// The most instants in any closed window of this length.
fn most_in(mut arrivals: Vec<i64>, length: i64) -> usize {
    arrivals.sort_unstable();
    let mut first = 0;
    let most = arrivals.iter().enumerate().map(|(last, at)| {
        while at - arrivals[first] > length {
            first += 1;
        }
        last - first + 1
    });
    most.max().unwrap_or(0)
}

#[test]
fn no_window_ever_sees_more_than_was_allowed() {
    for seed in 0..300 {
        let random = &mut StdRng::seed_from_u64(seed);
        let windows = [(random.random_range(1..8), 1), (random.random_range(1..40), 10)];
        let limits = Limits { timeout: Duration::from_secs(3), ..limits(&windows, None) };
        let (mut state, mut arrivals) = (EndpointState::default(), Vec::new());
        let slow = random.random_range(1..3_000);
        // Each process: when it acts next, and the request that it then ends.
        let mut processes: Vec<(i64, Option<u64>)> =
            (0..random.random_range(1..5)).map(|_| (random.random_range(0..500), None)).collect();
        for id in 0..2_000 {
            let next = (0..processes.len()).min_by_key(|process| processes[*process].0).unwrap();
            let (now, request) = &mut processes[next];
            if let Some(request) = request.take() {
                // Now and then a process dies instead; another one takes its place.
                if random.random_bool(0.95) {
                    state = ended(&state, &limits, request, at(*now), Outcome::Success);
                }
                continue;
            }
            let (after, decision) = decide(&state, &limits, id, at(*now));
            state = after;
            match decision {
                Decision::Go => {
                    let takes = random.random_range(0..=slow);
                    // It reaches the upstream at any instant of its time.
                    arrivals.push(*now + random.random_range(0..=takes));
                    (*now, *request) = (*now + takes, Some(id));
                }
                Decision::Wait(until, cause) => {
                    assert_eq!(cause, Cause::Rate);
                    *now = (until - at(0)).num_milliseconds();
                }
            }
        }
        assert!(arrivals.len() > 5, "seed {seed}");
        for (count, seconds) in windows {
            let most = most_in(arrivals.clone(), i64::try_from(seconds).unwrap() * 1_000);
            assert!(most <= count as usize, "seed {seed}: {most} of {count} in {seconds} s");
        }
    }
}

#[test]
fn the_allowed_rate_is_used() {
    for (second, minute) in [(3, 60), (4, 120), (5, 300), (3, 1_000)] {
        let limits = limits(&[(second, 1), (minute, 60)], Some(1_000_000));
        let (mut state, mut now, mut count) = (EndpointState::default(), 0, 0_u32);
        for id in 0.. {
            let (after, decision) = decide(&state, &limits, id, at(now));
            state = after;
            match decision {
                Decision::Wait(until, _) => now = (until - at(0)).num_milliseconds(),
                Decision::Go => {
                    count += 1;
                    now += 10;
                    state = ended(&state, &limits, id, at(now), Outcome::Success);
                }
            }
            if now > 600_000 {
                break;
            }
        }
        let allowed = f64::from((second * 600).min(minute * 10));
        assert!(f64::from(count) >= 0.95 * allowed, "{count} of {allowed}");
    }
}

#[test]
fn a_request_that_is_decided_twice_and_ended_twice_counts_once() {
    let limits = limits(&[(2, 1)], Some(2));
    let (once, _) = decide(&EndpointState::default(), &limits, 7, at(0));
    let (twice, decision) = decide(&once, &limits, 7, at(5));
    assert_eq!((decision, twice.day(at(5)), twice.used(Duration::from_secs(1), at(5))), (Decision::Go, 1, 1));
    let end = ended(&twice, &limits, 7, at(10), Outcome::Failure);
    assert_eq!(ended(&end, &limits, 7, at(900), Outcome::Failure), end);
}

#[test]
fn no_day_holds_more_wherever_it_begins() {
    let limits = limits(&[(1_000, 1)], Some(10));
    let mut state = EndpointState::default();
    for id in 0..10 {
        let now = at(i64::try_from(id).unwrap() * 600_000);
        let (after, decision) = decide(&state, &limits, id, now);
        assert_eq!(decision, Decision::Go);
        state = ended(&after, &limits, id, now, Outcome::Success);
    }
    let (_, decision) = decide(&state, &limits, 10, at(5_400_000));
    assert_eq!(decision, Decision::Wait(at(7_200_000), Cause::Quota), "at the next full hour");
    let (_, decision) = decide(&state, &limits, 10, at(25 * HOUR - 1));
    assert!(matches!(decision, Decision::Wait(_, Cause::Quota)));
    let (state, decision) = decide(&state, &limits, 10, at(25 * HOUR));
    assert_eq!((decision, state.day(at(25 * HOUR))), (Decision::Go, 5), "six of an hour are over");
}

#[test]
fn failures_in_a_row_open_the_breaker_and_one_request_closes_it_again() {
    for limits in [limits(&[(1_000, 1)], None), limits(&[], None)] {
        let mut state = EndpointState::default();
        for id in 0..3 {
            let (after, decision) = decide(&state, &limits, id, at(0));
            assert_eq!(decision, Decision::Go);
            state = ended(&after, &limits, id, at(0), Outcome::Failure);
        }
        let is_open = |decision| assert_eq!(decision, Decision::Wait(at(60_000), Cause::Breaker(3)));
        is_open(decide(&state, &limits, 3, at(0)).1);
        is_open(decide(&state, &limits, 3, at(59_999)).1);
        assert_eq!(state.unavailable_until(at(0)), Some((at(60_000), Cause::Breaker(3))));
        assert_eq!((state.breaker(at(0)), state.breaker(at(60_000))), ((2, "open"), (1, "half-open")));
        let (trial, decision) = decide(&state, &limits, 3, at(60_000));
        assert_eq!(decision, Decision::Go);
        let (_, other) = decide(&trial, &limits, 4, at(60_001));
        assert!(matches!(other, Decision::Wait(_, Cause::Breaker(3))), "one at a time: {other:?}");
        let (_, lost) = decide(&trial, &limits, 4, at(60_000 + 30_000));
        assert_eq!(lost, Decision::Go, "the first one's process has died");
        let failed = ended(&trial, &limits, 3, at(61_000), Outcome::Failure);
        assert_eq!(failed.unavailable_until(at(61_000)), Some((at(121_000), Cause::Breaker(4))));
        let neutral = ended(&trial, &limits, 3, at(61_000), Outcome::Neutral);
        assert_eq!(decide(&neutral, &limits, 4, at(61_000)).1, Decision::Go, "it said nothing");
        let closed = ended(&trial, &limits, 3, at(61_000), Outcome::Success);
        assert_eq!((closed.breaker(at(61_000)).1, closed.failures()), ("closed", 0));
    }
}

#[test]
fn the_longer_cool_down_stays() {
    let state = EndpointState::default().cool_down(at(60_000), "429").cool_down(at(10_000), "403");
    let cause = Cause::CoolDown("429".to_owned());
    assert_eq!(state.unavailable_until(at(0)), Some((at(60_000), cause.clone())));
    assert_eq!(decide(&state, &limits(&[], None), 1, at(0)).1, Decision::Wait(at(60_000), cause));
    let (after, decision) = decide(&state, &limits(&[], None), 1, at(60_000));
    assert_eq!((after, decision), (EndpointState::default(), Decision::Go));
}

#[test]
fn it_is_the_same_after_it_was_stored() {
    let limits = limits(&[(3, 1)], Some(5));
    let (state, _) = decide(&EndpointState::default(), &limits, u64::MAX, at(0));
    let state = ended(&state, &limits, u64::MAX, at(3), Outcome::Failure).cool_down(at(9), "429");
    let (state, _) = decide(&state, &limits, 2, at(10));
    let stored = serde_json::to_string(&state).unwrap();
    assert_eq!(serde_json::from_str::<EndpointState>(&stored).unwrap(), state, "{stored}");
}
