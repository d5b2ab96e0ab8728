//! The numbers of the process, for Prometheus to fetch.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prometheus_client::{
    collector::Collector,
    encoding::text::encode,
    metrics::info::Info,
    registry::{Metric, Registry},
};

/// The registry of the process. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Mutex<Registry>>);

impl Metrics {
    /// Adds a metric, or a family of them, and gives it back to be counted with. The name is without `_total`; units are
    /// spelled out in it (`_seconds`).
    pub fn register<M: Metric + Clone>(&self, name: &'static str, help: &'static str, metric: M) -> M {
        self.lock().register(name, help, metric.clone());
        metric
    }

    /// Adds what never changes while the process lives: a 1 with these labels.
    pub fn info(&self, name: &'static str, help: &'static str, labels: Vec<(&'static str, String)>) {
        self.lock().register(name, help, Info::new(labels));
    }

    /// Adds what is asked for each time the numbers are fetched.
    pub(crate) fn collect(&self, collector: impl Collector) {
        self.lock().register_collector(Box::new(collector));
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
        let metrics = Metrics::default();
        let pages = metrics.register("kansoku_pages", "Pages seen", Counter::<u64>::default());
        pages.inc_by(3);
        let text = metrics.encode();
        assert!(text.contains("kansoku_pages_total 3"), "{text}");
        assert!(text.ends_with("# EOF\n"));
    }
}
