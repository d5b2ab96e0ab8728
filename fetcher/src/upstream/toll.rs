//! What asking has cost beside the pages: tries again, and waiting for a turn.

use std::{
    ops::{AddAssign, Sub},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A cost so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Toll {
    /// Requests after the first one for a page.
    pub retries: u64,
    /// Time that requests waited for the limits and for cool-downs.
    pub waited: Duration,
}

impl Sub for Toll {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            retries: self.retries.saturating_sub(before.retries),
            waited: self.waited.saturating_sub(before.waited),
        }
    }
}

impl AddAssign for Toll {
    fn add_assign(&mut self, more: Self) {
        self.retries += more.retries;
        self.waited += more.waited;
    }
}

/// Counts it for one client.
#[derive(Debug, Default)]
pub(super) struct Counted {
    retries: AtomicU64,
    waited_us: AtomicU64,
}

impl Counted {
    pub(super) fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn waited(&self, time: Duration) {
        self.waited_us.fetch_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn so_far(&self) -> Toll {
        Toll {
            retries: self.retries.load(Ordering::Relaxed),
            waited: Duration::from_micros(self.waited_us.load(Ordering::Relaxed)),
        }
    }
}
