//! Rolls up the weeks behind the commits.

use std::{convert::Infallible, sync::Arc, time::Duration};

use anyhow::Result;
use kansoku_service::{Clock, Stop};

use crate::store::Store;

/// The shortest pause between two looks for changes, and the longest.
const PAUSE: Duration = Duration::from_secs(5);
const MAX_PAUSE: Duration = Duration::from_secs(60);
/// The pause is as many times longer than the work, so that the work takes a sixth of a processor, as long as it takes less
/// than some seconds.
const SHARE: u32 = 5;

/// Rolls up weeks that have changed.
#[derive(Debug)]
pub(crate) struct Weeks {
    /// The tables.
    pub(crate) store: Arc<Store>,
    /// Tells how long it took.
    pub(crate) clock: Arc<dyn Clock>,
}

impl Weeks {
    /// Rolls up until the process is to stop. What fails is tried again at the next look; whoever reads the weeks is told that
    /// changes are waiting.
    ///
    /// # Errors
    /// None.
    pub(crate) async fn keep(&self, stop: &Stop) -> Result<()> {
        let mut failing = false;
        let forever = async {
            loop {
                let started = self.clock.monotonic();
                // While commits do not work, the sessions there are belong to who tries to mend that.
                let rolled = if self.store.works() { self.store.roll_up_weeks().await } else { Ok(0) };
                match rolled {
                    Ok(0) => failing = false,
                    Ok(weeks) => {
                        failing = false;
                        tracing::debug!(weeks, "rolled up {weeks} weeks");
                    }
                    Err(error) if !failing => {
                        failing = true;
                        tracing::warn!("failed to roll up weeks, trying again: {error:#}");
                    }
                    Err(_) => {}
                }
                let took = self.clock.monotonic().duration_since(started);
                tokio::time::sleep((took * SHARE).clamp(PAUSE, MAX_PAUSE)).await;
            }
        };
        let _: Option<Infallible> = stop.run_until(forever).await;
        Ok(())
    }
}
