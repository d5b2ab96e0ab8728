use std::time::Duration;

use anyhow::{Result, bail};

/// Polls `condition` until it holds.
///
/// The only waiting in tests and start-up: it ends as soon as the condition holds, and says `what` did not
/// come when `limit` has passed.
pub async fn until<F>(what: &str, limit: Duration, mut condition: impl FnMut() -> F) -> Result<()>
where
    F: Future<Output = bool>,
{
    let mut poll = tokio::time::interval(Duration::from_millis(20));
    poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let polling = async {
        loop {
            poll.tick().await;
            if condition().await {
                return;
            }
        }
    };
    if tokio::time::timeout(limit, polling).await.is_err() {
        bail!("waited {limit:?} for {what}, and it did not come");
    }
    Ok(())
}
