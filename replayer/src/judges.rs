//! The judge of the deployed schemas, and the plans that are by it.

use std::sync::Arc;

use kansoku_schemas::{Deployed, Judge, SchemaError, SchemaSettings};
use kansoku_service::{Dependency, Health};
use sqlx::PgConnection;

use crate::{failure::Failure, plan};

/// The deployed schemas.
pub(crate) struct Judges {
    schemas: Deployed,
    health: Dependency,
}

impl Judges {
    /// Compiles what is there now.
    pub(crate) fn start(settings: SchemaSettings, health: &Health) -> Result<Self, SchemaError> {
        let schemas = Deployed::start(settings)?;
        let health = health.optional("overlay");
        health.ready();
        Ok(Self { schemas, health })
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
        match self.schemas.trouble() {
            None => self.health.ready(),
            Some(words) => self.health.unavailable(words),
        }
        plan::note_deployed(session, self.deployed().hash()).await
    }
}
