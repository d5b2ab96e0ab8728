//! The session that works, and the lease that it holds.

use std::time::Duration;

use anyhow::anyhow;
use kansoku_postgres::{Addresses, BadUrl};
use kansoku_service::Unavailable;
use sqlx::{PgConnection, postgres::PgConnectOptions};

use crate::failure::{Doing as _, Failure, POSTGRES};

/// The advisory lock of the one replayer that works: Postgres gives it free when the session ends, however it ends.
const LEASE: i64 = 7_243_002;
/// How long the server may take to let us in.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// What the session sets. All queries are look-ups by key, as the loader's are.
///
/// A leader that the network has cut off keeps the lease until the server misses it: after some ten seconds, not two hours. One that
/// is halted (SIGSTOP) keeps it until it goes on or is killed, for its host answers in its place.
const SESSION: [(&str, &str); 12] = [
    ("timezone", "UTC"),
    ("statement_timeout", "30s"),
    ("lock_timeout", "20s"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("enable_seqscan", "off"),
    // What the server knows of a plan is older than its members: it would read all of them for each part.
    ("enable_bitmapscan", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
    ("tcp_keepalives_idle", "5"),
    ("tcp_keepalives_interval", "2"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "10s"),
];

/// How to reach the database.
pub(crate) fn addresses(url: &str) -> Result<Addresses, BadUrl> {
    let named = |options: PgConnectOptions| options.application_name("kansoku-replayer").options(SESSION);
    Ok(Addresses::of_setting(url)?.map(named))
}

/// Opens a session, and says where.
pub(crate) async fn connect(addresses: &Addresses) -> Result<(PgConnectOptions, PgConnection), Unavailable> {
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, addresses.open()).await;
    let away = |error: anyhow::Error| {
        Unavailable::new(POSTGRES, error.context("connect to Postgres"))
            .with_remediation("check that it runs and that postgres.url is right")
    };
    connected
        .map_err(|_| away(anyhow!("no answer within {CONNECT_TIMEOUT:?}")))?
        .map_err(|error| away(error.into()))
}

/// Makes sure that the session may be worked on: of several servers its own is still the primary.
pub(crate) async fn ensure_primary(addresses: &Addresses, session: &mut PgConnection) -> Result<(), Failure> {
    if !addresses.are_several() || addresses.serves(session).await.doing("ask for the primary")? {
        return Ok(());
    }
    Err(Failure::Unavailable(former()))
}

/// Its server is the primary no more.
pub(crate) fn former() -> Unavailable {
    Unavailable::new(POSTGRES, anyhow!("the server of this session is the primary no more"))
}

/// Takes the lease for the rest of the session's life, unless another one has it.
pub(crate) async fn take_lease(session: &mut PgConnection) -> Result<bool, Failure> {
    sqlx::query_scalar("select pg_try_advisory_lock($1)")
        .bind(LEASE)
        .fetch_one(session)
        .await
        .doing("take the replayer's lease")
}
