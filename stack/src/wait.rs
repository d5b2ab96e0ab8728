use std::time::Duration;

use anyhow::{Result, bail};

/// Asks `condition` again and again until it holds.
///
/// The only waiting in tests and start-up: it ends as soon as the condition holds, and says `what` did not
/// come when `limit` has passed.
pub async fn until<F>(what: &str, limit: Duration, mut condition: impl FnMut() -> F) -> Result<()>
where
    F: Future<Output = bool>,
{
    let mut ask = tokio::time::interval(Duration::from_millis(20));
    ask.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let asking = async {
        loop {
            ask.tick().await;
            if condition().await {
                return;
            }
        }
    };
    if tokio::time::timeout(limit, asking).await.is_err() {
        bail!("waited {limit:?} for {what}, and it did not come");
    }
    Ok(())
}
