//! Plans: dry runs of frozen members by the deployed schemas, or with one that nobody has deployed yet. A process of its own judges
//! ([`judging`]): no schema and no step of a plan holds up other work, or ends it.

mod accepted;
pub(crate) mod child;
mod judging;
mod tables;
pub mod verdict;

use std::{pin::Pin, sync::Arc, time::Duration};

use anyhow::anyhow;
use kansoku_nats::Client;
use kansoku_service::Clock;
use sqlx::PgConnection;
use tokio::time::timeout;
use uuid::Uuid;

pub use accepted::{Accepted, compare};
pub(crate) use tables::note_deployed;

use self::{
    child::{Answer, Question, Terms},
    judging::Judging,
    tables::Row,
};
use crate::{failure::Failure, job::Tools, judges::Judges, rebuilding};

/// How many bodies are in memory at once: each may be as large as a page.
const PART: i64 = 200;
/// How long a plan is worked on between two looks at other work.
const SLICE: Duration = Duration::from_millis(200);
/// How often a plan is begun that does not come further.
const MAX_BEGUN: i32 = 2;

/// Judging that is under way, with the process that does it.
type Asked = Pin<Box<dyn Future<Output = (Judging, Result<Answer, Failure>)> + Send>>;

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
            let left = until.saturating_duration_since(tools.clock.monotonic());
            let Ok((judging, answer)) = timeout(left, &mut open.asked).await else {
                self.open = Some(open);
                return Ok(());
            };
            match answer? {
                Answer::Begun(judge) => {
                    tables::judged_by(session, &row, &judge).await?;
                    open.judge = judge;
                }
                Answer::Faults(faults) => {
                    rebuilding::check(session).await?;
                    let passes = tables::write(session, open.plan, &open.roots, &faults).await?;
                    crate::failpoint("replayer::after_verdicts");
                    tools.metrics.judged("pass", passes);
                    tools.metrics.judged("fail", faults.len() - passes);
                }
                Answer::Accepted(accepted) => {
                    return ready(session, (open.plan, &open.judge), judges, Some(accepted), tools).await;
                }
                Answer::Refused(why) => return Err(Failure::Broken(anyhow!(why))),
            }
            let last = open.roots.last().map_or("", String::as_str);
            open.roots = tables::members(session, open.plan, last, PART).await?;
            open.asked = if !open.roots.is_empty() {
                let items = tables::texts(session, &open.roots).await?;
                ask(judging, Question::Judge(items))
            } else if let Some(schema) = open.candidate.clone() {
                hold_against(judging, tools.client.clone(), schema)
            } else {
                return ready(session, (open.plan, &open.judge), judges, None, tools).await;
            };
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
            asked: ask(judging, Question::Begin(terms)),
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

fn ask(mut judging: Judging, question: Question) -> Asked {
    Box::pin(async move {
        let answer = judging.ask(&question).await.map_err(Failure::Broken);
        (judging, answer)
    })
}

fn hold_against(mut judging: Judging, client: Client, schema: String) -> Asked {
    Box::pin(async move {
        let found = accepted::newest(&client, &mut judging, &schema).await;
        (judging, found.map(Answer::Accepted))
    })
}
