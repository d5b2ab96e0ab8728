//! Puts the parts together.

use std::time::Duration;

use anyhow::{Context as _, Result};
use kansoku_nats::{Client, ConsumerSpec, dead_letter::ServiceInstance};
use kansoku_schemas::Deployed;
use kansoku_service::{Context, VERSION, admin_router, serve};

use crate::{
    DURABLE, SERVICE, STREAM, deployed, handler::Pages, metrics::ValidatorMetrics, settings::Settings,
};

/// How long one pull waits for a page. A pull that was lost with its connection is sent again after this, so it is short.
const EXPIRES: Duration = Duration::from_secs(5);

/// Runs the service until it is told to stop.
///
/// # Errors
/// When the settings cannot be used or the port is taken; never because NATS is unavailable.
pub async fn start(context: Context<Settings>) -> Result<()> {
    let Settings { nats, http, schemas, batch } = &context.config;
    // Before anybody may ask: while a dependency is not known, its absence does not show.
    let [ready, _] = ["schemas", "nats"].map(|name| context.health.dependency(name));
    serve(&context, http, admin_router(&context)).await?;
    let deployed = Deployed::start(schemas.clone()).context("compile the schemas")?;
    ready.ready();
    let metrics = ValidatorMetrics::register(&context.metrics, deployed.judge().hash());
    let by = ServiceInstance { service: SERVICE, version: VERSION, instance: context.instance.clone() };
    let connecting = Client::connect(nats, SERVICE, &context);
    let Some(client) = context.stop.run_until(connecting).await else { return Ok(()) };
    let client = client?;
    let overlay = context.health.optional("overlay");
    overlay.ready();
    let watching = deployed::watch(deployed.clone(), metrics.clone(), overlay, context.stop.clone());
    context.tasks.spawn("schemas", watching);
    let pages = Pages::new(client.clone(), deployed, by, context.clock.clone(), metrics);
    let spec = ConsumerSpec {
        stream: STREAM,
        durable: DURABLE,
        batch: batch.pages,
        batch_bytes: batch.bytes,
        expires: EXPIRES,
        at_once: 1,
    };
    client.consume(spec, &pages, &context.stop, &context.health).await
}
