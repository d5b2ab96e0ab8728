//! What requests have cost: retries, and waiting for the limits.

use std::{
    ops::{AddAssign, Sub},
    time::Duration,
};

/// A cost so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestCost {
    /// Requests after the first one for a page.
    pub retries: u64,
    /// Time that requests waited for the limits and for cool-downs.
    pub waited: Duration,
}

impl Sub for RequestCost {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            retries: self.retries.saturating_sub(before.retries),
            waited: self.waited.saturating_sub(before.waited),
        }
    }
}

impl AddAssign for RequestCost {
    fn add_assign(&mut self, more: Self) {
        self.retries += more.retries;
        self.waited += more.waited;
    }
}
