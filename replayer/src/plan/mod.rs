//! Plans: dry runs of frozen members by the deployed schemas, or with one that nobody has deployed yet. A process of its own judges
//! ([`judging`]): no schema and no step of a plan holds up other work, or ends it.

mod accepted;
pub(crate) mod child;
mod judging;
mod tables;
pub mod verdict;

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow};
use kansoku_nats::Client;
use kansoku_service::Clock;
use sqlx::PgConnection;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

pub use accepted::{Accepted, compare};
pub(crate) use tables::note_deployed;

use self::{
    child::{Answer, Question, Terms},
    judging::Judging,
    tables::Row,
};
use crate::{
    failure::Failure,
    job::{Tools, item::Item},
    judges::Judges,
    rebuilding,
};

/// How many bodies are judged at once, while as many are read: each may be as large as a page.
const PART: i64 = 200;
/// How long a plan is worked on between two looks at other work.
const SLICE: Duration = Duration::from_millis(200);
/// How often a plan is begun that does not come further.
const MAX_BEGUN: i32 = 2;

/// Judging that goes on by itself, with the process that does it.
type Asked = AbortOnDropHandle<(Judging, Result<Answer, Failure>)>;

/// A plan in work.
struct Open {
    plan: Uuid,
    /// The judge of the deployed schemas when it was opened.
    deployed: String,
    /// The judge that gives the verdicts, once it is made.
    judge: String,
    /// The name of a schema that is not deployed.
    candidate: Option<String>,
    /// The members that are judged now.
    roots: Vec<String>,
    /// The next ones, once they are read.
    next: Option<Vec<Item>>,
    asked: Asked,
}

/// Works on plans.
pub(crate) struct Plans {
    /// How long the judging of one may take.
    limit: Duration,
    open: Option<Open>,
    counted: bool,
    /// The one that this process has begun: it is not counted again.
    begun: Option<Uuid>,
}

