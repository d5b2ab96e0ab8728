//! Readiness: what this process depends on, and how each of them is.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

/// The dependencies of the process. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Health {
    dependencies: Arc<Mutex<BTreeMap<&'static str, Record>>>,
}

#[derive(Debug)]
struct Record {
    needed: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    Unavailable(String),
    /// Unavailable until somebody changes what is wrong; an answer in between proves nothing.
    Latched(String),
}

/// One dependency. Clones share it.
#[derive(Debug, Clone)]
pub struct Dependency {
    health: Health,
    name: &'static str,
}

/// What `/readyz` says.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    pub(crate) ready: bool,
    /// Whether it is about to end.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) stopping: bool,
    pub(crate) dependencies: BTreeMap<&'static str, Condition>,
}

/// What `/readyz` says of one dependency.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Condition {
    pub(crate) ready: bool,
    /// Whether the process is ready without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) optional: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

impl Health {
    /// A dependency without which the process is not ready; away until it is first said to be ready. Asked for again
    /// under the same name, it is the same one.
    pub fn dependency(&self, name: &'static str) -> Dependency {
        self.add(name, true)
    }

    /// A dependency whose state is shown and decides nothing.
    pub fn optional(&self, name: &'static str) -> Dependency {
        self.add(name, false)
    }

    /// Whether everything needed is ready.
    pub fn is_ready(&self) -> bool {
        self.lock().values().all(|record| !record.needed || matches!(record.state, State::Ready))
    }

    pub(crate) fn report(&self, stopping: bool) -> Report {
        let dependencies: BTreeMap<_, _> =
            self.lock().iter().map(|(name, record)| (*name, condition(record))).collect();
        let ready =
            !stopping && dependencies.values().all(|dependency| dependency.ready || dependency.optional);
        Report { ready, stopping, dependencies }
    }

    fn add(&self, name: &'static str, needed: bool) -> Dependency {
        let unknown = || Record { needed, state: State::Unavailable("not checked yet".to_owned()) };
        self.lock().entry(name).or_insert_with(unknown);
        Dependency { health: self.clone(), name }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Record>> {
        // A poisoned lock holds a whole map all the same.
        self.dependencies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dependency {
    /// It answers. A latched one stays as it is.
    pub fn ready(&self) {
        self.set(State::Ready, false);
    }

    /// It does not answer, or cannot do what is needed of it. A latched one stays as it is.
    pub fn unavailable(&self, reason: impl Into<String>) {
        self.set(State::Unavailable(reason.into()), false);
    }

    /// It refuses us for a reason that no further try mends, e.g. a missing permission.
    pub fn latch(&self, reason: impl Into<String>) {
        self.set(State::Latched(reason.into()), true);
    }

    /// What made it latch may have changed, e.g. by a new connection: it is unavailable until it answers.
    pub fn unlatch(&self) {
        self.set(State::Unavailable("not checked again yet".to_owned()), true);
    }

    fn set(&self, state: State, even_latched: bool) {
        if let Some(record) = self.health.lock().get_mut(self.name)
            && (even_latched || !matches!(record.state, State::Latched(_)))
        {
            record.state = state;
        }
    }
}

fn condition(record: &Record) -> Condition {
    let reason = match &record.state {
        State::Ready => None,
        State::Unavailable(reason) | State::Latched(reason) => Some(reason.clone()),
    };
    Condition { ready: reason.is_none(), optional: !record.needed, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_needed_dependency_decides() {
        let health = Health::default();
        assert!(health.is_ready(), "what depends on nothing is ready");
        let (nats, postgres) = (health.dependency("nats"), health.dependency("postgres"));
        let redis = health.optional("redis");
        nats.ready();
        assert!(!health.is_ready());
        postgres.ready();
        assert!(health.is_ready());
        redis.unavailable("connection refused");
        assert!(health.is_ready());
        health.dependency("nats").unavailable("connection lost");
        let report = health.report(false);
        assert!(!report.ready && !health.is_ready());
        assert!(health.report(true).stopping);
        assert_eq!(report.dependencies["nats"].reason.as_deref(), Some("connection lost"));
        assert!(report.dependencies["redis"].optional && !report.dependencies["redis"].ready);
    }

    #[test]
    fn a_latched_dependency_is_not_ready_before_it_is_unlatched() {
        let health = Health::default();
        let nats = health.dependency("nats");
        nats.latch("no permission to publish to valid.>");
        nats.ready();
        nats.unavailable("connection lost");
        let reason = health.report(false).dependencies["nats"].reason.clone();
        assert_eq!(reason.as_deref(), Some("no permission to publish to valid.>"));
        nats.unlatch();
        assert!(!health.is_ready());
        nats.ready();
        assert!(health.is_ready());
    }
}
