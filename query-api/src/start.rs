//! Puts the parts together.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use axum::Router;
use futures::future::BoxFuture;
use kansoku_service::{Clock, Context, Health, Metrics, Stop, admin_router, serve};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::{
    app::App,
    cache::{Answers, Redis, Shelf},
    database::{self, Limits},
    http::{identify::Ids, limit::Gate, observe::Observer},
    limit::Limiter,
    openapi,
    router::{Parts, router},
    settings::Settings,
    web::Ui,
};

/// How long a request waits for a session of the database.
const PATIENCE: Duration = Duration::from_secs(1);
/// A notice may be lost with a connection that is dead without saying so; an answer gets that old, and as much older as
/// the silence may last that tells.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// Runs the service until it is told to stop.
///
/// # Errors
/// When the settings cannot be used or the port is taken.
pub async fn start(context: Context<Settings>) -> Result<()> {
    let surroundings = Surroundings {
        clock: Arc::clone(&context.clock),
        stop: context.stop.clone(),
        health: context.health.clone(),
        metrics: context.metrics.clone(),
        instance: context.instance.clone(),
    };
    let Assembled { router, background } = assemble(&context.config, &surroundings, admin_router(&context))?;
    for (name, work) in background {
        context.tasks.spawn(name, work);
    }
    serve(&context, &context.config.http, router).await?;
    context.stop.stopped().await;
    Ok(())
}

/// What the service is given.
#[derive(Clone)]
pub struct Surroundings {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// When to end.
    pub stop: Stop,
    /// Where the dependencies are reported.
    pub health: Health,
    /// Where numbers go.
    pub metrics: Metrics,
    /// This process among its replicas.
    pub instance: String,
}

/// The service before it runs.
pub struct Assembled {
    /// Every route.
    pub router: Router,
    /// What has to run beside it, by name, until the stop.
    pub background: Vec<(&'static str, BoxFuture<'static, Result<()>>)>,
}

/// Builds the routes around those of `admin`. Neither database nor Redis has to be there yet.
///
/// # Errors
/// When the settings cannot be used.
pub fn assemble(settings: &Settings, around: &Surroundings, admin: Router) -> Result<Assembled> {
    let Settings { postgres, redis, web, cache, limits, fast, .. } = settings;
    let reach = Limits {
        sessions: postgres.max_connections,
        patience: PATIENCE,
        statement: Duration::from_millis(limits.statement_ms),
        look_again: LOOK_AGAIN,
    };
    let session = database::options(postgres.url.expose(), reach)?;
    let pool = database::pool(session.clone(), reach);
    let (current, versions) = watch::channel(None);
    let depends = around.health.dependency("postgres");
    let follow = database::follow(session, reach, current, depends, around.stop.clone());

    let keep = Duration::from_secs(cache.redis_seconds);
    let redis = Redis::new(redis.url.expose(), &shape()?, keep, around.health.optional("redis"))?;
    let answers = Arc::new(Answers::new(Shelf::new(cache.memory_mib << 20), redis, versions));
    let (watched, stop) = (Arc::clone(&answers), around.stop.clone());
    let watch = async move { watched.watch(stop).await };

    let limiter =
        (limits.requests_per_minute > 0).then(|| Limiter::new(limits.requests_per_minute, limits.burst));
    let clock = || Arc::clone(&around.clock);
    let router = router(Parts {
        gate: Gate::new(limiter, clock(), limits.client_header()?),
        ids: Ids::new(&around.instance),
        observer: Observer::new(&around.metrics, clock()),
        ui: Ui::new(&web.dir),
        admin,
        app: App {
            answers,
            pool,
            clock: clock(),
            calendar: fast.map_or_else(clock, |fast| fast.clock()),
            patience: Duration::from_millis(limits.answer_ms),
        },
    })?;
    Ok(Assembled { router, background: vec![("follow", Box::pin(follow)), ("redis", Box::pin(watch))] })
}

/// Names the form of the bodies: a program that writes others does not read these out of Redis.
fn shape() -> Result<String> {
    let document = openapi::rendered()?;
    Ok(hex::encode(&Sha256::digest(document)[..4]))
}
