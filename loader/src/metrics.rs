//! The loader's numbers.

use std::time::Duration;

use kansoku_service::Metrics;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
};

use crate::{db_error::ErrorKind, store::Committed};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    db_system_name: &'static str,
    db_operation_name: &'static str,
    error_type: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfCatalogue {
    catalogue: String,
}

/// Counts what is committed; clones share the numbers.
#[derive(Debug, Clone)]
pub struct LoaderMetrics {
    rows: Family<Outcome, Counter>,
    batch: Histogram,
    duration: Family<Operation, Histogram, fn() -> Histogram>,
    isolated: Counter,
    unreadable: Counter,
    version: Family<OfCatalogue, Gauge>,
}

impl LoaderMetrics {
    /// Adds the numbers to those of the process.
    pub fn new(metrics: &Metrics) -> Self {
        let seconds: fn() -> Histogram =
            || Histogram::new([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0]);
        let pages = Histogram::new([1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0]);
        let rows = "Rows committed: stored own an observation, duplicate own none, older were stored before, refused went to the dead letters";
        let duration = "Duration of a database operation, in seconds";
        let isolated =
            "Batches committed page by page, since the tables refused a row that was found storable";
        let unreadable = "Messages noted as unreadable: each needs a person";
        let version = "The version of a catalogue's data after the last commit";
        let durations = Family::new_with_constructor(seconds);
        Self {
            rows: metrics.register("kansoku_loader_rows", rows, Family::default()),
            batch: metrics.register("kansoku_loader_batch_pages", "Pages in a committed batch", pages),
            duration: metrics.register("db_client_operation_duration_seconds", duration, durations),
            isolated: metrics.register("kansoku_loader_isolated_batches", isolated, Counter::default()),
            unreadable: metrics.register("kansoku_loader_unreadable", unreadable, Counter::default()),
            version: metrics.register("kansoku_data_version", version, Family::default()),
        }
    }

    /// A batch of so many pages is committed.
    pub fn committed(&self, pages: usize, refused: usize, done: &Committed) {
        let add = |outcome, count: i64| {
            self.rows.get_or_create(&Outcome { outcome }).inc_by(u64::try_from(count).unwrap_or_default());
        };
        add("stored", done.stored);
        add("duplicate", done.duplicate);
        add("older", done.older);
        add("refused", i64::try_from(refused).unwrap_or_default());
        self.batch.observe(pages as f64);
        for (catalogue, version) in &done.versions {
            self.version.get_or_create(&OfCatalogue { catalogue: catalogue.to_string() }).set(*version);
        }
    }

    /// An operation took so long, and ended so.
    pub fn operation(&self, name: &'static str, took: Duration, failed: Option<ErrorKind>) {
        let error_type = match failed {
            None => "",
            Some(ErrorKind::Data) => "data",
            Some(ErrorKind::Partition) => "partition",
            Some(ErrorKind::Unavailable) => "unavailable",
            Some(ErrorKind::Bug) => "bug",
        };
        let labels = Operation { db_system_name: "postgresql", db_operation_name: name, error_type };
        self.duration.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// A batch was committed page by page.
    pub fn isolated(&self) {
        self.isolated.inc();
    }

    /// A message is noted as unreadable.
    pub fn unreadable(&self) {
        self.unreadable.inc();
    }
}
