//! Sessions and migrations.

use std::time::Duration;

use kansoku_postgres::{Addresses, BadUrl};
use sqlx::{
    ConnectOptions, Connection, PgConnection,
    migrate::{MigrateError, Migrator},
    postgres::PgPoolOptions,
};

use super::{ANSWER_TIMEOUT, Store, within};
use crate::db_error::{ErrorKind, Values, kind_of};

static MIGRATIONS: Migrator = Migrator {
    // Beside a newer loader that has migrated further, an older one still works: migrations only expand.
    ignore_missing: true,
    ..sqlx::migrate!("./migrations")
};

/// The oldest server that has all we use, as `server_version_num` counts.
const MIN_VERSION: i32 = 150_000;

/// What every session of ours sets.
/// Our transactions wait for nothing but the database, so one that idles is one whose loader the network has lost: its locks
/// go soon, and the next session need not wait for them.
///
/// All queries are look-ups by key. Without statistics (a table just made) the planner would rather scan, and its cached
/// plan would stay while the table grows; and compiling a plan costs more than running it.
const SESSION: [(&str, &str); 6] = [
    ("statement_timeout", "30s"),
    ("lock_timeout", "20s"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("enable_seqscan", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
];

/// Why there are no tables to work on.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The server does not answer, or not usefully: try again.
    #[error("connect to Postgres")]
    Unavailable(#[source] sqlx::Error),
    /// The address is none.
    #[error(transparent)]
    Url(#[from] BadUrl),
    /// The server is too old.
    #[error("Postgres 15 or newer is needed; this server is version {0}")]
    TooOld(String),
    /// The database keeps its texts in another encoding.
    #[error(
        "the database has to be in UTF8, and this one is in {0}; make one by `create database … encoding 'UTF8' template template0`"
    )]
    Encoding(String),
    /// The tables cannot be brought up to date.
    #[error(
        "migrate the tables (postgres.url has to name a role that owns the database: migrations make the extension pg_trgm)"
    )]
    Migrate(#[source] MigrateError),
}

/// Reads the address. Whoever opens several things reads it once: they share what is known of the servers.
pub fn addresses(url: &str) -> Result<Addresses, ConnectError> {
    Ok(Addresses::of_setting(url)?.map(|options| options.application_name("kansoku-loader")))
}

/// Brings the tables up to date and opens a pool on them.
pub async fn open(addresses: &Addresses) -> Result<Store, ConnectError> {
    migrate(addresses).await?;
    connect(addresses).await
}

/// Opens a pool.
pub async fn connect(addresses: &Addresses) -> Result<Store, ConnectError> {
    let addresses = addresses.clone().map(|options| options.options(SESSION));
    let checked = addresses.clone();
    let pool = PgPoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(5))
        // The pool itself would wait for a silent server for ever before it lets go of a connection.
        .after_release(move |session, _| {
            let addresses = checked.clone();
            Box::pin(async move { within(ANSWER_TIMEOUT, addresses.serves(session)).await })
        })
        .connect_with(addresses.find().await.map_err(ConnectError::Unavailable)?)
        .await
        .map_err(ConnectError::Unavailable)?;
    Ok(Store { addresses: Some(addresses), ..Store::new(pool) })
}

/// A session without time limits, for work that takes as long as it takes.
pub async fn session(addresses: &Addresses) -> Result<PgConnection, ConnectError> {
    let addresses = addresses.clone().map(ConnectOptions::disable_statement_logging);
    within(ANSWER_TIMEOUT, addresses.connect()).await.map_err(ConnectError::Unavailable)
}

/// Brings the tables up to date; an advisory lock makes several loaders take turns.
pub async fn migrate(addresses: &Addresses) -> Result<(), ConnectError> {
    let mut session = session(addresses).await?;
    let version: String = sqlx::query_scalar("show server_version_num")
        .fetch_one(&mut session)
        .await
        .map_err(ConnectError::Unavailable)?;
    if too_old(&version) {
        let version = sqlx::query_scalar("show server_version").fetch_one(&mut session).await;
        return Err(ConnectError::TooOld(version.map_err(ConnectError::Unavailable)?));
    }
    let encoding: String = sqlx::query_scalar("show server_encoding")
        .fetch_one(&mut session)
        .await
        .map_err(ConnectError::Unavailable)?;
    if encoding != "UTF8" {
        return Err(ConnectError::Encoding(encoding));
    }
    let migrated = MIGRATIONS.run(&mut session).await;
    // The session holds nothing any more; that it may have been lost matters to nobody.
    let _ = session.close().await;
    migrated.map_err(|error| match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)
            if kind_of(Values::Ours, &error) == ErrorKind::Unavailable =>
        {
            ConnectError::Unavailable(error)
        }
        error => ConnectError::Migrate(error),
    })
}

fn too_old(server_version_num: &str) -> bool {
    server_version_num.parse::<i32>().is_ok_and(|number| number < MIN_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_is_the_oldest() {
        assert!(too_old("140012"));
        assert!(!too_old("150018"));
        assert!(!too_old("170002"));
    }

    #[test]
    fn an_address_that_is_none_is_said_to_be() {
        assert!(matches!(addresses("nonsense"), Err(ConnectError::Url(_))));
        let several = addresses("postgres://me@one,,two/data").unwrap_err();
        let problem = format!("{:#}", anyhow::Error::new(several));
        assert!(
            problem.contains("postgres.url") && problem.contains("no host between two commas"),
            "{problem}"
        );
    }
}
