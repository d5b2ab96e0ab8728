//! Puts the parts together.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use axum::Router;
use futures::future::BoxFuture;
use kansoku_service::{
    Clock, ConnectionPool, Context, Health, Metrics, Stop, TlsFiles, admin_router, serve_at,
};
use tokio::sync::watch;

use crate::{
    app::App,
    cache::{Admission, AsOfCache, CacheMetrics, Redis, ResponseCache},
    database::{PoolLimits, SessionPool, Sessions, VersionListener},
    http::{observe::Observer, rate_limit::RateLimit, request_id::Ids},
    operator::{Judges, Operators, access::Attempts},
    router::{Parts, router},
    settings::Settings,
    web::Ui,
};

/// Names the program by its sources, for a cache that outlives it.
pub const BUILD: &str = env!("KANSOKU_API_BUILD");
/// How long a request waits for a session of the database.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a request waits for a newer response before it gets the last one known, marked as stale.
const MAX_STALE_WAIT: Duration = Duration::from_secs(2);
/// A notice may be lost with a connection that is dead without a sign; a response gets that old, and as much older as the
/// silence may last that tells.
const POLL_INTERVAL: Duration = Duration::from_secs(15);

/// Requests of an operator's client in a minute, and at once: a page that watches a job asks every second.
const OPERATOR_RATE: (u32, u32) = (1_200, 240);

/// Runs the service until it is told to stop.
///
/// # Errors
/// When the settings cannot be used or the port is taken.
pub async fn start(context: Context<Settings>) -> Result<()> {
    let service = ServiceContext {
        clock: Arc::clone(&context.clock),
        stop: context.stop.clone(),
        health: context.health.clone(),
        metrics: context.metrics.clone(),
        instance: context.instance.clone(),
        build: BUILD.into(),
    };
    let Assembled { router, background } = assemble(&context.config, &service, admin_router(&context))?;
    for (name, work) in background {
        context.tasks.spawn(name, work);
    }
    // Health and metrics have a listener that no crowd of clients can take.
    serve_at(&context, "admin", &context.config.admin, &TlsFiles::default(), admin_router(&context)).await?;
    serve_at(&context, "http", &context.config.http, &context.config.tls_files(), router).await?;
    context.stop.stopped().await;
    Ok(())
}

/// What the service is given.
#[derive(Clone)]
pub struct ServiceContext {
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
    /// The program: another one does not read its cached responses.
    pub build: String,
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
pub fn assemble(settings: &Settings, context: &ServiceContext, admin: Router) -> Result<Assembled> {
    let Settings { postgres, redis, web, cache, limits, schemas, fast, trace_url, .. } = settings;
    let pool_limits = PoolLimits {
        max_sessions: postgres.max_connections,
        acquire_timeout: ACQUIRE_TIMEOUT,
        statement_timeout: Duration::from_millis(limits.statement_ms),
        poll_interval: POLL_INTERVAL,
    };
    let database = Sessions::new(postgres.url.expose(), pool_limits)?;
    let (pool, commands) = (database.reads.clone(), database.commands.clone());
    let (known, versions) = watch::channel(None);
    context.metrics.connection_pools([("reads", &pool), ("commands", &commands)].map(connections));
    let dependency = context.health.dependency("postgres");
    let clock = || Arc::clone(&context.clock);
    let listener = VersionListener::new(database, known, dependency, context.stop.clone(), clock());

    let ttl = Duration::from_secs(cache.redis_seconds);
    // What settings put into a body is part of the key, as the build is.
    let build = format!("{}{}", context.build, trace_url.as_deref().unwrap_or_default());
    let redis = Redis::new(redis, &build, ttl, context.health.optional("redis"))?;
    let sessions = pool.max_sessions() as usize;
    let admission = Arc::new(Admission::new(sessions, ACQUIRE_TIMEOUT, clock()));
    let as_of =
        Arc::new(AsOfCache::new(pool.clone(), Arc::clone(&admission), versions.clone(), MAX_STALE_WAIT));
    let cache = ResponseCache::new(
        cache.memory_mib << 20,
        redis,
        admission,
        versions,
        MAX_STALE_WAIT,
        clock(),
        CacheMetrics::register(&context.metrics),
    );
    let cache = Arc::new(cache);
    let (watched, stop) = (Arc::clone(&cache), context.stop.clone());
    let watch_redis = async move { watched.watch_redis(stop).await };

    let operators = Operators {
        reads: pool.clone(),
        commands,
        clock: clock(),
        judges: Arc::new(Judges::new(schemas.clone())),
        trace_url: trace_url.as_deref().map(Into::into),
        client_header: limits.client_header()?,
        attempts: Arc::new(Attempts::default()),
    };
    let rate = (limits.requests_per_minute, limits.burst);
    let router = router(Parts {
        rate_limit: RateLimit::new(rate.0, rate.1, clock(), limits.client_header()?),
        ids: Ids::new(&context.instance),
        observer: Observer::new(&context.metrics, clock()),
        ui: Ui::new(&web.dir),
        admin,
        operators,
        operator_rate_limit: RateLimit::new(
            OPERATOR_RATE.0,
            OPERATOR_RATE.1,
            clock(),
            limits.client_header()?,
        ),
        app: App {
            cache,
            as_of,
            pool,
            clock: clock(),
            calendar: fast.map_or_else(clock, |fast| fast.clock()),
            trace_url: trace_url.as_deref().map(Into::into),
            response_timeout: Duration::from_millis(limits.answer_ms),
        },
    })?;
    let listen = Box::pin(listener.run());
    Ok(Assembled { router, background: vec![("listen", listen), ("redis", Box::pin(watch_redis))] })
}

fn connections((name, pool): (&'static str, &SessionPool)) -> ConnectionPool {
    let (max, pool) = (pool.max_sessions(), pool.driver().clone());
    ConnectionPool { name, max, count: Box::new(move || (pool.num_idle(), pool.size() as usize)) }
}
