//! Which faults a request triggers. Time is a parameter, randomness comes from the seed of each fault.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Fault, Spec};
use crate::rng::SeededRng;

/// What a decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The path.
    pub path: &'a str,
    /// The page; 1 where none is named.
    pub page: u32,
    /// The simulator's time.
    pub at: DateTime<Utc>,
}

/// A fault that is switched on, and what became of it so far.
#[derive(Debug, Clone, Serialize)]
pub struct Active {
    /// By which it can be switched off.
    pub id: u64,
    /// What was switched on.
    #[serde(flatten)]
    pub spec: Spec,
    /// How many requests matched.
    pub matched: u64,
    /// How many of them triggered it.
    pub fired: u64,
    #[serde(skip)]
    pub(crate) fault: &'static Fault,
}

/// A fault that a request triggers.
#[derive(Debug, Clone)]
pub struct Triggered {
    /// From the catalogue.
    pub fault: &'static Fault,
    /// As it was switched on.
    pub spec: Spec,
    /// How often it fired before.
    pub turn: u64,
}

impl Active {
    /// Whether the next request triggers the fault, if it matches; counts both.
    fn trigger(&mut self, at: DateTime<Utc>, matches: bool) -> Option<Triggered> {
        let spec = &self.spec;
        let in_time = spec.from.is_none_or(|from| at >= from) && spec.until.is_none_or(|until| at < until);
        if !matches || !in_time || spec.count.is_some_and(|count| self.matched >= count) {
            return None;
        }
        let rng = SeededRng::seeded(spec.seed).of("fault").of(&spec.name).at(self.matched.cast_signed());
        self.matched += 1;
        if !rng.happens(spec.probability) {
            return None;
        }
        self.fired += 1;
        Some(Triggered { fault: self.fault, spec: spec.clone(), turn: self.fired - 1 })
    }
}

/// The faults that this request triggers, in the order in which they were switched on.
pub fn trigger(active: &mut [Active], request: Incoming) -> Vec<Triggered> {
    active
        .iter_mut()
        .filter(|one| !one.fault.kind.is_accept())
        .filter_map(|one| {
            let path = one.spec.path.as_ref().is_none_or(|pattern| fits(pattern, request.path));
            let page = one.spec.page.is_none_or(|page| page == request.page);
            one.trigger(request.at, path && page)
        })
        .collect()
}

/// The faults that a connection meets before anything is request.
pub fn trigger_on_connection(active: &mut [Active], at: DateTime<Utc>) -> Vec<Triggered> {
    let accepts = active.iter_mut().filter(|one| one.fault.kind.is_accept());
    accepts.filter_map(|one| one.trigger(at, true)).collect()
}

/// Whether the path begins like the pattern, or is the pattern where that holds `*` for any text.
fn fits(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return path.starts_with(pattern) };
    let Some(mut left) = path.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn active(spec: Spec) -> Active {
        Active { id: 1, fault: spec.checked().unwrap(), spec, matched: 0, fired: 0 }
    }

    fn fired(spec: &Spec, requests: usize) -> Vec<bool> {
        let mut active = [active(spec.clone())];
        let request = Incoming { path: "/v4/top/anime", page: 1, at: DateTime::UNIX_EPOCH };
        (0..requests).map(|_| !trigger(&mut active, request).is_empty()).collect()
    }

    #[test]
    fn patterns_fit() {
        for (pattern, path, fit) in [
            ("/v4/top", "/v4/top/anime", true),
            ("/v4/top/*", "/v4/seasons/now", false),
            ("*/now", "/v4/seasons/now", true),
            ("/v?/x", "/v4/x", false),
            ("/v4/*/2026/*", "/v4/seasons/2026/fall", true),
            ("/a*a", "/a", false),
        ] {
            assert_eq!(fits(pattern, path), fit, "{pattern} {path}");
        }
    }

    #[test]
    fn count_page_path_and_time_limit() {
        assert_eq!(fired(&Spec { count: Some(2), ..Spec::named("html") }, 4), [true, true, false, false]);
        let until = Some(DateTime::UNIX_EPOCH);
        for none in [
            Spec { page: Some(2), ..Spec::named("html") },
            Spec { path: Some("/v1".to_owned()), ..Spec::named("html") },
            Spec { until, ..Spec::named("html") },
            Spec { probability: 0.0, ..Spec::named("html") },
        ] {
            assert_eq!(fired(&none, 1), [false], "{none:?}");
        }
    }

    proptest! {
        #[test]
        fn the_same_seed_draws_the_same_requests(seed: u64, probability in 0.0..=1.0) {
            let spec = Spec { seed, probability, ..Spec::named("html") };
            let drawn = fired(&spec, 200);
            prop_assert_eq!(&drawn, &fired(&spec, 200));
            let share = drawn.iter().filter(|fired| **fired).count() as f64 / 200.0;
            prop_assert!((share - probability).abs() < 0.25, "{} of {}", share, probability);
        }
    }
}
