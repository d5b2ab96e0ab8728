//! A simulated upstream beside the server with our streams, and what captures work with inside the test's process.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use kansoku_jikan_sim::serve::{Simulator, serve};
use kansoku_runs::{Ledger, Publisher, Streams};
use kansoku_service::{Clock, Health};
pub(crate) use kansoku_stack::world::*;
use tokio::net::TcpListener;

/// The simulated upstream stands still here.
pub(crate) const NOW: &str = "2026-10-20T12:00:00Z";

/// `fetcher` without a server.
pub(crate) fn fetcher<S: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = S>,
) -> std::process::Command {
    program("fetcher", arguments)
}

/// What captures work with.
pub(crate) async fn inside(world: &World, clock: Arc<dyn Clock>, patience: Duration) -> (Ledger, Publisher) {
    let client = user(&world.server, "fetcher").await;
    let streams = Arc::new(Streams::new(client, Arc::clone(&clock), patience, &Health::default()));
    let instance = "inside".to_owned();
    (
        Ledger::new(Arc::clone(&streams), Arc::clone(&clock), instance.clone()),
        Publisher::new(streams, clock, "fetcher", instance),
    )
}

/// The base URL of a simulated upstream that stands still at [`NOW`]; it ends with the test.
pub(crate) async fn upstream() -> String {
    let now: DateTime<Utc> = NOW.parse().unwrap();
    upstream_at(move || now).await
}

/// An upstream with a clock of its own.
pub(crate) async fn upstream_at(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let simulator = Simulator::new(5, Box::new(now));
    tokio::spawn(serve(simulator, listener, std::future::pending()));
    format!("http://{address}/v4")
}
