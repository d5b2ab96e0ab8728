//! The validator's own metrics; messages are counted where they are sent and received.

use std::time::Duration;

use kansoku_schemas::PageCounts;
use kansoku_service::Metrics;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
};

/// Seconds for one page, from a single row to the largest body.
const BUCKETS: [f64; 10] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Judge {
    hash: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: String,
}

/// The metric families; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct ValidatorMetrics {
    judge: Family<Judge, Gauge>,
    pages: Family<Outcome, Counter>,
    rows: Family<Outcome, Counter>,
    drift: Family<Kind, Counter>,
    duration: Histogram,
}

impl ValidatorMetrics {
    pub(crate) fn register(metrics: &Metrics, judge: &str) -> Self {
        let duration = Histogram::new(BUCKETS);
        let judges = "The schemas and the version that judge: 1";
        let registered = Self {
            judge: metrics.register("kansoku_judge_info", judges, Family::default()),
            pages: metrics.register(
                "kansoku_validator_pages",
                "Pages judged row by row, or rejected as a whole",
                Family::default(),
            ),
            rows: metrics.register("kansoku_validator_rows", "Rows accepted, or dead", Family::default()),
            drift: metrics.register(
                "kansoku_validator_drift",
                "Values that were not what the schema's words say",
                Family::default(),
            ),
            duration: metrics.register(
                "kansoku_validator_judge_duration_seconds",
                "Time to judge one page",
                duration,
            ),
        };
        registered.judge(judge);
        registered
    }

    /// Pages are judged by this one from now on.
    pub(crate) fn judge(&self, hash: &str) {
        self.judge.clear();
        self.judge.get_or_create(&Judge { hash: hash.to_owned() }).set(1);
    }

    /// A page was judged row by row.
    pub(crate) fn judged(&self, counts: &PageCounts) {
        self.pages.get_or_create(&Outcome { outcome: "judged" }).inc();
        self.rows.get_or_create(&Outcome { outcome: "accepted" }).inc_by(counts.accepted.into());
        self.rows.get_or_create(&Outcome { outcome: "dead" }).inc_by(counts.dead.into());
        for (kind, count) in &counts.drift {
            self.drift.get_or_create(&Kind { kind: kind.clone() }).inc_by((*count).into());
        }
    }

    /// A page goes to the dead letters as a whole.
    pub(crate) fn rejected(&self) {
        self.pages.get_or_create(&Outcome { outcome: "rejected" }).inc();
    }

    pub(crate) fn took(&self, time: Duration) {
        self.duration.observe(time.as_secs_f64());
    }
}
