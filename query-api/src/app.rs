//! What every handler needs.

use std::{sync::Arc, time::Duration};

use kansoku_service::Clock;
use sqlx::PgPool;

use crate::cache::Answers;

/// The state of the service; cheap to clone.
#[derive(Clone)]
pub(crate) struct App {
    /// Finished answers.
    pub answers: Arc<Answers>,
    /// The database.
    pub pool: PgPool,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What day it is where the captures come from.
    pub calendar: Arc<dyn Clock>,
    /// How long reading one answer may take.
    pub patience: Duration,
}
