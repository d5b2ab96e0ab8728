//! What became of a job's replays: the settled ones are counted, the others looked at again and again.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use sqlx::PgConnection;

use super::{members::Replay, row::JobRow};
use crate::failure::{Doing as _, Failure};

/// The replays of one job.
#[derive(Debug)]
pub(super) struct Progress {
    /// Those that are neither stored nor dead again, by their roots.
    flying: BTreeMap<String, Flying>,
    /// Stored, of those that the plan says pass.
    pub(super) resolved: usize,
    /// Dead again, of those that the plan says pass.
    pub(super) failed: usize,
    others: (usize, usize),
    looked_at: Instant,
}

#[derive(Debug, Clone, Copy)]
struct Flying {
    n: i32,
    passes: bool,
}

/// Numbers for people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) in_flight: usize,
    pub(super) resolved: usize,
    pub(super) failed: usize,
}

impl Progress {
    /// As the tables tell it.
    pub(super) async fn read(
        session: &mut PgConnection,
        row: &JobRow,
        now: Instant,
    ) -> Result<Self, Failure> {
        let replays: Vec<(String, i32, bool)> = sqlx::query_as(
            "select m.root, m.n, m.verdict is not distinct from 'pass'
             from dlq_plan_member m
             join dead_letter_action a on a.root = m.root and a.n = m.n and a.action = 'replay' and a.job = $2
             where m.plan = $1 and m.outcome in ('publishing', 'published')",
        )
        .bind(row.plan)
        .bind(row.job)
        .fetch_all(&mut *session)
        .await
        .doing("read a job's replays")?;
        let flying = replays.into_iter().map(|(root, n, passes)| (root, Flying { n, passes })).collect();
        let mut progress = Self { flying, resolved: 0, failed: 0, others: (0, 0), looked_at: now };
        progress.look(session, now).await?;
        Ok(progress)
    }

    /// More replays are under way.
    pub(super) fn add(&mut self, replays: &[Replay]) {
        let flying =
            |replay: &Replay| (replay.root.clone(), Flying { n: replay.prepared.n, passes: replay.passes });
        self.flying.extend(replays.iter().map(flying));
    }

    /// Whether the last look is so long ago.
    pub(super) fn is_due(&self, now: Instant, interval: Duration) -> bool {
        !self.flying.is_empty() && now.saturating_duration_since(self.looked_at) >= interval
    }

    /// Looks which are settled, and says how many were resolved and how many failed since the last look.
    pub(super) async fn look(
        &mut self,
        session: &mut PgConnection,
        now: Instant,
    ) -> Result<(usize, usize), Failure> {
        self.looked_at = now;
        let roots: Vec<&str> = self.flying.keys().map(String::as_str).collect();
        let numbers: Vec<i32> = self.flying.values().map(|flying| flying.n).collect();
        let settled: Vec<(String, bool)> = sqlx::query_as(
            "select g.root, is_stored(d, g.n)
             from unnest($1::text[], $2::int[]) as g(root, n) join dead_letter d on d.root = g.root
             where is_stored(d, g.n)
                 or exists (select from dead_letter_letter l where l.item = d.item and l.attempt >= g.n)",
        )
        .bind(&roots)
        .bind(&numbers)
        .fetch_all(session)
        .await
        .doing("look which replays are settled")?;
        let resolved = settled.iter().filter(|(_, is_stored)| *is_stored).count();
        let failed = settled.len() - resolved;
        for (root, is_stored) in settled {
            let Some(Flying { passes, .. }) = self.flying.remove(&root) else { continue };
            let count = match (passes, is_stored) {
                (true, true) => &mut self.resolved,
                (true, false) => &mut self.failed,
                (false, true) => &mut self.others.0,
                (false, false) => &mut self.others.1,
            };
            *count += 1;
        }
        Ok((resolved, failed))
    }

    /// Replays that are not settled.
    pub(super) fn in_flight(&self) -> usize {
        self.flying.len()
    }

    /// All replays.
    pub(super) fn published(&self) -> usize {
        self.flying.len() + self.resolved + self.failed + self.others.0 + self.others.1
    }

    /// What a person reads.
    pub(super) fn counts(&self) -> Counts {
        Counts {
            in_flight: self.flying.len(),
            resolved: self.resolved + self.others.0,
            failed: self.failed + self.others.1,
        }
    }
}
