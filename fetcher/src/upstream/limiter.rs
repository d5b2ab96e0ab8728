//! When the next request may be sent. Pure.
//!
//! Requests follow one another, so each reaches the upstream between its permission and its end. Two rules together keep
//! every sliding window: permissions are an interval apart that is a little longer than the tightest window needs, and
//! none is given before the one `count` requests ago has *ended* for a whole window. A new process does not know when
//! the last one asked, so it begins two intervals after its start: one for the spacing, one for a request of its
//! forerunner that was long on its way. ADR 5 has the proof.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// How much of the allowed rate is used, in hundredths: the rest is for jitter on the way.
const SHARE: u32 = 97;
/// Among how many processes the rates are divided when they cannot see one another.
pub const OUT_OF_SIGHT: u32 = 3;
/// A window is over when more than its length has passed.
const TICK: Duration = Duration::from_micros(1);

/// So many requests in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The most requests, at least 1.
    pub count: u32,
    /// In which time.
    pub length: Duration,
}

impl Window {
    /// `count` requests in `length`.
    pub const fn new(count: u32, length: Duration) -> Self {
        Self { count, length }
    }
}

/// The least time between two requests, so that all windows are kept.
pub fn interval(windows: &[Window]) -> Duration {
    let least = |window: &Window| window.length * 100 / (window.count * SHARE);
    windows.iter().map(least).max().unwrap_or_default()
}

/// Says when.
#[derive(Debug)]
pub struct Pacer {
    windows: Vec<Window>,
    interval: Duration,
    last: Instant,
    /// When requests ended, the newest last.
    ended: VecDeque<Instant>,
    most: usize,
}

impl Pacer {
    /// A pacer of a process that starts at `start`.
    pub fn new(windows: &[Window], start: Instant) -> Self {
        let interval = interval(windows);
        let most = windows.iter().map(|window| window.count as usize).max().unwrap_or(0);
        Self { windows: windows.to_vec(), interval, last: start + interval, ended: VecDeque::new(), most }
    }

    /// The least time between two requests.
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// The next permitted instant. `careful` takes a third of the rates: others may ask too, and nobody knows.
    pub fn next(&self, careful: bool) -> Instant {
        let share = if careful { OUT_OF_SIGHT } else { 1 };
        let spaced = self.last + self.interval * share;
        let full = self.windows.iter().filter_map(|window| {
            let count = (window.count / share).max(1) as usize;
            let place = self.ended.len().checked_sub(count)?;
            Some(self.ended[place] + window.length + TICK)
        });
        full.fold(spaced, Instant::max)
    }

    /// A request is sent.
    pub fn sent(&mut self, at: Instant) {
        self.last = at;
    }

    /// It has ended: it reached the upstream before this, or never.
    pub fn ended(&mut self, at: Instant) {
        self.ended.push_back(at);
        if self.ended.len() > self.most {
            self.ended.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use kansoku_service::{Clock as _, SystemClock};
    use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

    use super::*;

    /// The most arrivals in any closed window of this length.
    fn most_in(arrivals: &[Duration], length: Duration) -> usize {
        let mut first = 0;
        let most = arrivals.iter().enumerate().map(|(last, at)| {
            while *at - arrivals[first] > length {
                first += 1;
            }
            last - first + 1
        });
        most.max().unwrap_or(0)
    }

    #[test]
    fn no_window_ever_sees_more_than_was_allowed() {
        for seed in 0..10_000 {
            let random = &mut StdRng::seed_from_u64(seed);
            let windows = [
                Window::new(random.random_range(1..8), Duration::from_millis(1_000)),
                Window::new(random.random_range(1..90), Duration::from_millis(60_000)),
            ];
            let (start, mut now) = (SystemClock.monotonic(), Duration::ZERO);
            let mut pacer = Pacer::new(&windows, start);
            let mut arrivals = Vec::new();
            let slow = random.random_range(1..5_000);
            for _ in 0..random.random_range(20..250) {
                now = now.max(pacer.next(random.random_bool(0.1)) - start);
                pacer.sent(start + now);
                let takes = match random.random_range(0..20) {
                    0 => random.random_range(0..30_000),
                    _ => random.random_range(0..slow),
                };
                // It reaches the upstream at any instant of its time.
                arrivals.push(now + Duration::from_millis(random.random_range(0..=takes)));
                now += Duration::from_millis(takes);
                pacer.ended(start + now);
                match random.random_range(0..60) {
                    0 => pacer = Pacer::new(&windows, start + now),
                    // 429: a wait, then on.
                    1 => now += Duration::from_millis(random.random_range(0..90_000)),
                    _ => {}
                }
            }
            for window in windows {
                let most = most_in(&arrivals, window.length);
                assert!(most <= window.count as usize, "seed {seed}: {most} in {window:?}");
            }
        }
    }

    #[test]
    fn three_processes_that_know_nothing_of_each_other_keep_the_windows_together() {
        for seed in 0..300 {
            let random = &mut StdRng::seed_from_u64(seed);
            let windows = [
                Window::new(random.random_range(3..8), Duration::from_millis(1_000)),
                Window::new(random.random_range(3..90), Duration::from_millis(60_000)),
            ];
            let start = SystemClock.monotonic();
            let mut arrivals = Vec::new();
            for _ in 0..3 {
                let mut now = Duration::from_millis(random.random_range(0..5_000));
                let mut pacer = Pacer::new(&windows, start + now);
                for _ in 0..60 {
                    now = now.max(pacer.next(true) - start);
                    pacer.sent(start + now);
                    let takes = random.random_range(0..500);
                    arrivals.push(now + Duration::from_millis(random.random_range(0..=takes)));
                    now += Duration::from_millis(takes);
                    pacer.ended(start + now);
                }
            }
            arrivals.sort();
            for window in windows {
                let most = most_in(&arrivals, window.length);
                assert!(most <= window.count as usize, "seed {seed}: {most} in {window:?}");
            }
        }
    }

    #[test]
    fn the_allowed_rate_is_used() {
        for (second, minute) in [(3, 60), (4, 120), (5, 300), (3, 1_000)] {
            let windows =
                [Window::new(second, Duration::from_secs(1)), Window::new(minute, Duration::from_secs(60))];
            let start = SystemClock.monotonic();
            let (mut pacer, mut count) = (Pacer::new(&windows, start), 0_u32);
            loop {
                let at = pacer.next(false);
                if at - start > Duration::from_secs(3_600) {
                    break;
                }
                count += 1;
                pacer.sent(at);
                pacer.ended(at + Duration::from_millis(25));
            }
            let allowed = f64::from((second * 3_600).min(minute * 60));
            assert!(f64::from(count) >= 0.95 * allowed, "{count} of {allowed}");
        }
    }
}
