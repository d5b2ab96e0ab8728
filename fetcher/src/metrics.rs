//! What the fetcher counts.

use std::{sync::atomic::AtomicU64, time::Duration};

use chrono::{DateTime, Utc};
use kansoku_schemas::Dataset;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Page {
    dataset: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    dataset: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Class {
    class: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct From {
    source: String,
}

/// The fetcher's numbers.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    pages: Family<Page, Counter>,
    requests: Family<Class, Counter>,
    runs: Family<Ended, Counter>,
    incomplete: Family<Of, Gauge>,
    complete_at: Family<Of, Gauge>,
    waits: Family<From, Counter<f64, AtomicU64>>,
    left: Family<From, Gauge>,
    breaker: Family<From, Gauge>,
    cooling_until: Family<From, Gauge>,
}

impl Metrics {
    /// Registers them.
    pub fn register(registry: &kansoku_service::Metrics) -> Self {
        let runs = Family::<Ended, Counter>::default();
        // There from the start: a rate sees no step from nothing to 1.
        for outcome in ["complete", "incomplete"] {
            drop(runs.get_or_create(&Ended { outcome }));
        }
        Self {
            pages: registry.register("kansoku_fetcher_pages", "Pages brought to RAW, by dataset and outcome", Family::default()),
            requests: registry.register("kansoku_fetcher_requests", "Requests to the upstream, by class", Family::default()),
            runs: registry.register("kansoku_fetcher_runs", "Captures that ended, by outcome: complete, or incomplete with pages missing", runs),
            incomplete: registry.register("kansoku_fetcher_consecutive_incomplete_runs", "Runs in a row that missed pages, by dataset", Family::default()),
            complete_at: registry.register("kansoku_fetcher_last_complete_run_timestamp_seconds", "When the last complete run ended, by dataset, in seconds since 1970; time() minus this is its age", Family::default()),
            waits: registry.register("kansoku_fetcher_wait_seconds", "Time that requests waited for the limits and for cool-downs, by source", Family::default()),
            left: registry.register("kansoku_fetcher_day_requests_left", "Requests that the day's limit still allows, by source", Family::default()),
            breaker: registry.register("kansoku_fetcher_breaker_state", "The breaker by source: 0 closed, 1 half open, 2 open", Family::default()),
            cooling_until: registry.register("kansoku_fetcher_cooling_until_timestamp_seconds", "Until when a source is left alone, in seconds since 1970; 0 when it is not", Family::default()),
        }
    }

    /// A request had to wait.
    pub fn waited(&self, source: &str, time: Duration) {
        self.waits.get_or_create_owned(&From { source: source.to_owned() }).inc_by(time.as_secs_f64());
    }

    /// What the day has left; `None` without a limit.
    pub fn left(&self, source: &str, left: Option<u64>) {
        if let Some(left) = left.and_then(|left| i64::try_from(left).ok()) {
            self.left.get_or_create_owned(&From { source: source.to_owned() }).set(left);
        }
    }

    /// The state of a base URL: its breaker (0 closed, 1 half open, 2 open), and until when it is left alone.
    pub fn endpoint(&self, source: &str, breaker: i64, until: Option<DateTime<Utc>>) {
        let of = From { source: source.to_owned() };
        self.breaker.get_or_create_owned(&of).set(breaker);
        self.cooling_until.get_or_create_owned(&of).set(until.map_or(0, |until| until.timestamp()));
    }

    /// A run of the dataset was complete then; the latest counts.
    pub fn complete(&self, dataset: Dataset, at: DateTime<Utc>) {
        let gauge = self.complete_at.get_or_create_owned(&Of { dataset: dataset.to_string() });
        gauge.set(gauge.get().max(at.timestamp()));
    }

    /// A page is in RAW.
    pub fn published(&self, dataset: Dataset, duplicate: bool) {
        let outcome = if duplicate { "duplicate" } else { "stored" };
        self.pages.get_or_create(&Page { dataset: dataset.to_string(), outcome }).inc();
    }

    /// A request to the upstream has ended.
    pub fn requested(&self, class: &'static str) {
        self.requests.get_or_create(&Class { class }).inc();
    }

    /// A run ended now.
    pub fn ended(&self, dataset: Dataset, complete: bool, now: DateTime<Utc>) {
        let outcome = if complete { "complete" } else { "incomplete" };
        self.runs.get_or_create(&Ended { outcome }).inc();
        if complete {
            self.complete(dataset, now);
        }
        let gauge = self.incomplete.get_or_create_owned(&Of { dataset: dataset.to_string() });
        if complete {
            gauge.set(0)
        } else {
            gauge.inc()
        };
    }
}
