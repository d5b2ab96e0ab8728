//! One process of an installation: it is started again when it ends, after a pause that grows while that helps nothing.

use std::{
    process::ExitStatus,
    time::{Duration, Instant},
};

use anyhow::Result;
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use chrono::{DateTime, Utc};

use super::progress::Record;
use crate::child::{Child, Signal};

/// The pause before a process is started again grows from the first to the second …
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
/// … and begins anew for one that ran this long.
const STABLE: Duration = Duration::from_secs(60);

/// How a process is started, each time.
pub type Starter = Box<dyn Fn() -> Result<Child> + Send>;

/// A supervised process.
pub struct Supervised {
    /// Its name.
    pub name: &'static str,
    start: Starter,
    stop_limit: Duration,
    child: Option<Child>,
    record: Record,
    pauses: Pauses,
    /// When it was started, or will be again.
    at: Instant,
    /// It was asked to end, and is killed then.
    kill_at: Option<Instant>,
    /// Why it was asked to end.
    why: Option<String>,
}

/// The present, on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// For durations.
    pub monotonic: Instant,
    /// For a person.
    pub wall: DateTime<Utc>,
}

impl Supervised {
    /// Starts it for the first time. When it is stopped it gets `stop_limit` to end by itself.
    pub fn start(name: &'static str, stop_limit: Duration, start: Starter, now: Now) -> Result<Self> {
        let child = start()?;
        let record = Record { pid: Some(child.pid()), since: now.wall, restarts: 0, last_end: None };
        let (at, pauses) = (now.monotonic, Pauses::default());
        Ok(Self { name, start, stop_limit, child: Some(child), record, pauses, at, kill_at: None, why: None })
    }

    /// Waits at the first start until `condition` holds; fails when the process ends before.
    pub async fn ready<F>(&mut self, limit: Duration, condition: impl FnMut() -> F) -> Result<()>
    where
        F: Future<Output = bool>,
    {
        match &mut self.child {
            Some(child) => child.ready(limit, condition).await,
            None => Ok(()),
        }
    }

    /// How it is, for the progress file.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Notices its end, and starts it again when its pause is over; returns whether anything changed.
    pub fn check(&mut self, now: Now) -> bool {
        let Some(child) = &mut self.child else {
            return now.monotonic >= self.at && self.start_again(now);
        };
        let Some(status) = child.ended() else {
            if self.kill_at.is_some_and(|at| now.monotonic >= at) {
                self.kill_at = None;
                let _ = child.signal(Signal::KILL);
            }
            return false;
        };
        self.child = None;
        let why = self.why.take().unwrap_or_else(|| words(status));
        self.ended(why, now);
        true
    }

    /// Asks it to end, so that it is started again.
    pub fn restart(&mut self, why: String, now: Now) {
        let Some(child) = &self.child else { return };
        eprintln!("{} is stopped: {why}", self.name);
        // Where it is gone already, the next check starts it again.
        let _ = child.signal(Signal::TERM);
        self.kill_at = Some(now.monotonic + self.stop_limit);
        self.why = Some(why);
    }

    /// Asks it to end and waits for that; a slow one is killed.
    pub async fn stop(&mut self) {
        if let Some(mut child) = self.child.take()
            && let Err(error) = child.stop(self.stop_limit).await
        {
            eprintln!("{error:#}");
        }
    }

    fn start_again(&mut self, now: Now) -> bool {
        match (self.start)() {
            Ok(child) => {
                eprintln!("{} is started again as {}", self.name, child.pid());
                self.record.pid = Some(child.pid());
                self.record.since = now.wall;
                self.record.restarts += 1;
                self.at = now.monotonic;
                self.kill_at = None;
                self.child = Some(child);
            }
            Err(error) => self.ended(format!("{error:#}"), now),
        }
        true
    }

    fn ended(&mut self, why: String, now: Now) {
        let ran =
            self.record.pid.map_or(Duration::ZERO, |_| now.monotonic.saturating_duration_since(self.at));
        let pause = self.pauses.after(ran);
        eprintln!("{}: {why}; it is started again in {pause:?}", self.name);
        self.at = now.monotonic + pause;
        self.record.since = now.wall;
        self.record.pid = None;
        self.record.last_end = Some(why);
    }
}

fn words(status: ExitStatus) -> String {
    format!("ended with {status}")
}

/// The pauses before starts.
struct Pauses(ExponentialBackoff);

impl Default for Pauses {
    fn default() -> Self {
        let (first, longest) = PAUSES;
        let growing = ExponentialBuilder::new().with_min_delay(first).with_max_delay(longest);
        Self(growing.without_max_times().build())
    }
}

impl Pauses {
    /// How long to wait after an end, when the process ran so long.
    fn after(&mut self, ran: Duration) -> Duration {
        if ran >= STABLE {
            *self = Self::default();
        }
        self.0.next().unwrap_or(PAUSES.1)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use kansoku_service::{Clock, ManualClock};

    use super::*;
    use crate::{child::Start, until};

    #[test]
    fn pauses_grow_to_a_limit_and_begin_anew_after_a_stable_time() {
        let mut pauses = Pauses::default();
        let short: Vec<u64> = (0..9).map(|_| pauses.after(Duration::ZERO).as_millis() as u64).collect();
        assert_eq!(short, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(pauses.after(STABLE), PAUSES.0);
        assert_eq!(pauses.after(Duration::ZERO), PAUSES.0 * 2);
    }

    #[tokio::test]
    async fn an_end_is_recorded_and_followed_by_a_start() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let starter = move || {
            let mut command = Command::new("sleep");
            command.arg("600");
            Child::start(Start { name: "sleep", command, log: log.clone(), user: None, end: Signal::TERM })
        };
        let clock = ManualClock::new(DateTime::UNIX_EPOCH);
        let now = || Now { monotonic: clock.monotonic(), wall: clock.now() };
        let limit = Duration::from_secs(5);
        let mut sleep = Supervised::start("sleep", limit, Box::new(starter), now()).unwrap();
        let first = sleep.record().pid.unwrap();
        crate::child::kill(first, Signal::KILL).unwrap();
        until("the end to be seen", limit, || std::future::ready(sleep.check(now()))).await.unwrap();
        assert_eq!(sleep.record().pid, None);
        assert_eq!(sleep.record().last_end.as_deref(), Some("ended with signal: 9 (SIGKILL)"));
        assert!(!sleep.check(now()), "it waits for its pause");
        clock.advance(PAUSES.0);
        assert!(sleep.check(now()));
        let record = sleep.record().clone();
        assert!(record.pid.is_some_and(|pid| pid != first) && record.restarts == 1, "{record:?}");
        assert_eq!(record.since, now().wall);
        sleep.restart("its health page says no".to_owned(), now());
        until("the end to be seen", limit, || std::future::ready(sleep.check(now()))).await.unwrap();
        assert_eq!(sleep.record().last_end.as_deref(), Some("its health page says no"));
        sleep.stop().await;
    }
}
