//! One database at one of several addresses: which of them is the primary now, and sessions that follow it.
//!
//! The driver takes one address. Ours may name several, as libpq's may:
//! `postgres://user:password@one:5432,two:5432/database`. Then a session is opened on the primary alone, wherever that is.

mod address;
mod driver;
mod role;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures::future::join_all;
use sqlx::{ConnectOptions, Connection, Error, PgConnection, PgPool, postgres::PgConnectOptions};

use crate::role::{Answer, Role};

/// How long one of several servers may take to let us in and say what it is.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// Where a database may be. Clones share what is known of it.
#[derive(Debug, Clone)]
pub struct Addresses {
    all: Vec<PgConnectOptions>,
    needs_primary: bool,
    /// The newest timeline of a primary that was seen: a server of an older one is a former primary.
    timeline: Arc<AtomicU32>,
}

impl Addresses {
    /// Reads an address that may name several hosts. A single host is taken as it is, unless it says
    /// `target_session_attrs=read-write`.
    ///
    /// # Errors
    /// `Error::Configuration` when it is no address of a database. It does not repeat the address, which is a secret.
    pub fn parse(url: &str) -> Result<Self, Error> {
        let (all, needs_primary) = address::parse(url)?;
        Ok(Self { all, needs_primary, timeline: Arc::default() })
    }

    /// Changes how each session begins.
    #[must_use]
    pub fn map(mut self, change: impl Fn(PgConnectOptions) -> PgConnectOptions) -> Self {
        self.all = self.all.into_iter().map(change).collect();
        self
    }

    /// The first of them, for a pool that is made before any server is asked.
    pub fn first(&self) -> PgConnectOptions {
        self.all.first().cloned().unwrap_or_default()
    }

    /// Where a session is to be opened now. Of a single host nothing is asked.
    ///
    /// # Errors
    /// None of several is a primary; the error says what each of them answered.
    pub async fn find(&self) -> Result<PgConnectOptions, Error> {
        if !self.needs_primary {
            return Ok(self.first());
        }
        let (options, session) = self.primary().await?;
        // It has served; whether the server hears of its end is its own matter.
        let _ = tokio::time::timeout(PROBE_TIMEOUT, session.close()).await;
        Ok(options)
    }

    /// Opens a session.
    ///
    /// # Errors
    /// Those of the driver, or none of several is a primary.
    pub async fn connect(&self) -> Result<PgConnection, Error> {
        if !self.needs_primary {
            return self.first().connect().await;
        }
        self.primary().await.map(|(_, session)| session)
    }

    /// Whether a session may be used again: the server answers and, of several, is still the primary and takes writes.
    ///
    /// # Errors
    /// Those of the driver: the session is lost.
    pub async fn serves(&self, session: &mut PgConnection) -> Result<bool, Error> {
        if !self.needs_primary {
            return session.ping().await.map(|()| true);
        }
        let role = role::ask(session).await?;
        Ok(matches!(role, Role::Primary { timeline } if timeline >= self.timeline.load(Ordering::Relaxed)))
    }

    /// Lets a pool of such sessions follow the primary.
    ///
    /// # Errors
    /// None of several is a primary.
    pub async fn follow(&self, pool: &PgPool) -> Result<(), Error> {
        self.find().await.map(|found| self.move_to(pool, &found))
    }

    /// Lets a pool open its sessions where one of several was found, and use those no more that are idle: they lead to where
    /// it was before.
    pub fn move_to(&self, pool: &PgPool, found: &PgConnectOptions) {
        let options = pool.connect_options();
        if !self.needs_primary || name(&options) == name(found) {
            return;
        }
        pool.set_connect_options(options.as_ref().clone().host(found.get_host()).port(found.get_port()));
        while let Some(session) = pool.try_acquire() {
            drop(session.detach());
        }
    }

    /// Asks all at once and takes the primary of the newest timeline.
    async fn primary(&self) -> Result<(PgConnectOptions, PgConnection), Error> {
        let (mut sessions, answers): (Vec<_>, Vec<_>) =
            join_all(self.all.iter().map(probe)).await.into_iter().unzip();
        let known = self.timeline.load(Ordering::Relaxed);
        let found = role::newest_primary(&answers, known).and_then(|(at, timeline)| {
            self.timeline.fetch_max(timeline, Ordering::Relaxed);
            Some((self.all.get(at)?.clone(), sessions.get_mut(at)?.take()?))
        });
        found.ok_or_else(|| {
            let said: Vec<_> = self
                .all
                .iter()
                .zip(&answers)
                .map(|(at, answer)| format!("{} {}", name(at), answer.reason(known)))
                .collect();
            let problem = format!("no address is that of a primary that takes writes: {}", said.join("; "));
            Error::Io(io::Error::new(io::ErrorKind::NotConnected, problem))
        })
    }
}

async fn probe(options: &PgConnectOptions) -> (Option<PgConnection>, Answer) {
    let asking = async {
        let mut session = options.connect().await?;
        let role = role::ask(&mut session).await?;
        Ok::<_, Error>((session, role))
    };
    match tokio::time::timeout(PROBE_TIMEOUT, asking).await {
        Ok(Ok((session, role))) => (Some(session), Answer::Is(role)),
        Ok(Err(error)) => (None, Answer::Failed(error.to_string())),
        Err(_) => (None, Answer::Failed(format!("no answer within {PROBE_TIMEOUT:?}"))),
    }
}

fn name(options: &PgConnectOptions) -> String {
    format!("{}:{}", options.get_host(), options.get_port())
}
