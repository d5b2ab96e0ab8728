//! Somebody who asks the API all the while.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use kansoku_service::{Clock, SystemClock};
use kansoku_stack::process;
use tokio::{task::JoinSet, time::timeout};

/// How often somebody asks.
const EVERY: Duration = Duration::from_millis(100);
/// How long they wait for the answer: as long as the API may take for one.
const PATIENCE: Duration = Duration::from_secs(5);
/// What they ask: answers that the API has given before.
pub const KNOWN: &str = "/api/v1/analytics/top-anime?limit=5&catalogue=sample";
/// Every so many-th time something that nobody has asked yet.
const UNKNOWN: u64 = 10;

/// What the answers were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// Questions that were asked before.
    pub asked: u64,
    /// Of these: answered, and fresh.
    pub fresh: u64,
    /// Answered, and marked as stale.
    pub stale: u64,
    /// Answered with 5xx.
    pub failed: u64,
    /// Not answered: refused, or too late.
    pub silent: u64,
    /// Answered with anything else.
    pub other: u64,
    /// New questions, and how many of them were answered with 200.
    pub new: (u64, u64),
}

impl Answers {
    /// What came after an earlier count.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            asked: self.asked - earlier.asked,
            fresh: self.fresh - earlier.fresh,
            stale: self.stale - earlier.stale,
            failed: self.failed - earlier.failed,
            silent: self.silent - earlier.silent,
            other: self.other - earlier.other,
            new: (self.new.0 - earlier.new.0, self.new.1 - earlier.new.1),
        }
    }
}

#[derive(Debug)]
struct State {
    answers: Answers,
    answered: Instant,
}

/// The one who asks; it ends with this value.
#[derive(Debug)]
pub struct Probe {
    state: Arc<Mutex<State>>,
    task: tokio::task::JoinHandle<()>,
}

impl Probe {
    /// Begins to ask the API at this port.
    pub fn start(port: u16) -> Self {
        let state = State { answers: Answers::default(), answered: SystemClock.monotonic() };
        let state = Arc::new(Mutex::new(state));
        let task = tokio::spawn(ask(port, state.clone()));
        Self { state, task }
    }

    /// The answers so far.
    pub fn answers(&self) -> Answers {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).answers
    }

    /// For how long no answer has come, of whatever kind.
    pub fn silent_for(&self) -> Duration {
        let answered = self.state.lock().unwrap_or_else(PoisonError::into_inner).answered;
        SystemClock.monotonic().duration_since(answered)
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn ask(port: u16, state: Arc<Mutex<State>>) {
    let mut next = tokio::time::interval(EVERY);
    let mut open = JoinSet::new();
    for number in 1_u64.. {
        next.tick().await;
        while open.try_join_next().is_some() {}
        let is_new = number.is_multiple_of(UNKNOWN);
        let path = match is_new {
            // A day far in the past has no answer in any cache, and is as quickly read.
            true => format!("{KNOWN}&as_of={}-01-01", 1950 + number / UNKNOWN % 60),
            false => KNOWN.to_owned(),
        };
        let state = state.clone();
        open.spawn(async move {
            let answer = timeout(PATIENCE, process::get(port, &path)).await;
            let answer = answer.ok().and_then(Result::ok);
            let state = &mut state.lock().unwrap_or_else(PoisonError::into_inner);
            if answer.is_some() {
                state.answered = SystemClock.monotonic();
            }
            note(&mut state.answers, is_new, answer.as_ref().map(|(status, body)| (*status, body.as_str())));
        });
    }
}

fn note(answers: &mut Answers, is_new: bool, answer: Option<(u16, &str)>) {
    if is_new {
        answers.new.0 += 1;
        answers.new.1 += u64::from(answer.is_some_and(|(status, _)| matches!(status, 200 | 404)));
        return;
    }
    answers.asked += 1;
    let count = match answer {
        None => &mut answers.silent,
        Some((200, body)) if body.contains("\"stale\":true") => &mut answers.stale,
        Some((200, _)) => &mut answers.fresh,
        Some((500.., _)) => &mut answers.failed,
        Some(_) => &mut answers.other,
    };
    *count += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_counts_once() {
        let mut answers = Answers::default();
        for answer in
            [None, Some((200, "{\"stale\":true}")), Some((200, "{}")), Some((503, "")), Some((429, ""))]
        {
            note(&mut answers, false, answer);
        }
        note(&mut answers, true, Some((503, "")));
        let Answers { asked, fresh, stale, failed, silent, other, new } = answers;
        assert_eq!((asked, fresh, stale, failed, silent, other, new), (5, 1, 1, 1, 1, 1, (1, 0)));
    }
}
