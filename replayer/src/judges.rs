//! The judge of the deployed schemas, kept up to date with the overlay folder.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kansoku_schemas::{Judge, SchemaError, SchemaSettings, SchemaTexts, SchemaWatch};
use kansoku_service::{Clock, Dependency, Health};

/// How often the folder is looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The deployed schemas.
pub(crate) struct Judges {
    watch: SchemaWatch,
    deployed: Arc<Judge>,
    texts: SchemaTexts,
    clock: Arc<dyn Clock>,
    looked_at: Instant,
    health: Dependency,
}

impl Judges {
    /// Compiles what is there now.
    pub(crate) fn start(
        settings: SchemaSettings,
        clock: Arc<dyn Clock>,
        health: &Health,
    ) -> Result<Self, SchemaError> {
        let (watch, judge) = SchemaWatch::start(settings)?;
        tracing::info!(judge = judge.hash(), "judging by {}", judge.hash());
        let health = health.optional("overlay");
        health.ready();
        let (texts, looked_at) = (watch.texts(), clock.monotonic());
        Ok(Self { watch, deployed: judge.into(), texts, clock, looked_at, health })
    }

    /// The judge of the deployed schemas.
    pub(crate) fn deployed(&self) -> &Arc<Judge> {
        &self.deployed
    }

    /// The judge of the deployed schemas with one of them replaced.
    pub(crate) fn candidate(&self, name: &str, text: &str) -> Result<Judge, SchemaError> {
        let mut texts = self.texts.clone();
        texts.insert(name.to_owned(), text.to_owned());
        Judge::with_texts(&texts)
    }

    /// Looks at the folder, now and then; whether there is another judge. Where its schemas are none the old one stays.
    pub(crate) fn look(&mut self) -> bool {
        let now = self.clock.monotonic();
        if now.duration_since(self.looked_at) < LOOK_INTERVAL {
            return false;
        }
        self.looked_at = now;
        match self.watch.look() {
            None => false,
            Some(Ok(judge)) => {
                tracing::info!(judge = judge.hash(), "the schemas have changed: judging by {}", judge.hash());
                self.health.ready();
                self.texts = self.watch.texts();
                let changed = judge.hash() != self.deployed.hash();
                self.deployed = judge.into();
                changed
            }
            Some(Err(error)) => {
                tracing::error!(
                    "the schemas have changed and cannot be used, the ones of before stay: {error}"
                );
                self.health.unavailable(format!("the schemas of before are used: {error}"));
                false
            }
        }
    }
}
