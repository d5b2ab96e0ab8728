//! What the fetcher counts.

use std::{borrow::Cow, sync::atomic::AtomicU64, time::Duration};

use chrono::{DateTime, Utc};
use kansoku_schemas::Dataset;
use kansoku_service::FastClock;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
};

use crate::captures::Captures;

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

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    server_address: String,
    http_request_method: &'static str,
    http_response_status_code: Cow<'static, str>,
    error_type: &'static str,
}

/// Seconds of a request: an upstream that is well answers in some tenths, and none is waited for longer than a minute.
const SECONDS: [f64; 12] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 2.5, 5.0, 10.0, 30.0];

/// The fetcher's numbers.
#[derive(Debug, Clone)]
pub struct Metrics {
    durations: Family<Request, Histogram, fn() -> Histogram>,
    pages: Family<Page, Counter>,
    requests: Family<Class, Counter>,
    runs: Family<Ended, Counter>,
    incomplete: Family<Of, Gauge>,
    complete_at: Family<Of, Gauge>,
    waits: Family<From, Counter<f64, AtomicU64>>,
    left: Family<From, Gauge>,
    breaker: Family<From, Gauge>,
    cooling_until: Family<From, Gauge>,
    /// What the instants of runs are told by; who watches lives in real time.
    calendar: Option<FastClock>,
}

impl Metrics {
    /// Registers them.
    pub fn register(registry: &kansoku_service::Metrics) -> Self {
        let runs = Family::<Ended, Counter>::default();
        // There from the start: a rate sees no step from nothing to 1.
        for outcome in ["complete", "incomplete"] {
            drop(runs.get_or_create(&Ended { outcome }));
        }
        let durations = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
        Self {
            durations: registry.register("http_client_request_duration_seconds", "Duration of HTTP client requests", durations),
            pages: registry.register("kansoku_fetcher_pages", "Pages brought to RAW, by dataset and outcome", Family::default()),
            requests: registry.register("kansoku_fetcher_requests", "Requests to the upstream, by class", Family::default()),
            runs: registry.register("kansoku_fetcher_runs", "Captures that ended, by outcome: complete, or incomplete with pages missing", runs),
            incomplete: registry.register("kansoku_fetcher_consecutive_incomplete_runs", "Runs in a row that missed pages, by dataset, as RUN has them", Family::default()),
            complete_at: registry.register("kansoku_fetcher_last_complete_run_timestamp_seconds", "When the last complete run ended, by dataset, in seconds since 1970; time() minus this is its age", Family::default()),
            waits: registry.register("kansoku_fetcher_wait_seconds", "Time that requests waited for the limits and for cool-downs, by source", Family::default()),
            left: registry.register("kansoku_fetcher_day_requests_left", "Requests that the day's limit still allows, by source", Family::default()),
            breaker: registry.register("kansoku_fetcher_breaker_state", "The breaker by source: 0 closed, 1 half open, 2 open", Family::default()),
            cooling_until: registry.register("kansoku_fetcher_cooling_until_timestamp_seconds", "Until when a source is left alone, in seconds since 1970; 0 when it is not", Family::default()),
            calendar: None,
        }
    }

    /// Where captures live by a calendar that runs fast, their instants are shown as the real ones at which it is these.
    #[must_use]
    pub fn by_calendar(self, calendar: Option<FastClock>) -> Self {
        Self { calendar, ..self }
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

    /// How the captures of a list went.
    pub fn captures(&self, dataset: Dataset, captures: Captures) {
        let of = Of { dataset: dataset.to_string() };
        self.incomplete.get_or_create_owned(&of).set(captures.missed.into());
        if let Some(at) = captures.complete_at {
            let at = self.calendar.map_or(at, |fast| fast.when(at));
            self.complete_at.get_or_create_owned(&of).set(at.timestamp());
        }
    }

    /// A page is in RAW.
    pub fn published(&self, dataset: Dataset, duplicate: bool) {
        let outcome = if duplicate { "duplicate" } else { "stored" };
        self.pages.get_or_create(&Page { dataset: dataset.to_string(), outcome }).inc();
    }

    /// A request to the upstream at this host has ended; `error` where no page came of it.
    pub fn requested(
        &self,
        host: &str,
        class: &'static str,
        error: bool,
        status: Option<u16>,
        took: Duration,
    ) {
        self.requests.get_or_create(&Class { class }).inc();
        let request = Request {
            server_address: host.to_owned(),
            http_request_method: "GET",
            http_response_status_code: status.map_or(Cow::Borrowed(""), status_label),
            error_type: if error { class } else { "" },
        };
        self.durations.get_or_create(&request).observe(took.as_secs_f64());
    }

    /// A run ended.
    pub fn ended(&self, complete: bool) {
        let outcome = if complete { "complete" } else { "incomplete" };
        self.runs.get_or_create(&Ended { outcome }).inc();
    }
}

/// An upstream may answer with any number; only those that mean something become a label.
fn status_label(status: u16) -> Cow<'static, str> {
    let known = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    known.map_or(Cow::Borrowed("_OTHER"), |_| Cow::Owned(status.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_of_a_simulated_day_is_as_old_as_it_really_is() {
        let started: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
        let fast = FastClock { from: started - chrono::TimeDelta::days(10), started, day_ms: 60_000 };
        let registry = kansoku_service::Metrics::default();
        let metrics = Metrics::register(&registry).by_calendar(Some(fast));
        let complete_at = Some(fast.from + chrono::TimeDelta::days(2));
        metrics.captures(Dataset::TopScore, Captures { complete_at, missed: 0 });
        let line = format!(
            "kansoku_fetcher_last_complete_run_timestamp_seconds{{dataset=\"top.score\"}} {}",
            started.timestamp() + 120
        );
        assert!(registry.encode().contains(&line), "{}", registry.encode());
    }

    #[test]
    fn whatever_an_upstream_answers_the_labels_stay_few() {
        let registry = kansoku_service::Metrics::default();
        let metrics = Metrics::register(&registry);
        for status in 100..1000 {
            metrics.requested(
                "api.example.org",
                "other_status",
                true,
                Some(status),
                Duration::from_millis(3),
            );
        }
        metrics.requested("api.example.org", "page", false, Some(200), Duration::from_secs(2));
        metrics.requested("api.example.org", "slow", true, None, Duration::from_secs(30));
        let text = registry.encode();
        let series =
            text.lines().filter(|line| line.starts_with("http_client_request_duration_seconds_count{"));
        assert!(series.count() < 70, "{text}");
        let labels = |status: &str, error: &str| {
            format!(
                "http_client_request_duration_seconds_count{{server_address=\"api.example.org\",http_request_method=\"GET\",\
                 http_response_status_code=\"{status}\",error_type=\"{error}\"}}"
            )
        };
        for line in
            [labels("200", "") + " 1", labels("", "slow") + " 1", labels("503", "other_status") + " 1"]
        {
            assert!(text.contains(&line), "{line} in\n{text}");
        }
    }
}
