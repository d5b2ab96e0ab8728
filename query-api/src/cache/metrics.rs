//! How requests were served: from which level, and whether what was there was current.

use kansoku_service::Metrics;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
};

use super::{CacheStatus, Level};
use crate::database::ReadError;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Served {
    level: &'static str,
    result: &'static str,
}

/// Every combination there is.
const ALL: [(&str, &str); 7] = [
    ("memory", "hit"),
    ("redis", "hit"),
    ("database", "miss"),
    ("memory", "stale"),
    ("redis", "stale"),
    ("database", "shed"),
    ("database", "failed"),
];

/// Counts each request for data once; clones share the numbers.
#[derive(Debug, Clone)]
pub(crate) struct CacheMetrics(Family<Served, Counter>);

impl CacheMetrics {
    /// Adds the numbers to those of the process.
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let help = "Requests for data by the level that served them: hit is current, stale the last one known while the \
            database gave none, miss was read from it; shed were too many for it, failed got nothing";
        let requests = metrics.register("kansoku_cache_requests", help, Family::<Served, Counter>::default());
        for (level, result) in ALL {
            drop(requests.get_or_create(&Served { level, result }));
        }
        Self(requests)
    }

    /// A request was served so, or not.
    pub(super) fn served<T>(&self, outcome: &Result<(T, CacheStatus), ReadError>) {
        let (level, result) = match outcome {
            Ok((_, status)) => of(*status),
            Err(ReadError::Busy(_)) => ("database", "shed"),
            // The data were read, and showed that the request is wrong.
            Err(ReadError::Refused(_)) => ("database", "miss"),
            Err(_) => ("database", "failed"),
        };
        self.0.get_or_create(&Served { level, result }).inc();
    }
}

fn of(status: CacheStatus) -> (&'static str, &'static str) {
    match status {
        CacheStatus::Memory | CacheStatus::Refreshing => ("memory", "hit"),
        CacheStatus::Redis => ("redis", "hit"),
        CacheStatus::Miss => ("database", "miss"),
        CacheStatus::Stale(_, Level::Memory) => ("memory", "stale"),
        CacheStatus::Stale(_, Level::Redis) => ("redis", "stale"),
    }
}
