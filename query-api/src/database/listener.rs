//! Listens for new versions of the data.

use std::{sync::Arc, time::Duration};

use kansoku_service::{Clock, Dependency, LogThrottle, Stop};
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::sync::watch;

use super::{DataState, KnownVersions, PoolLimits, ReadError, Sessions};

/// What the loader notifies when it has committed.
const CHANNEL: &str = "kansoku_data";
/// Between two tries to listen.
const PAUSE: Duration = Duration::from_millis(500);

/// Keeps the known versions at those of the database.
#[derive(Debug)]
pub(crate) struct VersionListener {
    /// The sessions of readers and commands, which follow the one that listens.
    pub sessions: Sessions,
    /// Where the versions are kept; `None` while the database is unavailable.
    pub known: watch::Sender<Option<KnownVersions>>,
    /// Where the database is reported.
    pub postgres: Dependency,
    /// When to end.
    pub stop: Stop,
    /// The time at which versions are superseded.
    pub clock: Arc<dyn Clock>,
    readings: u64,
    /// The trouble that has been logged, until it is over.
    logged: Option<&'static str>,
    throttle: LogThrottle,
}

impl VersionListener {
    /// A listener that has not read anything.
    pub(crate) fn new(
        sessions: Sessions,
        known: watch::Sender<Option<KnownVersions>>,
        postgres: Dependency,
        stop: Stop,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            sessions,
            known,
            postgres,
            stop,
            clock,
            readings: 0,
            logged: None,
            throttle: LogThrottle::default(),
        }
    }

    /// Listens until the process stops.
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        let (stop, sessions) = (self.stop.clone(), self.sessions.clone());
        let work = async {
            loop {
                if let Err(error) = self.listen().await {
                    self.poll(&error).await;
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        stop.run_until(async { tokio::join!(work, sessions.keep_following()) }).await;
        Ok(())
    }

    /// Listens to the primary until it is another one, or none.
    async fn listen(&mut self) -> Result<(), ReadError> {
        let found = self.sessions.find().await?;
        let addresses = self.sessions.addresses.clone();
        tokio::select! {
            ended = self.listen_to(&found) => ended,
            () = addresses.moved_from(&found) => Ok(()),
        }
    }

    /// Listens on one connection for as long as it lasts and answers; notices missed before are made up for at its start.
    async fn listen_to(&mut self, found: &PgConnectOptions) -> Result<(), ReadError> {
        let limits = self.sessions.limits;
        let silence = limits.silence_timeout();
        let mut listener = connect(found, limits).await?;
        loop {
            // On this connection: when requests hold all others, the database is busy and not unavailable.
            let state = within(silence, DataState::read(&mut listener)).await?;
            self.publish(state);
            if self.logged.take().is_some() {
                tracing::info!("listening for new data");
            }
            match tokio::time::timeout(limits.poll_interval, listener.try_recv()).await {
                Ok(Ok(Some(_))) => while listener.next_buffered().is_some() {},
                Ok(Ok(None)) => {
                    return Err(ReadError::unavailable(anyhow::anyhow!("the connection for notices ended")));
                }
                Ok(Err(error)) => return Err(error.into()),
                Err(_) => {}
            }
        }
    }

    /// Where nothing can be listened to, as on a single standby, the sessions of the readers tell the versions too.
    async fn poll(&mut self, error: &ReadError) {
        match within(self.sessions.limits.silence_timeout(), self.sessions.read_state()).await {
            Ok(state) => {
                self.publish(state);
                self.log("failed to listen for new data, so its version is polled", error);
            }
            Err(_) => {
                self.known.send_replace(None);
                self.postgres.unavailable(error.to_string());
                self.log(
                    "failed to reach the database, so the last responses known are sent as stale",
                    error,
                );
            }
        }
    }

    fn publish(&mut self, state: DataState) {
        self.readings += 1;
        let (reading, now) = (self.readings, self.clock.monotonic());
        self.known
            .send_modify(|known| *known = Some(KnownVersions::after(known.as_ref(), state, reading, now)));
        self.postgres.ready();
    }

    /// Once for each kind of trouble, not for each try.
    fn log(&mut self, trouble: &'static str, error: &ReadError) {
        if self.logged.replace(trouble) != Some(trouble)
            && let Some(left_out) = self.throttle.should_log(trouble, self.clock.monotonic())
        {
            tracing::warn!(left_out, "{trouble}: {error}");
        }
    }
}

/// A listener on a connection of its own: one that hangs when it is dropped must not hold a session of the readers.
async fn connect(found: &PgConnectOptions, limits: PoolLimits) -> Result<PgListener, ReadError> {
    let listening = async {
        let own = PgPoolOptions::new().max_connections(1).acquire_timeout(limits.silence_timeout());
        let mut listener = PgListener::connect_with(&own.connect_lazy_with(found.clone())).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(listener)
    };
    within(limits.silence_timeout(), listening).await
}

/// Gives up on a server that falls silent: its own limits do not help when the server, or the network, hangs.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, ReadError>>,
) -> Result<T, ReadError> {
    let silent = |_| ReadError::unavailable(anyhow::anyhow!("no answer within {limit:?}"));
    tokio::time::timeout(limit, work).await.unwrap_or_else(|elapsed| Err(silent(elapsed)))
}
