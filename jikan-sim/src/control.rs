//! The handle by which faults are switched while the simulator runs, and its log of requests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::faults::{Active, Spec, Triggered};

/// The most requests that are kept.
const MAX_LOGGED: usize = 1_000_000;

/// One request, as the simulator saw it.
#[derive(Debug, Clone, Serialize)]
pub struct LoggedRequest {
    /// The path.
    pub path: String,
    /// The query, without its question mark.
    pub query: String,
    /// The client's User-Agent.
    pub user_agent: Option<String>,
    /// When it came, by the simulator's calendar.
    pub at: DateTime<Utc>,
    /// The status of the reply.
    pub status: u16,
    /// The SHA-256 of the body that was sent, in hex: what a reader stores of it can be held against this.
    pub sha256: String,
    /// The names of the faults it triggered.
    pub faults: Vec<&'static str>,
}

#[derive(Debug, Default)]
struct State {
    active: Vec<Active>,
    requests: VecDeque<LoggedRequest>,
}

/// Switches faults and reads the log; clones are the same handle.
#[derive(Debug, Clone, Default)]
pub struct Control(Arc<Mutex<State>>);

impl Control {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Switches a fault on.
    ///
    /// # Errors
    /// When the fault makes no sense; the message names the key.
    pub fn switch_on(&self, spec: Spec) -> Result<()> {
        let active = spec.switch_on()?;
        self.state().active.push(active);
        Ok(())
    }

    /// Switches all faults off.
    pub fn switch_all_off(&self) {
        self.state().active.clear();
    }

    /// The requests so far, oldest first; the last million.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.state().requests.iter().cloned().collect()
    }

    /// The faults that this request triggers, in the order in which they were switched on.
    pub(crate) fn trigger(&self, path: &str, page: u32) -> Vec<Triggered> {
        self.state().active.iter_mut().filter_map(|one| one.trigger(path, page)).collect()
    }

    pub(crate) fn log(&self, request: LoggedRequest) {
        let requests = &mut self.state().requests;
        if requests.len() == MAX_LOGGED {
            requests.pop_front();
        }
        requests.push_back(request);
    }
}
