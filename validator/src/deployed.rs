//! Looks at the folder of schemas: a changed file takes effect without a restart.

use anyhow::Context as _;
use kansoku_schemas::Deployed;
use kansoku_service::{Dependency, Stop};

use crate::metrics::ValidatorMetrics;

/// Looks until the process stops. Where the folder's schemas cannot be used the ones of before stay, and readiness says so.
pub(crate) async fn watch(
    deployed: Deployed,
    metrics: ValidatorMetrics,
    shown: Dependency,
    stop: Stop,
) -> anyhow::Result<()> {
    while stop.run_until(tokio::time::sleep(Deployed::LOOK_INTERVAL)).await.is_some() {
        let looking = deployed.clone();
        // Reads files, and compiles what has changed.
        let looked = tokio::task::spawn_blocking(move || looking.look()).await;
        if looked.context("look at the folder of schemas")? {
            metrics.judge(deployed.judge().hash());
            match deployed.trouble() {
                None => shown.ready(),
                Some(words) => shown.unavailable(words),
            }
        }
    }
    Ok(())
}
