//! The connection: made in the end, however long the server takes; its state is the readiness of `nats`.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use async_nats::{ConnectErrorKind, ConnectOptions, Event, ServerError, client::FlushErrorKind};
use kansoku_service::{Clock, Context, Dependency, Health, LogThrottle, Metrics, tls_problem};
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::{keys, metrics, monitor, settings::Settings, tls::with_tls};

/// The name under which readiness shows the server.
pub(crate) const DEPENDENCY: &str = "nats";

/// Atomic batches that one client has open at once. The server refuses a stream's 51st, so that five processes may publish
/// to it.
pub(crate) const MAX_OPEN_BATCHES: usize = 10;

/// What to look at where TLS fails.
const WHAT_TO_COMPARE: &str = "compare nats.url and nats.tls_… with the server";

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A server that the network has cut off says nothing, not even that the connection is lost: after three pings in vain, a quarter
/// of a minute, another one is looked for. The library's own interval is a minute.
const PING_INTERVAL: Duration = Duration::from_secs(5);

/// A connection to NATS. Clones share it.
#[derive(Clone)]
pub struct Client {
    pub(crate) nats: async_nats::Client,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: metrics::Messaging,
    /// Permits for open atomic batches.
    pub(crate) batches: Arc<Semaphore>,
    denied: Denied,
    throttle: LogThrottle,
}

/// What the client needs of the process around it.
#[derive(Clone)]
pub struct ClientContext {
    /// Where its readiness is shown.
    pub health: Health,
    /// Where its numbers go.
    pub metrics: Metrics,
    /// What durations are measured with.
    pub clock: Arc<dyn Clock>,
}

impl<C> From<&Context<C>> for ClientContext {
    fn from(context: &Context<C>) -> Self {
        let Context { health, metrics, clock, .. } = context;
        Self { health: health.clone(), metrics: metrics.clone(), clock: clock.clone() }
    }
}

/// Why no connection can ever come about, or not in time.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// A server answers, and does not know the user's key.
    #[error("NATS at {url} refuses the user {user}")]
    Refused {
        /// Where.
        url: String,
        /// Whom.
        user: &'static str,
    },
    /// No server answers.
    #[error("NATS does not answer at {url} within {patience:?}")]
    Unavailable {
        /// Where.
        url: String,
        /// For how long it was tried.
        patience: Duration,
    },
    /// The server is not who it has to be, or the other way round.
    #[error("connect to NATS at {url} with TLS: {problem}; {WHAT_TO_COMPARE}")]
    Tls {
        /// Where.
        url: String,
        /// What was said.
        problem: String,
    },
    /// The nkey file is not there or holds no seed.
    #[error("take the nkey of the NATS user {user}")]
    Key {
        /// Whose key.
        user: &'static str,
        /// What is wrong with it.
        #[source]
        source: anyhow::Error,
    },
    /// The address is none.
    #[error("{url} is no address of a NATS server (nats://host:port)")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        #[source]
        source: anyhow::Error,
    },
}

/// The last operation that the server refused us: stays until the connection is made anew.
#[derive(Clone, Default)]
pub(crate) struct Denied(Arc<Mutex<Option<String>>>);

impl Denied {
    pub(crate) fn set(&self, what: Option<String>) {
        // A poisoned lock holds a whole value all the same.
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = what;
    }

