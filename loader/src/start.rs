//! The loader's commands, wired.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use kansoku_nats::{Client, ConsumerSpec, dead_letter::ServiceInstance};
use kansoku_postgres::Addresses;
use kansoku_service::{ConnectionPool, Context, VERSION, admin_router, serve};
use sqlx::PgPool;

use crate::{
    db_error::POSTGRES,
    dead_letter_gauges::DeadLetterGauges,
    ledger_gauges::LedgerGauges,
    metrics::LoaderMetrics,
    page_times::PageTimes,
    pages::Pages,
    projection::{self, Projection, Rebuilt, Source},
    runs::Runs,
    settings::Settings,
    store::{self, ConnectError, Kept, Store},
    weeks::Weeks,
};

/// How long a pull waits for messages; readiness is asked for anew after it.
const PULL_EXPIRES: Duration = Duration::from_secs(5);
/// Run events are small; their NOTIFY names every dataset of a batch and may take 8,000 bytes.
const MAX_EVENTS: usize = 100;
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Consumes VALID, RUN, DLQ and AUDIT until the process is to stop.
pub async fn start(context: Context<Settings>) -> Result<()> {
    // Before anybody may ask: while a dependency is not known, its absence does not show.
    [POSTGRES, "nats"].into_iter().for_each(|name| drop(context.health.dependency(name)));
    serve(&context, &context.config.http, admin_router(&context)).await?;
    let addresses = addresses(&context)?;
    let Some(store) = tables(&context, &addresses, Retry::Always).await? else { return Ok(()) };
    context.metrics.connection_pools([connections(store.pool())]);
    let store = Arc::new(store);
    let connecting = Client::connect(&context.config.nats, "loader", &context);
    let Some(client) = context.stop.run_until(connecting).await.transpose()? else { return Ok(()) };
    let metrics = LoaderMetrics::new(&context.metrics);
    let clock = context.clock.clone();
    let by =
        ServiceInstance { service: context.service, version: VERSION, instance: context.instance.clone() };
    let pages = Pages {
        store: store.clone(),
        client: client.clone(),
        clock: clock.clone(),
        by,
        metrics: metrics.clone(),
        times: PageTimes::register(&context.metrics),
    };
    let ledger = LedgerGauges::register(&context.metrics, store.clone(), clock.clone());
    let gauges = DeadLetterGauges { store: store.clone(), clock: clock.clone(), metrics: metrics.clone() };
    let weeks = Weeks { store: store.clone(), clock: clock.clone() };
    let project =
        |source| Projection::new(source, store.clone(), client.clone(), clock.clone(), metrics.clone());
    let (letters, actions) = (project(Source::Letters), project(Source::Actions));
    let following = store.clone();
    let following = async {
        context.stop.run_until(following.keep_following()).await;
        Ok(())
    };
    let runs = Runs { store, client: client.clone(), epoch: Arc::default(), clock, metrics };
    let batch = context.config.batch;
    let valid = ConsumerSpec {
        stream: "VALID",
        durable: "loader",
        batch: batch.pages,
        batch_bytes: batch.bytes,
        expires: PULL_EXPIRES,
        at_once: 1,
    };
    let of = |stream, batch| ConsumerSpec { stream, batch, ..valid.clone() };
    let run = of("RUN", MAX_EVENTS);
    let audit = of("AUDIT", projection::BATCH);
    // In a flood one batch is read while Postgres writes the other; dead letters are small.
    let dlq = ConsumerSpec { at_once: 2, ..of("DLQ", projection::BATCH) };
    let (stop, health) = (&context.stop, &context.health);
    // Boxed: all of them together are too much for the stack of an unoptimised build.
    let all = tokio::try_join!(
        Box::pin(client.consume(valid, &pages, stop, health)),
        Box::pin(client.consume(run, &runs, stop, health)),
        Box::pin(client.consume(dlq, &letters, stop, health)),
        Box::pin(client.consume(audit, &actions, stop, health)),
        weeks.keep(stop),
        letters.keep_looking(stop),
        actions.keep_looking(stop),
        gauges.keep(stop),
        ledger.keep(stop),
        following
    );
    all.map(drop).context("consume VALID, RUN, DLQ and AUDIT")
}