impl Plans {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, open: None, counted: false, begun: None }
    }

    /// Forgets what it knows of the tables.
    pub(crate) fn forget(&mut self) {
        self.open = None;
        self.counted = false;
    }

    /// Does a part of the oldest plan that is not ready; whether there may be more.
    pub(crate) async fn work(
        &mut self,
        session: &mut PgConnection,
        judges: &Judges,
        tools: &Tools,
    ) -> Result<bool, Failure> {
        let row = tables::next(session).await?;
        let is_new = row.as_ref().is_some_and(|row| row.state == "requested");
        if is_new || !self.counted {
            tools.metrics.plans(&tables::count(session).await?);
        }
        self.counted = row.is_none();
        let Some(row) = row else {
            self.open = None;
            return Ok(false);
        };
        let plan = row.plan;
        match self.part(session, judges, tools, row).await {
            Err(Failure::Broken(error)) => {
                tracing::warn!(%plan, "the plan {plan} failed: {error:#}");
                tables::fail(session, plan, &format!("{error:#}")).await?;
                Ok(true)
            }
            Err(unavailable) => Err(unavailable),
            Ok(()) => Ok(true),
        }
    }

    async fn part(
        &mut self,
        session: &mut PgConnection,
        judges: &Judges,
        tools: &Tools,
        row: Row,
    ) -> Result<(), Failure> {
        let mut open = match self.open.take().filter(|open| open.is_of(&row, judges)) {
            Some(open) => open,
            None => {
                // What was deployed before the plan was asked for judges it.
                judges.follow(session).await?;
                self.open(session, judges, &tools.clock, &row).await?
            }
        };
        let until = tools.clock.monotonic() + SLICE;
        loop {
            // The verdicts that are there may be another judge's, until this one has said who it is.
            if !open.judge.is_empty() && open.next.is_none() {
                let last = open.roots.last().map_or("", String::as_str);
                open.next = Some(tables::members(session, open.plan, last, PART).await?);
            }
            let left = until.saturating_duration_since(tools.clock.monotonic());
            let Ok(answered) = timeout(left, &mut open.asked).await else {
                self.open = Some(open);
                return Ok(());
            };
            let (judging, answer) =
                answered.context("wait for the task that judges").map_err(Failure::Broken)?;
            let found = match answer? {
                Answer::Begun(judge) => {
                    tables::judged_by(session, &row, &judge).await?;
                    open.judge = judge;
                    open.next = Some(tables::members(session, open.plan, "", PART).await?);
                    Vec::new()
                }
                Answer::Faults(faults) => faults,
                Answer::Accepted(accepted) => {
                    return ready(session, (open.plan, &open.judge), judges, Some(accepted), tools).await;
                }
                Answer::Refused(why) => return Err(Failure::Broken(anyhow!(why))),
            };
            let next = open.next.take().unwrap_or_default();
            let judged =
                std::mem::replace(&mut open.roots, next.iter().map(|item| item.root.clone()).collect());
            // The next ones are judged while the verdicts of these are written.
            let asked = if !next.is_empty() {
                let (question, bytes) = Question::judge(next);
                Some(ask(judging, question, bytes))
            } else {
                open.candidate.clone().map(|schema| hold_against(judging, tools.client.clone(), schema))
            };
            if !judged.is_empty() {
                rebuilding::check(session).await?;
                let passes = tables::write(session, open.plan, &judged, &found).await?;
                crate::failpoint("replayer::after_verdicts");
                tools.metrics.judged("pass", passes);
                tools.metrics.judged("fail", found.len() - passes);
            }
            match asked {
                Some(asked) => open.asked = asked,
                None => return ready(session, (open.plan, &open.judge), judges, None, tools).await,
            }
        }
    }

    /// Begins a plan, unless it was begun before and ended those who did.
    async fn open(
        &mut self,
        session: &mut PgConnection,
        judges: &Judges,
        clock: &Arc<dyn Clock>,
        row: &Row,
    ) -> Result<Open, Failure> {
        if row.state != "running" || self.begun != Some(row.plan) {
            if row.begun >= MAX_BEGUN {
                let words = "begun {} times and never ended: the replayer ended before it came further";
                return Err(Failure::Broken(anyhow!(words.replace("{}", &row.begun.to_string()))));
            }
            tables::begin(session, row.plan).await?;
            self.begun = Some(row.plan);
        }
        let deployed = judges.deployed();
        let terms = Terms {
            deployed: deployed.texts(),
            candidate: row.schema_name.clone().zip(row.schema_text.clone()),
            steps: row.steps.clone().filter(|steps| steps != "null" && steps != "[]"),
            limit: self.limit,
        };
        let judging = Judging::start(clock.clone(), self.limit).map_err(Failure::Broken)?;
        Ok(Open {
            plan: row.plan,
            deployed: deployed.hash().to_owned(),
            judge: String::new(),
            candidate: row.schema_name.clone(),
            roots: Vec::new(),
            next: None,
            asked: ask(judging, Question::Begin(terms), Vec::new()),
        })
    }
}

impl Open {
    /// Whether it is this plan, and its verdicts are still those of the schemas.
    fn is_of(&self, row: &Row, judges: &Judges) -> bool {
        let is_current = self.candidate.is_some() || self.deployed == judges.deployed().hash();
        self.plan == row.plan && row.state == "running" && is_current
    }
}

async fn ready(
    session: &mut PgConnection,
    (plan, judge): (Uuid, &str),
    judges: &Judges,
    accepted: Option<Accepted>,
    tools: &Tools,
) -> Result<(), Failure> {
    tables::ready(session, plan, judges.deployed().hash(), accepted, tools.clock.now()).await?;
    tracing::info!(%plan, judge, "the plan {plan} is ready");
    Ok(())
}

fn ask(mut judging: Judging, question: Question, bytes: Vec<u8>) -> Asked {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let answer = judging.ask(&question, &bytes).await.map_err(Failure::Broken);
        (judging, answer)
    }))
}

fn hold_against(mut judging: Judging, client: Client, schema: String) -> Asked {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let found = accepted::newest(&client, &mut judging, &schema).await;
        (judging, found.map(Answer::Accepted))
    }))
}
