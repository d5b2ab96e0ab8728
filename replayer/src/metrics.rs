//! The replayer's numbers.

use kansoku_service::Metrics;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
};

/// The states of a plan and of a job, as the tables name them.
const PLAN_STATES: [&str; 4] = ["requested", "running", "ready", "failed"];
const JOB_STATES: [&str; 7] = ["queued", "canary", "running", "paused", "cancelled", "stopped", "done"];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Verdict {
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

/// Counts what is done; clones share the numbers.
#[derive(Debug, Clone)]
pub(crate) struct ReplayerMetrics {
    leader: Gauge,
    unsent: Gauge,
    actions: Counter,
    replays: Family<Outcome, Counter>,
    plans: Family<State, Gauge>,
    jobs: Family<State, Gauge>,
    rows: Family<Verdict, Counter>,
}

impl ReplayerMetrics {
    /// Adds the numbers to those of the process.
    pub(crate) fn register(metrics: &Metrics) -> Self {
        let leader = "1 for the replayer that works, 0 for one that stands by";
        let unsent = "Actions that AUDIT does not have yet";
        let actions = "Actions brought to AUDIT";
        let replays = "Members of jobs: published to RAW, duplicate where RAW had the replay before, skipped; \
            of those published: resolved when stored, failed when dead again";
        let plans = "Plans by their state";
        let jobs = "Jobs by their state";
        let rows = "Dead letters judged for plans";
        Self {
            leader: metrics.register("kansoku_replayer_leader", leader, Gauge::default()),
            unsent: metrics.register("kansoku_replayer_outbox_unsent", unsent, Gauge::default()),
            actions: metrics.register("kansoku_replayer_actions", actions, Counter::default()),
            replays: metrics.register("kansoku_replayer_replays", replays, Family::default()),
            plans: metrics.register("kansoku_replayer_plans", plans, Family::default()),
            jobs: metrics.register("kansoku_replayer_jobs", jobs, Family::default()),
            rows: metrics.register("kansoku_replayer_plan_rows", rows, Family::default()),
        }
    }

    /// Whether this process works.
    pub(crate) fn leads(&self, leads: bool) {
        self.leader.set(leads.into());
    }

    /// So many actions are in the tables and not in AUDIT.
    pub(crate) fn unsent(&self, count: i64) {
        self.unsent.set(count);
    }

    /// So many actions were brought to AUDIT.
    pub(crate) fn sent(&self, count: usize) {
        self.actions.inc_by(count as u64);
    }

    /// So many members came to this.
    pub(crate) fn replays(&self, outcome: &'static str, count: usize) {
        self.replays.get_or_create(&Outcome { outcome }).inc_by(count as u64);
    }

    /// So many rows were judged to be this.
    pub(crate) fn judged(&self, verdict: &'static str, count: usize) {
        self.rows.get_or_create(&Verdict { verdict }).inc_by(count as u64);
    }

    /// So many plans are in each state; in those not named are none.
    pub(crate) fn plans(&self, counts: &[(String, i64)]) {
        set(&self.plans, &PLAN_STATES, counts);
    }

    /// So many jobs are in each state; in those not named are none.
    pub(crate) fn jobs(&self, counts: &[(String, i64)]) {
        set(&self.jobs, &JOB_STATES, counts);
    }
}

fn set(family: &Family<State, Gauge>, states: &[&'static str], counts: &[(String, i64)]) {
    for state in states {
        let count = counts.iter().find(|(known, _)| known == state).map_or(0, |(_, count)| *count);
        family.get_or_create(&State { state }).set(count);
    }
}