fn connections(pool: &PgPool) -> ConnectionPool {
    let (max, pool) = (pool.options().get_max_connections(), pool.clone());
    ConnectionPool { name: "tables", max, count: Box::new(move || (pool.num_idle(), pool.size() as usize)) }
}

/// Brings the tables up to date and says so.
pub async fn migrate(context: Context<Settings>) -> Result<()> {
    if tables(&context, &addresses(&context)?, Retry::Unavailable).await?.is_some() {
        println!("the tables are up to date");
    }
    Ok(())
}

/// Makes all that is derived of titles again and says how much there is.
pub async fn rebuild(context: Context<Settings>) -> Result<()> {
    let addresses = addresses(&context)?;
    if tables(&context, &addresses, Retry::Unavailable).await?.is_none() {
        return Ok(());
    }
    let rebuilding = async {
        let session = store::session(&addresses).await?;
        store::rebuild(session).await.context("make the lines of titles again")
    };
    let Some(made) = context.stop.run_until(rebuilding).await else { return Ok(()) };
    for (catalogue, days) in made? {
        println!("{catalogue}: {days} days of titles; their weeks follow while the loader runs");
    }
    Ok(())
}

/// Makes the projection of dead letters again from the streams and says how much there is. A loader beside it may go on.
pub async fn rebuild_dead_letters(context: Context<Settings>) -> Result<()> {
    let addresses = addresses(&context)?;
    let Some(store) = tables(&context, &addresses, Retry::Unavailable).await? else { return Ok(()) };
    let rebuilding = async {
        let client = Client::connect(&context.config.nats, "loader", &context).await?;
        projection::rebuild(
            Arc::new(store),
            client,
            context.clock.clone(),
            LoaderMetrics::new(&context.metrics),
        )
        .await
    };
    let Some(made) = context.stop.run_until(rebuilding).await else { return Ok(()) };
    let Rebuilt { letters, actions, kept } = made.context("make the projection of dead letters again")?;
    println!("{letters} messages of DLQ and {actions} of AUDIT are projected again");
    if kept.letters + kept.actions > 0 {
        let Kept { letters, actions } = kept;
        println!("{letters} that DLQ has no more and {actions} that AUDIT has no more are kept as they were");
    }
    Ok(())
}

/// Read once: whatever opens sessions shares what is known of the servers.
fn addresses(context: &Context<Settings>) -> Result<Addresses> {
    Ok(store::addresses(context.config.postgres.url.expose())?)
}

/// What is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Retry {
    /// A server that does not answer.
    Unavailable,
    /// Also a repair of tables that cannot be brought up to date: a service does not end for what others mend.
    Always,
}

/// Tables that are up to date; waits for the server however long it takes. `None` when the process is to stop.
async fn tables(context: &Context<Settings>, addresses: &Addresses, retry: Retry) -> Result<Option<Store>> {
    let postgres = context.health.dependency(POSTGRES);
    let mut reported = None;
    loop {
        let Some(opened) = context.stop.run_until(store::open(addresses)).await else { return Ok(None) };
        match opened {
            Ok(store) => {
                postgres.ready();
                tracing::info!("the tables are up to date");
                return Ok(Some(store));
            }
            Err(ConnectError::Unavailable(error)) => {
                let reason = format!(
                    "{:#}; check that it runs and that postgres.url is right",
                    anyhow::Error::new(error)
                );
                postgres.unavailable(reason);
            }
            Err(ConnectError::Migrate(error)) if retry == Retry::Always => {
                let reason =
                    format!("the tables cannot be brought up to date: {:#}", anyhow::Error::new(error));
                if reported.as_ref() != Some(&reason) {
                    tracing::error!("{reason}; nothing is taken from the streams until they can");
                }
                postgres.unavailable(reason.clone());
                reported = Some(reason);
            }
            Err(error) => return Err(error.into()),
        }
        if context.stop.run_until(tokio::time::sleep(RETRY_PAUSE)).await.is_none() {
            return Ok(None);
        }
    }
}
