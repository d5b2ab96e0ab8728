//! The wish to stop, seen by everything in the process.

use tokio_util::sync::CancellationToken;

/// Becomes stopped once, and stays so. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// One that nobody has asked for yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everything to stop.
    pub fn stop(&self) {
        self.0.cancel();
    }

    /// Whether stopping was asked for.
    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until stopping is asked for.
    pub async fn stopped(&self) {
        self.0.cancelled().await;
    }

    /// Runs `future` to its end, or drops it and gives `None` when stopping is asked for first.
    pub async fn run_until<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.0.run_until_cancelled(future).await
    }

    /// One that stops with this one, and can be stopped alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_ends_with_its_result_or_with_the_wish_to_stop() {
        let stop = Stop::new();
        assert_eq!(stop.run_until(async { 7 }).await, Some(7));
        let child = stop.child();
        stop.stop();
        assert_eq!(stop.run_until(std::future::pending::<u8>()).await, None);
        assert!(child.is_stopped());
        child.stopped().await;
    }
}
