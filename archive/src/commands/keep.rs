//! `archive keep`.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use kansoku_runs::Streams;
use kansoku_service::{ConfigError, Context};

use super::USER;
use crate::{
    keep::{Archiver, ArchiverMetrics},
    settings::Settings,
};

/// How long the service waits for NATS: until it is stopped.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Writes RAW into files until the process is stopped.
pub async fn keep(context: Context<Settings>) -> Result<()> {
    let Some(dir) = context.config.keep.dir.clone() else {
        let problem = "`archive keep` writes files: name their folder";
        return Err(ConfigError::new("keep.dir", problem).into());
    };
    kansoku_service::serve(&context, &context.config.http, kansoku_service::admin_router(&context)).await?;
    let connecting = kansoku_nats::Client::connect(&context.config.nats, USER, &context);
    let Some(client) = context.stop.run_until(connecting).await else { return Ok(()) };
    let (clock, instance) = (Arc::clone(&context.clock), context.instance.clone());
    let streams = Streams::new(client?, Arc::clone(&clock), FOREVER, &context.health).archived(true);
    let health = context.health.dependency("archive");
    let metrics = ArchiverMetrics::register(&context.metrics);
    context.metrics.disk(&dir);
    Archiver { streams: Arc::new(streams), dir, clock, instance, health, metrics }
        .run(context.stop.clone())
        .await
}
