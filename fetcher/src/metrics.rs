//! What the fetcher counts.

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
struct Class {
    class: &'static str,
}

/// The fetcher's numbers.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    pages: Family<Page, Counter>,
    requests: Family<Class, Counter>,
    incomplete: Family<Of, Gauge>,
}

impl Metrics {
    /// Registers them.
    pub fn register(registry: &kansoku_service::Metrics) -> Self {
        let own = Self::default();
        registry.register(
            "kansoku_fetcher_pages",
            "Pages brought to RAW, by dataset and outcome",
            own.pages.clone(),
        );
        registry.register(
            "kansoku_fetcher_requests",
            "Requests to the upstream, by class",
            own.requests.clone(),
        );
        registry.register(
            "kansoku_fetcher_consecutive_incomplete_runs",
            "Runs in a row that missed pages, by dataset",
            own.incomplete.clone(),
        );
        own
    }

    /// A page is in RAW.
    pub fn published(&self, dataset: Dataset, duplicate: bool) {
        let outcome = if duplicate { "duplicate" } else { "stored" };
        self.pages.get_or_create(&Page { dataset: dataset.to_string(), outcome }).inc();
    }

    /// The upstream was asked.
    pub fn asked(&self, class: &'static str) {
        self.requests.get_or_create(&Class { class }).inc();
    }

    /// A run ended.
    pub fn ended(&self, dataset: Dataset, complete: bool) {
        let gauge = self.incomplete.get_or_create_owned(&Of { dataset: dataset.to_string() });
        if complete {
            gauge.set(0)
        } else {
            gauge.inc()
        };
    }
}
