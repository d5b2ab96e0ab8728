//! What an import works with, inside the test's process.

use std::{sync::Arc, time::Duration};

use kansoku_runs::{Ledger, Publisher, Streams};
use kansoku_service::{Clock, Health};
use kansoku_stack::world::{World, user};

/// The streams as an import has them.
pub(crate) async fn streams(world: &World, clock: Arc<dyn Clock>, patience: Duration) -> Streams {
    Streams::new(user(&world.server, "archiver").await, clock, patience, &Health::default())
}

/// Records captures as an import does.
pub(crate) async fn publishing(
    world: &World,
    clock: Arc<dyn Clock>,
    patience: Duration,
) -> (Ledger, Publisher) {
    let (streams, instance) =
        (Arc::new(streams(world, Arc::clone(&clock), patience).await), "inside".to_owned());
    (
        Ledger::new(Arc::clone(&streams), Arc::clone(&clock), instance.clone()),
        Publisher::new(streams, clock, "archive", instance),
    )
}
