//! The numbers of the process, for Prometheus to fetch.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::{
    encoding::text::encode,
    registry::{Metric, Registry},
};

/// The registry of the process. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Mutex<Registry>>);

impl Metrics {
    /// Adds a metric, or a family of them. The name is without `_total`; units are spelled out in it (`_seconds`).
    pub fn register(&self, name: &'static str, help: &'static str, metric: impl Metric) {
        self.lock().register(name, help, metric);
    }

    /// Works on the registry itself: units, collectors, prefixes.
    pub fn with<T>(&self, work: impl FnOnce(&mut Registry) -> T) -> T {
        work(&mut self.lock())
    }

    /// All numbers in the OpenMetrics text format.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.lock()) {
            tracing::error!(%error, "a metric cannot be written as text: {error}");
        }
        text
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        // A poisoned lock holds a whole registry all the same.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::counter::Counter;

    use super::*;

    #[test]
    fn a_registered_metric_is_written() {
        let (metrics, pages) = (Metrics::default(), Counter::<u64>::default());
        metrics.register("kansoku_pages", "Pages seen", pages.clone());
        pages.inc_by(3);
        let text = metrics.encode();
        assert!(text.contains("kansoku_pages_total 3"), "{text}");
        assert!(text.ends_with("# EOF\n"));
    }
}
