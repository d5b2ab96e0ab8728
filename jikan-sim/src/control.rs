//! The handle by which faults are switched while the simulator runs, and what it was asked is read.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Result;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    clock::Clocks,
    faults::{Active, Asked, Met, Spec, plan},
};

/// The most requests that are remembered.
const REMEMBERED: usize = 1_000_000;

/// One request, as the simulator saw it.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// Microseconds of the monotonic clock when it came.
    pub monotonic_us: u64,
    /// The wall clock when it came.
    pub wall: DateTime<Utc>,
    /// The simulated instant when it came.
    pub simulated: DateTime<Utc>,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query, without its question mark.
    pub query: String,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The status answered; of a connection that was broken, the one that would have been.
    pub status: u16,
    /// The names of the faults it met.
    pub faults: Vec<String>,
}

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    active: Vec<Active>,
    requests: VecDeque<Request>,
}

/// Switches faults and reads the record; clones are the same handle.
#[derive(Clone)]
pub struct Control {
    state: Arc<Mutex<State>>,
    pub(crate) clocks: Arc<Clocks>,
}

impl Control {
    pub(crate) fn new(clocks: Clocks) -> Self {
        Self { state: Arc::default(), clocks: Arc::new(clocks) }
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

    /// What was asked, oldest first; the last million.
    pub fn requests(&self) -> Vec<Request> {
        self.state().requests.iter().cloned().collect()
    }

    /// Forgets what was asked.
    pub fn forget_requests(&self) {
        self.state().requests.clear();
    }

    pub(crate) fn meet(&self, asked: Asked) -> Vec<Met> {
        plan::meet(&mut self.state().active, asked)
    }

    /// How long a new connection has to wait.
    pub(crate) fn connection(&self) -> Duration {
        let at = (self.clocks.now)();
        let met = plan::meet_connection(&mut self.state().active, at);
        met.iter().map(|one| Duration::from_millis(one.spec.millis)).sum()
    }

    pub(crate) fn remember(&self, request: Request) {
        let requests = &mut self.state().requests;
        if requests.len() == REMEMBERED {
            requests.pop_front();
        }
        requests.push_back(request);
    }
}
