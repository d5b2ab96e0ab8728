//! The loader's numbers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use kansoku_service::Metrics;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
};

use crate::{
    db_error::ErrorKind,
    dead_letter_gauges::{Seen, Stream},
    store::Committed,
};

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

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfStream {
    stream: String,
}

/// The states of an item, and of a group.
const ITEM_STATES: [&str; 6] = ["open", "published", "resolved", "failed", "quarantined", "discarded"];
const GROUP_STATES: [&str; 5] = ["new", "acknowledged", "fixed", "regressed", "muted"];

/// Counts what is committed; clones share the numbers.
#[derive(Debug, Clone)]
pub struct LoaderMetrics {
    rows: Family<Outcome, Counter>,
    batch: Histogram,
    duration: Family<Operation, Histogram, fn() -> Histogram>,
    isolated: Counter,
    unreadable: Counter,
    version: Family<OfCatalogue, Gauge>,
    dead_letters: Family<InState, Gauge>,
    groups: Family<InState, Gauge>,
    behind: Family<OfStream, Gauge>,
    bytes: Family<OfStream, Gauge>,
    max_bytes: Family<OfStream, Gauge>,
    seconds_to_full: Family<OfStream, Gauge>,
    oldest_open: Gauge,
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
        let dead_letters = "Dead letters by state; every loader shows the same";
        let groups = "Kinds of faults by state: in a regressed one rows die for what was fixed";
        let behind = "Messages of DLQ and AUDIT that are not projected yet";
        let bytes = "Bytes in DLQ and AUDIT";
        let max_bytes = "Bytes that DLQ and AUDIT may hold";
        let full = "Seconds until DLQ or AUDIT is full at the pace of the last minutes; no sample while it does not grow, or below a tenth not steadily for five minutes";
        let oldest = "When the oldest dead letter came that is open or failed again, in no muted group, in seconds since 1970; 0 where there is none";
        let durations = Family::new_with_constructor(seconds);
        Self {
            rows: metrics.register("kansoku_loader_rows", rows, Family::default()),
            batch: metrics.register("kansoku_loader_batch_pages", "Pages in a committed batch", pages),
            duration: metrics.register("db_client_operation_duration_seconds", duration, durations),
            isolated: metrics.register("kansoku_loader_isolated_batches", isolated, Counter::default()),
            unreadable: metrics.register("kansoku_loader_unreadable", unreadable, Counter::default()),
            version: metrics.register("kansoku_data_version", version, Family::default()),
            dead_letters: metrics.register("kansoku_dead_letters", dead_letters, Family::default()),
            groups: metrics.register("kansoku_dead_letter_groups", groups, Family::default()),
            behind: metrics.register("kansoku_projection_lag_messages", behind, Family::default()),
            bytes: metrics.register("kansoku_stream_bytes", bytes, Family::default()),
            max_bytes: metrics.register("kansoku_stream_max_bytes", max_bytes, Family::default()),
            seconds_to_full: metrics.register("kansoku_stream_seconds_to_full", full, Family::default()),
            oldest_open: metrics.register(
                "kansoku_dead_letter_oldest_open_timestamp_seconds",
                oldest,
                Gauge::default(),
            ),
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

    /// What was seen of the dead letters.
    pub(crate) fn dead_letters(&self, seen: &Seen, now: DateTime<Utc>) {
        let set = |family: &Family<InState, Gauge>, states: &[&'static str], counts: &[(String, i64)]| {
            for state in states {
                let count = counts.iter().find(|(known, _)| known == state).map_or(0, |(_, count)| *count);
                family.get_or_create(&InState { state }).set(count);
            }
        };
        set(&self.dead_letters, &ITEM_STATES, &seen.items);
        set(&self.groups, &GROUP_STATES, &seen.groups);
        self.oldest_open.set(seen.oldest_open.map_or(0, |oldest| oldest.timestamp()));
        self.seconds_to_full.clear();
        for Stream { stream, behind, bytes, max_bytes, full_at } in &seen.streams {
            let of = OfStream { stream: stream.clone() };
            self.behind.get_or_create(&of).set(*behind);
            let known = [(&self.bytes, *bytes), (&self.max_bytes, *max_bytes)];
            let left = full_at.map(|at| (at - now).num_seconds().max(0));
            for (family, number) in known.into_iter().chain([(&self.seconds_to_full, left)]) {
                if let Some(number) = number {
                    family.get_or_create(&of).set(number);
                }
            }
        }
    }

    /// A message is noted as unreadable.
    pub fn unreadable(&self) {
        self.unreadable.inc();
    }
}
