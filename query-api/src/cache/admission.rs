//! Which reads the database is asked for: where more wait than its sessions can serve in time, a read is refused at once
//! instead of after its time is over.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use kansoku_service::Clock;
use tokio::sync::Semaphore;

use crate::database::ReadError;

/// What a read is taken to last before one has been measured.
const USUAL: Duration = Duration::from_millis(10);
/// A measured read has this part of the mean.
const WEIGHT: u64 = 8;

/// The queue before the sessions.
#[derive(Debug)]
pub(crate) struct Admission {
    sessions: Semaphore,
    count: usize,
    max_wait: Duration,
    waiting: AtomicUsize,
    /// Microseconds that a read lasts, a moving mean.
    mean: AtomicU64,
    clock: Arc<dyn Clock>,
}

impl Admission {
    /// A queue before that many sessions, in which nobody waits longer than `max_wait`.
    pub(crate) fn new(sessions: usize, max_wait: Duration, clock: Arc<dyn Clock>) -> Self {
        let (waiting, mean) = (AtomicUsize::new(0), AtomicU64::new(micros(USUAL)));
        Self { sessions: Semaphore::new(sessions), count: sessions, max_wait, waiting, mean, clock }
    }

    /// Does a read when its turn comes.
    pub(super) async fn admit<T>(
        &self,
        read: impl Future<Output = Result<T, ReadError>>,
    ) -> Result<T, ReadError> {
        let _session = match self.sessions.try_acquire() {
            Ok(session) => session,
            Err(_) => self.wait().await?,
        };
        let _measured = Measured { admission: self, start: self.clock.monotonic() };
        read.await
    }

    async fn wait(&self) -> Result<tokio::sync::SemaphorePermit<'_>, ReadError> {
        let place = Place::take(&self.waiting);
        let mean = Duration::from_micros(self.mean.load(Ordering::Relaxed));
        if expected_wait(place.number, self.count, mean) > self.max_wait {
            return Err(busy(format!("{} reads wait already", place.number)));
        }
        let turn = tokio::time::timeout(self.max_wait, self.sessions.acquire()).await;
        // It is never closed.
        turn.ok().and_then(Result::ok).ok_or_else(|| busy(format!("no turn within {:?}", self.max_wait)))
    }
}

/// How long a read waits before which as many wait, each session doing one after another.
fn expected_wait(before: usize, sessions: usize, mean: Duration) -> Duration {
    mean.saturating_mul(u32::try_from((before / sessions.max(1)).saturating_add(1)).unwrap_or(u32::MAX))
}

fn busy(why: String) -> ReadError {
    ReadError::Busy(Arc::new(anyhow::anyhow!(why)))
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX / WEIGHT)
}

/// A place in the queue, given up when it is dropped.
struct Place<'a> {
    waiting: &'a AtomicUsize,
    number: usize,
}

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Self {
        Self { waiting, number: waiting.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A read under way, counted when it ends in whatever way.
struct Measured<'a> {
    admission: &'a Admission,
    start: std::time::Instant,
}

impl Drop for Measured<'_> {
    fn drop(&mut self) {
        let lasted = micros(self.admission.clock.monotonic().duration_since(self.start));
        let mean = self.admission.mean.load(Ordering::Relaxed);
        self.admission.mean.store((mean * (WEIGHT - 1) + lasted) / WEIGHT, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use kansoku_service::ManualClock;

    use super::*;

    fn admission(max_wait: Duration) -> (Arc<ManualClock>, Admission) {
        let clock = Arc::new(ManualClock::new(chrono::DateTime::UNIX_EPOCH));
        (Arc::clone(&clock), Admission::new(2, max_wait, clock))
    }

    #[test]
    fn a_read_waits_for_those_before_it() {
        let wait = |before| expected_wait(before, 2, USUAL);
        assert_eq!((wait(0), wait(1), wait(2)), (USUAL, USUAL, 2 * USUAL));
        assert_eq!(expected_wait(usize::MAX, 1, Duration::MAX), Duration::MAX);
    }

    #[tokio::test]
    async fn who_would_wait_too_long_is_refused_at_once_and_the_others_have_their_turn() {
        let (_clock, admission) = admission(2 * USUAL);
        let gate = Semaphore::new(0);
        let read = || admission.admit(async { Ok(gate.acquire().await.is_ok()) });
        let mut admitted: Vec<_> = (0..6).map(|_| Box::pin(read())).collect();
        assert!(admitted.iter_mut().all(|read| read.as_mut().now_or_never().is_none()), "2 read, 4 wait");
        assert!(matches!(read().now_or_never(), Some(Err(ReadError::Busy(_)))));
        // One that gives up leaves its place.
        admitted.pop();
        assert!(Box::pin(read()).as_mut().now_or_never().is_none());
        gate.add_permits(6);
        for outcome in futures::future::join_all(admitted).await {
            assert!(outcome.is_ok_and(|read| read));
        }
    }

    #[tokio::test]
    async fn slow_reads_make_the_queue_shorter() {
        let (clock, admission) = admission(10 * USUAL);
        let slow = || async {
            clock.advance(Duration::from_secs(1));
            Ok(())
        };
        admission.admit(slow()).await.expect("a session is free");
        let never = || admission.admit(std::future::pending::<Result<(), ReadError>>());
        let mut reading: Vec<_> = (0..2).map(|_| Box::pin(never())).collect();
        assert!(reading.iter_mut().all(|read| read.as_mut().now_or_never().is_none()));
        assert!(matches!(never().now_or_never(), Some(Err(ReadError::Busy(_)))));
    }
}
