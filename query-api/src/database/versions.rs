//! The version of each catalogue's data, and following it.

use std::{collections::BTreeMap, time::Duration};

use kansoku_service::{Dependency, Stop};
use sqlx::{
    PgExecutor, Row,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
    types::Json,
};
use tokio::sync::watch;

use super::{Limits, ReadError};
use crate::vocabulary::Catalogue;

/// What the loader calls when it has committed.
const CHANNEL: &str = "kansoku_data";
/// Between two tries to reach the database.
const PAUSE: Duration = Duration::from_millis(500);

/// The version of each catalogue's data, in one certain database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Versions {
    database: String,
    of: BTreeMap<String, i64>,
}

impl Versions {
    /// Reads them, within a snapshot where there is one.
    pub(crate) async fn read(session: impl PgExecutor<'_>) -> Result<Self, ReadError> {
        let row = sqlx::query(include_str!("versions.sql")).fetch_one(session).await?;
        let of: Json<BTreeMap<String, i64>> = row.try_get("versions")?;
        Ok(Self { database: row.try_get("database")?, of: of.0 })
    }

    /// The version of one catalogue; 0 before its first row.
    pub(crate) fn of(&self, catalogue: Catalogue) -> i64 {
        self.of.get(catalogue.name()).copied().unwrap_or_default()
    }

    /// What tells two states of the data apart, for a question about one catalogue or about all of them.
    pub(crate) fn tag(&self, catalogue: Option<Catalogue>) -> String {
        let counts = |(name, version): (&String, &i64)| format!("{name}.{version}");
        let of = match catalogue {
            Some(catalogue) => format!("{}.{}", catalogue.name(), self.of(catalogue)),
            None => self.of.iter().map(counts).collect::<Vec<_>>().join("-"),
        };
        format!("{}:{of}", self.database)
    }
}

/// Keeps `current` at the versions of the database, or at `None` while it is away, until the process stops.
pub(crate) async fn follow(
    session: PgConnectOptions,
    limits: Limits,
    current: watch::Sender<Option<Versions>>,
    postgres: Dependency,
    stop: Stop,
) -> anyhow::Result<()> {
    let mut told = false;
    while !stop.is_stopped() {
        let Some(ended) = stop.run_until(listen(&session, limits, &current, &postgres)).await else { break };
        if let Err(error) = ended {
            // Once for each time it goes, not for each try.
            if current.send_replace(None).is_some() || !told {
                tracing::warn!("{error}; the last answers known are given, marked stale");
            }
            told = true;
            postgres.unavailable(error.to_string());
        }
        stop.run_until(tokio::time::sleep(PAUSE)).await;
    }
    Ok(())
}

/// Listens on one connection for as long as it lasts and answers; what was missed before is read at its start.
async fn listen(
    session: &PgConnectOptions,
    limits: Limits,
    current: &watch::Sender<Option<Versions>>,
    postgres: &Dependency,
) -> Result<(), ReadError> {
    let silence = limits.silence();
    let mut listener = within(silence, connect(session.clone(), limits)).await?;
    loop {
        // On this connection: when requests hold all others, the database is busy and not away.
        let versions = within(silence, Versions::read(&mut listener)).await?;
        if current.send_replace(Some(versions)).is_none() {
            tracing::info!("the database answers");
        }
        postgres.ready();
        match tokio::time::timeout(limits.look_again, listener.try_recv()).await {
            Ok(Ok(Some(_))) => while listener.next_buffered().is_some() {},
            Ok(Ok(None)) => {
                return Err(ReadError::unavailable(anyhow::anyhow!("the connection for notices ended")));
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => {}
        }
    }
}

/// A listener on a connection of its own: one that hangs when it is dropped must not hold a session of the readers.
async fn connect(session: PgConnectOptions, limits: Limits) -> Result<PgListener, ReadError> {
    let own = PgPoolOptions::new().max_connections(1).acquire_timeout(limits.patience);
    let mut listener = PgListener::connect_with(&own.connect_lazy_with(session)).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Gives up on a server that says nothing any more: its own limits do not help when the server, or the way to it, hangs.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, ReadError>>,
) -> Result<T, ReadError> {
    let silent = |_| ReadError::unavailable(anyhow::anyhow!("no answer within {limit:?}"));
    tokio::time::timeout(limit, work).await.unwrap_or_else(|elapsed| Err(silent(elapsed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_tells_versions_catalogues_and_databases_apart() {
        let of = BTreeMap::from([("mal".to_string(), 12), ("sample".to_string(), 3)]);
        let versions = Versions { database: "7.5".into(), of };
        assert_eq!(versions.tag(Some(Catalogue::Mal)), "7.5:mal.12");
        assert_eq!(versions.tag(None), "7.5:mal.12-sample.3");
        let empty = Versions { database: "7.5".into(), of: BTreeMap::new() };
        assert_eq!(empty.tag(Some(Catalogue::Sample)), "7.5:sample.0");
        assert_eq!(empty.of(Catalogue::Mal), 0);
    }
}
