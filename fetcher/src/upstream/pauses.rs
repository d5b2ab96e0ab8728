//! The pauses between tries.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(10);

/// Pauses with full jitter: anything up to a bound that doubles.
pub(super) struct FullJitter {
    random: StdRng,
    bound: Duration,
    left: usize,
}

impl FullJitter {
    /// As many pauses as there are tries after the first one.
    pub(super) fn new(seed: u64, tries: usize) -> Self {
        Self { random: StdRng::seed_from_u64(seed), bound: FIRST, left: tries.saturating_sub(1) }
    }
}

impl Iterator for FullJitter {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let pause = self.bound.mul_f64(self.random.random_range(0.0..=1.0));
        self.bound = (self.bound * 2).min(LONGEST);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_pause_less_than_tries_and_none_is_over_its_bound() {
        let pauses: Vec<_> = FullJitter::new(7, 8).collect();
        assert_eq!(pauses.len(), 7);
        for (pause, bound) in pauses.iter().zip([0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]) {
            assert!(pause.as_secs_f64() <= bound, "{pause:?}");
        }
        assert_eq!(FullJitter::new(7, 1).next(), None);
    }
}
