//! One look at a base URL: how it stands, and whether a page of it is one of ours.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_runs::envelope;
use kansoku_service::count;

use super::{
    breaker::Gate,
    budget::Limits,
    classes::{self, Class},
    client::{AskError, Client},
    standing::{Standing, Used},
};

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// How it stood before.
    pub standing: Standing,
    /// How much of the limits is used, this request included.
    pub used: Used,
    /// What the request came to.
    pub asked: Asked,
}

/// What a request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It was not made: the base URL is left alone.
    Not {
        /// Until when.
        until: DateTime<Utc>,
        /// Because of what.
        why: String,
    },
    /// An answer came.
    Answer {
        /// The HTTP status.
        status: u16,
        /// From the request to the last byte.
        took: Duration,
        /// What kind of answer.
        class: Class,
        /// The source that it names, when it is another one than configured.
        stranger: Option<String>,
        /// The body.
        body: Bytes,
    },
    /// Nothing came, or it broke off.
    Failed {
        /// What it came to.
        class: Class,
        /// What happened.
        why: String,
    },
}

impl Client {
    /// The limits of the base URL.
    pub fn limits(&self) -> &Limits {
        self.budget.limits()
    }

    /// Whether its state is shared with other processes.
    pub fn is_alone(&self) -> bool {
        self.budget.is_alone()
    }

    /// Asks once for a path, within the limits; not at all while the base URL is left alone. The outcome is counted like
    /// any other, so a breaker that is half open closes over a good one.
    pub async fn probe(&self, path: &str) -> Probe {
        let url = self.address(path);
        let standing = self.budget.standing().await;
        let left_alone = match (standing.breaker.gate(self.common.clock.now()), &standing.cooling) {
            (Gate::Open(until), _) => {
                Some((until, format!("{} in a row", count(standing.breaker.failures.into(), "failure"))))
            }
            (_, Some(cooling)) => Some((cooling.until, cooling.why.clone())),
            _ => None,
        };
        let asked = match left_alone {
            Some((until, why)) => Asked::Not { until, why },
            None => self.look(&url).await,
        };
        Probe { standing, used: self.budget.used().await, asked }
    }

    async fn look(&self, url: &str) -> Asked {
        let clock = &self.common.clock;
        let before = self.cost().waited;
        let started = clock.monotonic();
        let outcome = self.follow(url, started + self.settings.deadline()).await;
        let waited = self.cost().waited.saturating_sub(before);
        let took = clock.monotonic().duration_since(started).saturating_sub(waited);
        let asked = match outcome {
            Ok(Ok(response)) => {
                let read = envelope::read(&response.body);
                let class = classes::of_answer(response.status, &response.body, &read);
                if let Some(wait) = classes::cooling(class, response.retry_after.as_deref(), clock.now()) {
                    self.budget.cool(wait, class.row().name).await;
                }
                let stranger = response.who.filter(|who| *who != self.upstream().source);
                Asked::Answer { status: response.status, took, class, stranger, body: response.body }
            }
            Ok(Err(fault)) => Asked::Failed { class: classes::of_fault(fault.kind), why: fault.why },
            Err(AskError::Gone { until, why, .. }) => return Asked::Not { until, why },
            Err(error) => return Asked::Failed { class: Class::Network, why: error.to_string() },
        };
        let (Asked::Answer { class, .. } | Asked::Failed { class, .. }) = &asked else { return asked };
        self.note(*class).await;
        asked
    }
}
