//! Waiting for a dependency: the work is tried again, readiness says why, nobody else gets the messages.

use std::{collections::BTreeSet, pin::pin, time::Duration};

use futures::{StreamExt, stream};
use kansoku_service::{Health, Stop, Unavailable};

use super::settle::Received;
use crate::client::Client;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long an effect in hand may take after the stop; the harness ends the process after 10 s.
const GRACE: Duration = Duration::from_secs(6);
/// Settlements and signals on their way at once.
pub(super) const CONCURRENT: usize = 256;

/// Pauses that double up to a limit.
pub(super) struct Pauses(Duration);

impl Pauses {
    pub(super) fn new() -> Self {
        Self(FIRST_PAUSE)
    }

    /// Waits; `false` when the process is to stop.
    pub(super) async fn wait(&mut self, stop: &Stop) -> bool {
        let pause = self.0;
        self.0 = (pause * 2).min(LONGEST_PAUSE);
        stop.run_until(tokio::time::sleep(pause)).await.is_some()
    }
}

/// What work needs that may have to wait for a dependency.
#[derive(Clone, Copy)]
pub(super) struct Retry<'a> {
    pub(super) stop: &'a Stop,
    pub(super) health: &'a Health,
    pub(super) client: &'a Client,
    /// Of the consumer, for messages.
    pub(super) name: &'a str,
}

impl Retry<'_> {
    /// Tries `work` until it succeeds; `None` when the process is to stop while it waits.
    pub(super) async fn until_done<T, F>(&self, mut work: impl FnMut() -> F) -> Option<T>
    where
        F: Future<Output = Result<T, Unavailable>>,
    {
        let mut pauses = Pauses::new();
        let mut missing: BTreeSet<&'static str> = BTreeSet::new();
        loop {
            match work().await {
                Ok(done) => {
                    for dependency in missing {
                        self.health.dependency(dependency).ready();
                        tracing::info!(
                            consumer = self.name,
                            dependency,
                            "{dependency} is back, {} goes on",
                            self.name
                        );
                    }
                    return Some(done);
                }
                Err(error) => {
                    let first = missing.insert(error.dependency);
                    self.report(&error, first);
                }
            }
            if !pauses.wait(self.stop).await {
                return None;
            }
        }
    }

    /// Makes the dependency not ready, and logs the first of a row of failures.
    pub(super) fn report(&self, error: &Unavailable, first: bool) {
        let (name, dependency) = (self.name, error.dependency);
        let remediation =
            error.remediation.as_deref().map(|remediation| format!("; {remediation}")).unwrap_or_default();
        let reason = format!("{:#}{remediation}", error.error);
        if first && let Some(left_out) = self.client.should_log(&format!("{name} {reason}")) {
            tracing::warn!(consumer = name, dependency, left_out, "{name} waits for {dependency}: {reason}");
        }
        self.health.dependency(dependency).unavailable(reason);
    }

    /// Runs `work` on messages in hand, telling the server three times in each ack_wait that they are. `None` when the process is to
    /// stop and the work took longer than the grace.
    pub(super) async fn in_hand<T>(
        &self,
        client: &Client,
        batch: &[Received],
        ack_wait: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let signals = async {
            let mut beat = tokio::time::interval(ack_wait / 3);
            beat.tick().await;
            loop {
                beat.tick().await;
                stream::iter(batch)
                    .for_each_concurrent(CONCURRENT, |message| message.in_progress(client))
                    .await;
            }
        };
        let out_of_time = async {
            self.stop.stopped().await;
            tokio::time::sleep(GRACE).await;
        };
        let work = pin!(work);
        tokio::select! {
            done = work => Some(done),
            () = out_of_time => None,
            () = signals => None,
        }
    }
}
