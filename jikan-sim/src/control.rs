//! The handle by which faults are switched while the simulator runs, and its log of requests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Result;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::faults::{Active, Incoming, Spec, Triggered, plan};

/// Tells the time.
pub type Now = Box<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The most requests that are kept.
const MAX_LOGGED: usize = 1_000_000;

/// One request, as the simulator saw it.
#[derive(Debug, Clone, Serialize)]
pub struct LoggedRequest {
    /// The simulated instant when it came.
    pub simulated: DateTime<Utc>,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query, without its question mark.
    pub query: String,
    /// The client's User-Agent.
    pub user_agent: Option<String>,
    /// The status of the reply; of a broken connection, the one that would have been.
    pub status: u16,
    /// The names of the faults it triggered.
    pub faults: Vec<String>,
}

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    active: Vec<Active>,
    requests: VecDeque<LoggedRequest>,
}

/// Switches faults and reads the log; clones are the same handle.
#[derive(Clone)]
pub struct Control {
    state: Arc<Mutex<State>>,
    pub(crate) now: Arc<Now>,
}

impl Control {
    pub(crate) fn new(now: Now) -> Self {
        Self { state: Arc::default(), now: Arc::new(now) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Switches a fault on, and says by which id it is switched off.
    ///
    /// # Errors
    /// When the fault makes no sense; the message names the key.
    pub fn switch_on(&self, spec: Spec) -> Result<u64> {
        let fault = spec.checked()?;
        let mut state = self.state();
        state.last_id += 1;
        let id = state.last_id;
        state.active.push(Active { id, spec, matched: 0, fired: 0, fault });
        Ok(id)
    }

    /// Switches a fault off; false when there is none of this id.
    pub fn switch_off(&self, id: u64) -> bool {
        let active = &mut self.state().active;
        let before = active.len();
        active.retain(|one| one.id != id);
        active.len() < before
    }

    /// Switches all faults off.
    pub fn switch_all_off(&self) {
        self.state().active.clear();
    }

    /// The faults that are on, and how often each fired.
    pub fn faults(&self) -> Vec<Active> {
        self.state().active.clone()
    }

    /// The requests so far, oldest first; the last million.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.state().requests.iter().cloned().collect()
    }

    /// Empties the log.
    pub fn forget_requests(&self) {
        self.state().requests.clear();
    }

    pub(crate) fn trigger(&self, request: Incoming) -> Vec<Triggered> {
        plan::trigger(&mut self.state().active, request)
    }

    /// How long a new connection has to wait.
    pub(crate) fn connection_delay(&self) -> Duration {
        let at = (self.now)();
        let triggered = plan::trigger_on_connection(&mut self.state().active, at);
        triggered.iter().map(|one| Duration::from_millis(one.spec.millis)).sum()
    }

    pub(crate) fn log(&self, request: LoggedRequest) {
        let requests = &mut self.state().requests;
        if requests.len() == MAX_LOGGED {
            requests.pop_front();
        }
        requests.push_back(request);
    }
}
