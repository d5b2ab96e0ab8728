//! What the archiver counts.

use kansoku_service::Metrics;
use prometheus_client::metrics::{counter::Counter, gauge::Gauge};

/// The archiver's numbers.
#[derive(Debug, Clone)]
pub(crate) struct ArchiverMetrics {
    lag: Gauge,
    pages: Counter,
}

impl ArchiverMetrics {
    /// Adds the numbers to those of the process.
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let lag = "Messages of RAW that are not written into a file yet; after a failure all that no announced file has";
        let pages = "Pages written into files; those of a file that was not finished are written again";
        Self {
            lag: metrics.register("kansoku_archive_lag_messages", lag, Gauge::default()),
            pages: metrics.register("kansoku_archive_pages", pages, Counter::default()),
        }
    }

    /// RAW's last message is `last`, and `next` is the first one that is in no file.
    pub(super) fn behind(&self, last: u64, next: u64) {
        self.lag.set(i64::try_from((last + 1).saturating_sub(next)).unwrap_or(i64::MAX));
    }

    /// A page is in a file.
    pub(super) fn page(&self) {
        self.pages.inc();
    }
}
