//! Counts the request cost of one client.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use kansoku_runs::RequestCost;

/// The cost of one client so far.
#[derive(Debug, Default)]
pub(super) struct CostCounter {
    retries: AtomicU64,
    waited_us: AtomicU64,
}

impl CostCounter {
    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn waited(&self, time: Duration) {
        self.waited_us.fetch_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn so_far(&self) -> RequestCost {
        RequestCost {
            retries: self.retries.load(Ordering::Relaxed),
            waited: Duration::from_micros(self.waited_us.load(Ordering::Relaxed)),
        }
    }
}
