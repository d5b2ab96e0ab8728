//! The schemas that are deployed: a changed file in the overlay folder takes effect without a restart.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use anyhow::Context as _;
use kansoku_schemas::SchemaWatch;
use kansoku_service::{Dependency, Stop};

use crate::{decide::Validator, metrics::ValidatorMetrics};

/// How often the folder is looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The validator of the deployed schemas. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Deployed(Arc<RwLock<Arc<Validator>>>);

impl Deployed {
    pub(crate) fn new(validator: Validator) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(validator))))
    }

    /// The one of now; a page is judged by one to its end.
    pub(crate) fn get(&self) -> Arc<Validator> {
        // A poisoned lock holds a whole validator all the same.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, validator: Validator) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(validator);
    }

    /// Looks at the folder until the process stops. Where its schemas cannot be used the ones of before stay, and readiness says so.
    pub(crate) async fn watch(
        self,
        mut watch: SchemaWatch,
        metrics: ValidatorMetrics,
        shown: Dependency,
        stop: Stop,
    ) -> anyhow::Result<()> {
        while stop.run_until(tokio::time::sleep(LOOK_INTERVAL)).await.is_some() {
            // Reads files, and compiles what has changed.
            let looked = tokio::task::spawn_blocking(move || {
                let found = watch.look();
                (watch, found)
            });
            let found;
            (watch, found) = looked.await.context("look at the folder of schemas")?;
            match found {
                None => {}
                Some(Ok(judge)) => {
                    let (hash, by) = (judge.hash().to_owned(), self.get().by.clone());
                    self.set(Validator { judge, by });
                    tracing::info!(judge = hash, "the schemas have changed: judging by {hash}");
                    metrics.judge(&hash);
                    shown.ready();
                }
                Some(Err(error)) => {
                    let reason = format!(
                        "the schemas have changed and cannot be used, the ones of before stay: {error}"
                    );
                    tracing::error!("{reason}");
                    shown.unavailable(reason);
                }
            }
        }
        Ok(())
    }
}
