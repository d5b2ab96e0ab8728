//! One database at one of several addresses: which of them is the primary now, and sessions that follow it.
//!
//! The driver takes one address. Ours may name several, as libpq's may:
//! `postgres://user:password@one:5432,two:5432/database`. Then a session is opened on the primary alone, wherever that is.

mod address;
mod driver;
mod role;

use std::{io, sync::Arc, time::Duration};

use futures::future::join_all;
use sqlx::{ConnectOptions, Connection, Error, PgConnection, PgPool, postgres::PgConnectOptions};
use tokio::sync::watch;

use crate::role::{Answer, Known};

/// How long one of several servers may take to let us in and say what it is.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);
/// How often a service should look for the primary.
pub const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// Where a database may be. Clones share what is known of it.
#[derive(Debug, Clone)]
pub struct Addresses {
    all: Vec<PgConnectOptions>,
    needs_primary: bool,
    known: Arc<watch::Sender<Known>>,
}

/// The setting `postgres.url` names no database. The address is not repeated, which is a secret.
#[derive(Debug, thiserror::Error)]
#[error(
    "postgres.url is no address of a database (postgres://user:password@host:port/database, or host:port,host:port)"
)]
pub struct BadUrl(#[source] Error);

impl Addresses {
    /// Reads the setting `postgres.url` of a service, as [`Self::parse`] does.
    ///
    /// # Errors
    /// It is no address of a database.
    pub fn of_setting(url: &str) -> Result<Self, BadUrl> {
        Self::parse(url).map_err(BadUrl)
    }

    /// Reads an address that may name several hosts. A single host is taken as it is, unless it says
    /// `target_session_attrs=read-write`.
    ///
    /// # Errors
    /// `Error::Configuration` when it is no address of a database. It does not repeat the address, which is a secret.
    pub fn parse(url: &str) -> Result<Self, Error> {
        let (all, needs_primary) = address::parse(url)?;
        Ok(Self { all, needs_primary, known: Arc::default() })
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
        let (found, session) = self.primary().await?;
        end(session).await;
        Ok(found)
    }

    /// Opens a session.
    ///
    /// # Errors
    /// Those of the driver, or none of several is a primary.
    pub async fn connect(&self) -> Result<PgConnection, Error> {
        self.open().await.map(|(_, session)| session)
    }

    /// Opens a session, and says where.
    ///
    /// # Errors
    /// Those of the driver, or none of several is a primary.
    pub async fn open(&self) -> Result<(PgConnectOptions, PgConnection), Error> {
        if !self.needs_primary {
            let only = self.first();
            return only.connect().await.map(|session| (only, session));
        }
        self.primary().await
    }

    /// Looks for the primary for ever, and lets pools follow it. A single host is not asked.
    pub async fn keep_looking(&self, pools: &[&PgPool], every: Duration) {
        if !self.needs_primary {
            return std::future::pending().await;
        }
        loop {
            // Where none is, whoever needs one hears it from its own look.
            if let Ok((found, session)) = self.primary().await {
                pools.iter().for_each(|pool| self.move_to(pool, &found));
                end(session).await;
            }
            tokio::time::sleep(every).await;
        }
    }

    /// Ends when a look finds that the primary is another one than it was here, or none.
    pub async fn moved_from(&self, found: &PgConnectOptions) {
        if !self.needs_primary {
            return std::future::pending().await;
        }
        let mut known = self.known.subscribe();
        let (before, here) = (known.borrow().newest, name(found));
        let is_here = |at| self.all.get(at).is_some_and(|one| name(one) == here);
        // The sender is ours, and so lives on.
        let _ = known.wait_for(|now| now.newest != before || !now.at.is_some_and(is_here)).await;
    }

    /// Whether the primary is looked for: of several hosts, or where the address asks for one.
    pub fn are_several(&self) -> bool {
        self.needs_primary
    }

    /// Whether the last look found no primary, or there was none yet. Always false of a single host.
    pub fn lacks_primary(&self) -> bool {
        self.needs_primary && self.known.borrow().at.is_none()
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
        Ok(self.known.borrow().accepts(role))
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
        let mut at = None;
        self.known.send_if_modified(|known| {
            let next;
            (next, at) = known.after(&answers);
            std::mem::replace(known, next) != next
        });
        let found = at.and_then(|at| Some((self.all.get(at)?.clone(), sessions.get_mut(at)?.take()?)));
        found.ok_or_else(|| {
            let newest = self.known.borrow().newest;
            let said: Vec<_> = self
                .all
                .iter()
                .zip(&answers)
                .map(|(at, answer)| format!("{} {}", name(at), answer.reason(newest)))
                .collect();
            let problem = format!("no address is that of a primary that takes writes: {}", said.join("; "));
            Error::Io(io::Error::new(io::ErrorKind::NotConnected, problem))
        })
    }
}

/// It has served; whether the server hears of its end is its own matter.
async fn end(session: PgConnection) {
    let _ = tokio::time::timeout(PROBE_TIMEOUT, session.close()).await;
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
