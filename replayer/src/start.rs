//! Puts the parts together.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use kansoku_nats::Client;
use kansoku_postgres::LOOK_INTERVAL;
use kansoku_runs::Streams;
use kansoku_service::{Context, Health, admin_router, serve};
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    SERVICE, failure::POSTGRES, job, judges::Judges, metrics::ReplayerMetrics, plan::Plans,
    replayer::Replayer, session, settings::Settings, wake,
};

/// Runs the service until it is told to stop.
///
/// # Errors
/// When the settings cannot be used or the port is taken; never because NATS or Postgres is unavailable.
pub async fn start(context: Context<Settings>) -> Result<()> {
    let Settings { nats, postgres, http, schemas, raw, replay, plan } = &context.config;
    // Before anybody may ask: while a dependency is not known, its absence does not show.
    [POSTGRES, "nats", "audit", "raw"].into_iter().for_each(|name| drop(context.health.dependency(name)));
    let addresses = session::addresses(postgres.url.expose())?;
    let judges = Judges::start(schemas.clone(), &context.health, context.clock.clone());
    let judges = judges.context("compile the schemas")?;
    serve(&context, http, admin_router(&context)).await?;
    let connecting = Client::connect(nats, SERVICE, &context);
    let Some(client) = context.stop.run_until(connecting).await.transpose()? else { return Ok(()) };
    // Whoever works here tries again by itself, does other work in between, and shows what is unavailable.
    let streams = Streams::new(client.clone(), context.clock.clone(), Duration::ZERO, &Health::default());
    let metrics = ReplayerMetrics::register(&context.metrics);
    let tools = job::Tools {
        client,
        streams: Arc::new(streams.archived(raw.archived)),
        clock: context.clock.clone(),
        metrics,
        in_flight: replay.in_flight,
    };
    let wake = Arc::new(Notify::new());
    let plans = Plans::new(Duration::from_millis(plan.judging_timeout_ms));
    let mut replayer = Replayer::new(&context.health, addresses.clone(), judges, plans, tools, wake.clone());
    // On a thread beside the one that hears signals: whatever holds it up, the process ends when it is told to.
    let mut working = AbortOnDropHandle::new(tokio::spawn(async move {
        let looking = addresses.clone();
        tokio::join!(
            replayer.work(),
            wake::listen(addresses, wake),
            looking.keep_looking(&[], LOOK_INTERVAL)
        );
    }));
    context.stop.run_until(&mut working).await.transpose().context("work").map(drop)
}
