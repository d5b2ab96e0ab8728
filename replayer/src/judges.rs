//! The judge of the deployed schemas, and the plans that are by it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use kansoku_schemas::{Deployed, Judge, SchemaError, SchemaSettings};
use kansoku_service::{Clock, Dependency, Health};
use sqlx::PgConnection;

use crate::{failure::Failure, plan};

/// By then every validator has looked, and judges by what was deployed.
const TAKEN_UP: Duration = Deployed::LOOK_INTERVAL.saturating_mul(2);

/// The deployed schemas.
pub(crate) struct Judges {
    schemas: Deployed,
    health: Dependency,
    clock: Arc<dyn Clock>,
    changed: Mutex<Option<Instant>>,
}

impl Judges {
    /// Compiles what is there now.
    pub(crate) fn start(
        settings: SchemaSettings,
        health: &Health,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SchemaError> {
        let schemas = Deployed::start(settings)?;
        let health = health.optional("overlay");
        health.ready();
        Ok(Self { schemas, health, clock, changed: Mutex::default() })
    }

    /// Whether the validators judge by these schemas too. A row that is replayed before meets the old ones, and dies of what was
    /// mended.
    pub(crate) fn are_taken_up(&self) -> bool {
        let changed = *self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.is_none_or(|changed| self.clock.monotonic().saturating_duration_since(changed) >= TAKEN_UP)
    }

    /// The judge of the deployed schemas.
    pub(crate) fn deployed(&self) -> Arc<Judge> {
        self.schemas.judge()
    }

    /// Takes up what was deployed since, and says of plans whether they are by it.
    pub(crate) async fn follow(&self, session: &mut PgConnection) -> Result<(), Failure> {
        if !self.schemas.look() {
            return Ok(());
        }
        *self.changed.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.clock.monotonic());
        match self.schemas.trouble() {
            None => self.health.ready(),
            Some(words) => self.health.unavailable(words),
        }
        plan::note_deployed(session, self.deployed().hash()).await
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::ManualClock;

    use super::*;

    #[test]
    fn what_was_deployed_is_waited_for() {
        let clock = Arc::new(ManualClock::new(chrono::DateTime::UNIX_EPOCH));
        let judges = Judges::start(SchemaSettings::default(), &Health::default(), clock.clone()).unwrap();
        assert!(judges.are_taken_up(), "nothing has changed");
        *judges.changed.lock().unwrap() = Some(clock.monotonic());
        assert!(!judges.are_taken_up());
        clock.advance(TAKEN_UP);
        assert!(judges.are_taken_up());
    }
}
