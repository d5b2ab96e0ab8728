//! The one that works: takes the lease, and then turn by turn the outbox, plans and jobs, all on the session that holds the lease.

use std::{sync::Arc, time::Duration};

use anyhow::anyhow;
use kansoku_postgres::Addresses;
use kansoku_service::{Dependency, Health, LogThrottle, Unavailable};
use sqlx::PgConnection;
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    failure::{Failure, POSTGRES},
    job::{Jobs, Next, Tools},
    judges::Judges,
    outbox,
    plan::{self, Plans},
    session,
};

/// How long until work is looked for again, and until a lease or a server is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// How long one turn may take: a connection whose other end is gone stays quiet for hours.
const TURN_TIMEOUT: Duration = Duration::from_secs(90);

/// How long one turn should take at most.
const LONG_TURN: Duration = Duration::from_secs(15);

/// Does the work while it has the lease.
pub(crate) struct Replayer {
    addresses: Addresses,
    judges: Judges,
    plans: Plans,
    jobs: Jobs,
    tools: Tools,
    wake: Arc<Notify>,
    postgres: Dependency,
    audit: Dependency,
    raw: Dependency,
    lease: Dependency,
    turn: Dependency,
    throttle: LogThrottle,
}

impl Replayer {
    pub(crate) fn new(
        health: &Health,
        addresses: Addresses,
        judges: Judges,
        plans: Plans,
        tools: Tools,
        wake: Arc<Notify>,
    ) -> Self {
        let [postgres, audit, raw] = [POSTGRES, "audit", "raw"].map(|name| health.dependency(name));
        let lease = health.optional("lease");
        // Until they are found wanting: one that stands by uses neither.
        let turn = health.dependency("turn");
        [&audit, &raw, &turn].into_iter().for_each(Dependency::ready);
        let (jobs, throttle) = (Jobs::new(tools.clone()), LogThrottle::default());
        Self { addresses, judges, plans, jobs, tools, wake, postgres, audit, raw, lease, turn, throttle }
    }

    /// Works for ever.
    pub(crate) async fn work(&mut self) {
        loop {
            let ended = match self.on_session().await {
                Ok(never) => match never {},
                Err(unavailable) => unavailable.to_string(),
            };
            self.plans.forget();
            self.jobs.forget();
            self.tools.metrics.leads(false);
            self.lease.unavailable("not held");
            if let Some(left_out) = self.throttle.should_log(&ended, self.tools.clock.monotonic()) {
                tracing::warn!(left_out, "there is no session to work on, trying on: {ended}");
            }
            self.postgres.unavailable(ended);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Works on one session until it fails.
    async fn on_session(&mut self) -> Result<std::convert::Infallible, Unavailable> {
        let (found, session) = session::connect(&self.addresses).await?;
        let addresses = self.addresses.clone();
        // A former primary may never answer: its commits wait for a standby that is none any more.
        tokio::select! {
            ended = self.work_on(session) => ended,
            () = addresses.moved_from(&found) => Err(session::former()),
        }
    }

    async fn work_on(&mut self, mut session: PgConnection) -> Result<std::convert::Infallible, Unavailable> {
        while !in_time(session::take_lease(&mut session)).await? {
            in_time(session::ensure_primary(&self.addresses, &mut session)).await?;
            self.postgres.ready();
            self.lease.unavailable("another replayer works; this one stands by");
            tokio::time::sleep(PAUSE).await;
        }
        // The first thing that needs tables: whoever finds none has the lease for nothing.
        in_time(plan::note_deployed(&mut session, self.judges.deployed().hash())).await?;
        tracing::info!("this replayer has the lease");
        self.lease.ready();
        self.tools.metrics.leads(true);
        loop {
            let watched = self.watch();
            let next = in_time(self.turn(&mut session)).await?;
            drop(watched);
            self.turn.ready();
            self.postgres.ready();
            if let Next::After(pause) = next {
                // A notice in between is not lost.
                let _ = tokio::time::timeout(pause.min(PAUSE), self.wake.notified()).await;
            }
        }
    }

    /// Says so while a turn takes too long, even where it keeps its thread.
    fn watch(&self) -> AbortOnDropHandle<()> {
        let turn = self.turn.clone();
        AbortOnDropHandle::new(tokio::spawn(async move {
            tokio::time::sleep(LONG_TURN).await;
            turn.unavailable(format!("a turn takes longer than {LONG_TURN:?}"));
        }))
    }

    /// A part of everything that is to do. What is not possible without a stream waits alone.
    async fn turn(&mut self, session: &mut PgConnection) -> Result<Next, Failure> {
        session::ensure_primary(&self.addresses, session).await?;
        self.judges.follow(session).await?;
        let Tools { client, metrics, .. } = &self.tools;
        let mut troubles = Vec::new();
        let sent = apart(outbox::send(session, client, metrics).await, &mut troubles)?;
        show(&self.audit, &troubles);
        let Some(more_actions) = sent else {
            // Nothing more is done that nobody could look up.
            return Ok(Next::After(PAUSE));
        };
        let planned = self.plans.work(session, &self.judges, &self.tools).await;
        let more_plans = apart(planned, &mut troubles)?.unwrap_or_default();
        let next = match self.judges.are_taken_up() {
            true => self.jobs.work(session, &mut troubles).await?,
            false => Next::After(PAUSE),
        };
        show(&self.raw, &troubles);
        Ok(if more_actions || more_plans { Next::Now } else { next })
    }
}

/// What was done; `None` where a stream is unavailable: the session is not at fault for that, and other work goes on.
fn apart<T>(done: Result<T, Failure>, troubles: &mut Vec<String>) -> Result<Option<T>, Failure> {
    match done {
        Err(Failure::Unavailable(unavailable)) if unavailable.dependency != POSTGRES => {
            troubles.push(unavailable.to_string());
            Ok(None)
        }
        done => done.map(Some),
    }
}

fn show(dependency: &Dependency, troubles: &[String]) {
    if troubles.is_empty() { dependency.ready() } else { dependency.unavailable(troubles.join("; ")) }
}

/// A failure of work that no row is at fault for is one of the session.
async fn in_time<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Unavailable> {
    let silent = anyhow!("no answer within {TURN_TIMEOUT:?}");
    match tokio::time::timeout(TURN_TIMEOUT, work).await {
        Err(_) => Err(Unavailable::new(POSTGRES, silent)),
        Ok(Err(Failure::Unavailable(unavailable))) => Err(unavailable),
        Ok(Err(Failure::Broken(error))) => Err(Unavailable::new(POSTGRES, error)),
        Ok(Ok(done)) => Ok(done),
    }
}
