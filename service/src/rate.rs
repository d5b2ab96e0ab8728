//! So many a second, and no more.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

const WINDOW: Duration = Duration::from_secs(1);

/// A count that begins anew each second. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Rate {
    limit: u32,
    window: Arc<Mutex<(Option<Instant>, u32)>>,
}

impl Rate {
    pub(crate) fn per_second(limit: u32) -> Self {
        Self { limit, window: Arc::default() }
    }

    /// Counts one more, and says whether it is within the limit.
    pub(crate) fn allows(&self, now: Instant) -> bool {
        // A poisoned lock holds a whole count all the same.
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        match *window {
            (Some(since), count) if now.saturating_duration_since(since) < WINDOW => {
                window.1 = count.saturating_add(1);
            }
            _ => *window = (Some(now), 1),
        }
        window.1 <= self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, SystemClock};

    #[test]
    fn allows_the_limit_in_each_second() {
        let (rate, start) = (Rate::per_second(3), SystemClock.monotonic());
        for second in 0..3 {
            let now = start + Duration::from_secs(second);
            let allowed = (0..5).filter(|_| rate.allows(now)).count();
            assert_eq!(allowed, 3, "in second {second}");
        }
    }
}