    pub(crate) fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl Client {
    /// Connects as `user`, trying until the server answers; meanwhile `nats` is not ready and says why. Lost
    /// connections are made again by themselves. An operation the user has no right to latches `nats` as not ready:
    /// the configuration of the server and this program do not fit, and no retry mends that.
    pub async fn connect(
        settings: &Settings,
        user: &'static str,
        client_context: impl Into<ClientContext>,
    ) -> Result<Self, ConnectError> {
        Self::connecting(settings, user, client_context.into(), true).await
    }

    /// The same, for a person who would rather read what is wrong than wait.
    pub async fn connect_soon(
        settings: &Settings,
        user: &'static str,
        client_context: impl Into<ClientContext>,
        patience: Duration,
    ) -> Result<Self, ConnectError> {
        let connecting = Self::connecting(settings, user, client_context.into(), false);
        let in_time = tokio::time::timeout(patience, connecting).await;
        in_time.unwrap_or_else(|_| Err(ConnectError::Unavailable { url: settings.url.clone(), patience }))
    }

    async fn connecting(
        settings: &Settings,
        user: &'static str,
        client_context: ClientContext,
        is_patient: bool,
    ) -> Result<Self, ConnectError> {
        let ClientContext { health, metrics, clock } = client_context;
        let addresses = settings
            .addresses()
            .map_err(|error| ConnectError::Url { url: settings.url.clone(), source: anyhow!(error) })?;
        let dependency = health.dependency(DEPENDENCY);
        dependency.unavailable(format!("connecting to {}", settings.url));
        let (denied, throttle) = (Denied::default(), LogThrottle::default());
        let mut pause = FIRST_PAUSE;
        let nats = loop {
            let options = options(settings, user).map_err(|source| ConnectError::Key { user, source })?;
            let (dependency_of_events, denied) = (dependency.clone(), denied.clone());
            let (throttle, clock) = (throttle.clone(), Arc::clone(&clock));
            let options = options.event_callback(move |event| {
                let left_out = throttle.should_log(&event.to_string(), clock.monotonic());
                on_event(&event, user, &dependency_of_events, &denied, left_out);
                std::future::ready(())
            });
            match options.connect(&addresses).await {
                Ok(client) => break client,
                Err(error) if !is_patient && is_refused(error.kind()) => {
                    return Err(ConnectError::Refused { url: settings.url.clone(), user });
                }
                Err(error) => {
                    let url = settings.url.clone();
                    let error = match tls_problem(&error) {
                        Some(problem) if !is_patient => return Err(ConnectError::Tls { url, problem }),
                        Some(problem) => anyhow!("{problem}; {WHAT_TO_COMPARE}"),
                        None => anyhow!(error),
                    };
                    let error = error.context(format!("connect to NATS at {url} as {user}"));
                    if pause == FIRST_PAUSE {
                        tracing::warn!(user, "NATS does not answer, trying on: {error:#}");
                    }
                    dependency.unavailable(format!("{error:#}"));
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        };
        tracing::info!(url = settings.url, user, "connected to NATS at {}", settings.url);
        dependency.ready();
        if let Some(address) = &settings.monitor {
            monitor::watch(address.clone(), health.dependency("nats-server"));
        }
        let metrics = metrics::Messaging::register(&metrics);
        Ok(Self {
            nats,
            clock,
            metrics,
            batches: Arc::new(Semaphore::new(MAX_OPEN_BATCHES)),
            denied,
            throttle,
        })
    }

    /// Whether the library's own task has ended, by a defect of its: then nothing is ever answered, and only a new process
    /// helps. (A header with a lone carriage return does it.)
    pub(crate) async fn has_died(&self) -> bool {
        // Where the server is unavailable the request waits, and nothing has died.
        let flushed = tokio::time::timeout(FIRST_PAUSE, self.nats.flush()).await;
        matches!(flushed, Ok(Err(error)) if error.kind() == FlushErrorKind::SendError)
    }

    /// Whether a cause is worth a line in the log now, and how often it was left out since the last one.
    pub(crate) fn should_log(&self, cause: &str) -> Option<u64> {
        self.throttle.should_log(cause, self.clock.monotonic())
    }

    /// What the server refused this user since it connected, if anything.
    pub fn denied(&self) -> Option<String> {
        self.denied.get()
    }
}

fn is_refused(kind: ConnectErrorKind) -> bool {
    matches!(kind, ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication)
}

/// Connection options common to services and tools: the user's key, its name, its own inbox.
pub(crate) fn options(settings: &Settings, user: &str) -> anyhow::Result<ConnectOptions> {
    let options = match &settings.nkey_file {
        Some(file) => {
            let seed = keys::read(file)?.seed();
            ConnectOptions::with_nkey(seed.with_context(|| format!("{} holds a public key", file.display()))?)
        }
        None => ConnectOptions::new(),
    };
    Ok(with_tls(options, settings)
        .name(format!("kansoku-{user}"))
        .custom_inbox_prefix(format!("_INBOX.{user}"))
        .ping_interval(PING_INTERVAL)
        .reconnect_delay_callback(pauses()))
}

/// The pauses before attempts to connect. The library takes one before the very first attempt too, which has nothing
/// to wait for; it begins to count anew after each success, so that later ones never come without a pause.
fn pauses() -> impl Fn(usize) -> Duration + Send + Sync + 'static {
    let first = AtomicBool::new(true);
    move |attempts| {
        if first.swap(false, Ordering::Relaxed) {
            return Duration::ZERO;
        }
        let doublings = u32::try_from(attempts).unwrap_or(u32::MAX).min(6);
        (FIRST_PAUSE * 2u32.pow(doublings)).min(LONGEST_PAUSE)
    }
}

/// `left_out` says how often such an event was not logged since it was last time; `None` where it is not now either.
fn on_event(event: &Event, user: &str, dependency: &Dependency, denied: &Denied, left_out: Option<u64>) {
    match event {
        Event::Connected => {
            denied.set(None);
            dependency.unlatch();
            dependency.ready();
            tracing::info!(user, "connected to NATS");
        }
        Event::Disconnected => {
            dependency.unavailable("the connection is lost; making it again");
            if let Some(left_out) = left_out {
                tracing::warn!(user, left_out, "lost the connection to NATS; making it again");
            }
        }
        Event::ServerError(error) => match permission(error) {
            Some(what) => {
                denied.set(Some(what.clone()));
                let reason =
                    format!("the server refuses {user} an operation: {what}; compare nats/server.conf");
                if let Some(left_out) = left_out {
                    tracing::error!(user, left_out, "{reason}");
                }
                dependency.latch(reason);
            }
            None => {
                if let Some(left_out) = left_out {
                    tracing::error!(user, %error, left_out, "NATS reports an error");
                }
            }
        },
        Event::SlowConsumer(_) | Event::ClientError(_) => {
            if let Some(left_out) = left_out {
                tracing::warn!(user, %event, left_out, "NATS client: {event}");
            }
        }
        Event::LameDuckMode | Event::Draining | Event::Closed => tracing::info!(user, "NATS client: {event}"),
    }
}

/// The words of a permission error: `Permissions Violation for Publish to "…"`.
pub(crate) fn permission(error: &ServerError) -> Option<String> {
    match error {
        ServerError::Other(words) if words.to_lowercase().contains("permissions violation") => {
            Some(words.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_first_attempt_comes_at_once() {
        let pause = pauses();
        let milliseconds = [1, 2, 1, 3, 60].map(|attempts| pause(attempts).as_millis());
        assert_eq!(milliseconds, [0, 400, 200, 800, 5_000]);
    }
}
