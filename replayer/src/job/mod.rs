//! Jobs: replays of a plan's members, a few first, then at a pace, until all are settled or somebody stops it.

pub mod decide;
mod headroom;
pub mod item;
mod look_up;
mod members;
pub mod pace;
mod progress;
mod publish;
mod row;

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use kansoku_nats::Client;
use kansoku_runs::Streams;
use kansoku_service::Clock;
use sqlx::PgConnection;
use uuid::Uuid;

use self::{
    decide::{Asked, State, Step, View},
    look_up::LookUp,
    members::Intended,
    pace::Pace,
    progress::Progress,
    row::JobRow,
};
use crate::{
    failure::{Failure, POSTGRES},
    metrics::ReplayerMetrics,
};

/// The most members of one transaction.
const BATCH: usize = 250;
/// How often it is looked which replays are settled.
const SETTLE_INTERVAL: Duration = Duration::from_millis(500);

/// When the next step may be due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Next {
    /// At once.
    Now,
    /// After a while, or when something is heard.
    After(Duration),
}

/// What jobs work with. Clones share it.
#[derive(Clone)]
pub(crate) struct Tools {
    pub(crate) client: Client,
    pub(crate) streams: Arc<Streams>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: ReplayerMetrics,
    pub(crate) in_flight: usize,
}

/// Works on jobs.
pub(crate) struct Jobs {
    tools: Tools,
    living: HashMap<Uuid, Living>,
    counted: bool,
}

/// What is known of a job besides its row.
struct Living {
    pace: Pace,
    progress: Progress,
    /// Members may be written down as about to be published that are not known to be in RAW.
    is_unsure: bool,
    /// What was found of them.
    looked_up: LookUp,
}

impl Jobs {
    pub(crate) fn new(tools: Tools) -> Self {
        Self { tools, living: HashMap::new(), counted: false }
    }

    /// Forgets what it knows of the tables.
    pub(crate) fn forget(&mut self) {
        self.living.clear();
        self.counted = false;
    }

    /// Does one step of every living job. One that a stream is not there for waits alone.
    pub(crate) async fn work(
        &mut self,
        session: &mut PgConnection,
        troubles: &mut Vec<String>,
    ) -> Result<Next, Failure> {
        let rows = row::living(session).await?;
        self.living.retain(|job, _| rows.iter().any(|row| row.job == *job));
        if !self.counted {
            self.tools.metrics.jobs(&row::count(session).await?);
            self.counted = true;
        }
        let mut next = Next::After(Duration::from_secs(1));
        for row in rows {
            let done = match self.step(session, &row).await {
                Err(Failure::Broken(error)) => {
                    tracing::error!(job = %row.job, "the job {} cannot go on: {error:#}", row.job);
                    self.change(session, &row, State::Stopped, &format!("it cannot go on: {error:#}"))
                        .await?;
                    Next::Now
                }
                Err(Failure::Unavailable(away)) if away.dependency != POSTGRES => {
                    troubles.push(format!("the job {}: {away}", row.job));
                    continue;
                }
                other => other?,
            };
            next = next.min(done);
        }
        Ok(next)
    }

    async fn step(&mut self, session: &mut PgConnection, row: &JobRow) -> Result<Next, Failure> {
        let now = self.tools.clock.monotonic();
        let living = match self.living.entry(row.job) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let progress = Progress::read(session, row, now).await?;
                let (pace, looked_up) = (Pace::new(row.rate, now), LookUp::default());
                place.insert(Living { pace, progress, is_unsure: true, looked_up })
            }
        };
        if living.is_unsure && !is_halted(row) {
            // A cancelled job waits for it, too: what is neither in RAW nor known not to be there nobody could replay any more.
            if !publish::again(session, &self.tools, row, &mut living.looked_up).await? {
                return Ok(Next::Now);
            }
            (living.is_unsure, living.looked_up) = (false, LookUp::default());
        }
        if living.progress.is_due(now, SETTLE_INTERVAL) {
            let (resolved, failed) = living.progress.look(session, now).await?;
            self.tools.metrics.replays("resolved", resolved);
            self.tools.metrics.replays("failed", failed);
        }
        let waiting = members::waiting(session, row).await?;
        let view = view(row, &living.progress, waiting);
        match view.next() {
            Step::To(state, words) => {
                let begins = row.state() == State::Queued && matches!(state, State::Canary | State::Running);
                let lack =
                    if begins { headroom::lack(session, &self.tools.client, row).await? } else { None };
                let (state, words) = lack.map_or((state, words), |lack| (State::Stopped, lack));
                self.change(session, row, state, &words).await?;
                Ok(Next::Now)
            }
            Step::Publish { most, passing_only } => {
                if row.asked.is_some() {
                    row::forget_asked(session, row.job).await?;
                }
                let free = self.tools.in_flight.saturating_sub(living.progress.in_flight());
                let available = living.pace.available(now);
                let count = most.min(free).min(available).min(BATCH);
                if count == 0 {
                    let wait = if free == 0 { SETTLE_INTERVAL } else { living.pace.wait() };
                    return Ok(Next::After(wait));
                }
                let Intended { replays, skipped } =
                    members::intend(session, &self.tools, row, count, passing_only).await?;
                crate::failpoint("replayer::after_intent");
                self.tools.metrics.replays("skipped", skipped);
                living.pace.take(replays.len());
                living.is_unsure = true;
                living.progress.add(&replays);
                publish::now(session, &self.tools, row, replays).await?;
                living.is_unsure = false;
                Ok(Next::Now)
            }
            Step::Wait => {
                if row.asked.is_some() {
                    row::forget_asked(session, row.job).await?;
                }
                Ok(Next::After(SETTLE_INTERVAL))
            }
        }
    }

    async fn change(
        &mut self,
        session: &mut PgConnection,
        row: &JobRow,
        state: State,
        words: &str,
    ) -> Result<(), Failure> {
        let progress = self.living.get(&row.job).map(|living| &living.progress);
        row::change(session, row, state, words, progress, self.tools.clock.now()).await?;
        crate::failpoint("replayer::after_state");
        tracing::info!(job = %row.job, state = state.as_str(), "the job {} is {state}: {words}", row.job);
        self.counted = false;
        Ok(())
    }
}

/// Whether nothing goes for now.
fn is_halted(row: &JobRow) -> bool {
    match row.asked() {
        Some(asked) => asked == Asked::Pause,
        None => row.state() == State::Paused,
    }
}

fn view(row: &JobRow, progress: &Progress, waiting: members::Waiting) -> View {
    View {
        state: row.state(),
        asked: row.asked(),
        deployed: row.deployed,
        canary: usize::try_from(row.canary).unwrap_or_default(),
        stop_share: f64::from(row.stop_share),
        published: progress.published(),
        in_flight: progress.in_flight(),
        resolved: progress.resolved,
        failed: progress.failed,
        passing_wait: waiting.passing,
        members_wait: waiting.any,
    }
}
