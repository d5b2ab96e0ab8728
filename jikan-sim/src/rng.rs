//! SeededRng without a generator: each draw is a hash of what it is drawn for, so that nothing depends on the order of
//! drawing and the same seed gives the same world to everyone.

/// A place in the tree of draws. Narrow it with [`SeededRng::of`] until it names one decision, then draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeededRng(u64);

impl SeededRng {
    /// The root of all draws of one world.
    pub const fn seeded(seed: u64) -> Self {
        Self(mix(seed ^ 0x6b61_6e73_6f6b_7521))
    }

    /// The branch with this name.
    pub fn of(self, name: &str) -> Self {
        let named = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(mix(self.0 ^ named))
    }

    /// The branch with this number.
    pub const fn at(self, number: i64) -> Self {
        Self(mix(self.0.wrapping_add(number.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15))))
    }

    /// Uniform over `0.0 .. 1.0`.
    pub fn unit(self) -> f64 {
        // 53 bits fit a double exactly.
        (mix(self.0) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform over `low .. high`.
    pub fn between(self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with this probability.
    pub fn happens(self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform over `0 .. count`; 0 for an empty range.
    pub fn below(self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// One of a table's entries, each as likely as the others.
    ///
    /// # Panics
    /// When the table is empty; all tables here are constants.
    pub fn pick<T>(self, table: &[T]) -> &T {
        &table[self.below(table.len())]
    }

    /// One of a table's entries, each as likely as its weight says.
    ///
    /// # Panics
    /// When the table is empty; all tables here are constants.
    pub fn weighted<T: Copy>(self, table: &[(u32, T)]) -> T {
        let total: u32 = table.iter().map(|(weight, _)| weight).sum();
        let mut left = self.unit() * f64::from(total);
        for (weight, entry) in table {
            left -= f64::from(*weight);
            if left < 0.0 {
                return *entry;
            }
        }
        table[table.len() - 1].1
    }

    /// Normal with mean 0 and deviation 1, never further out than 6: the sum of twelve uniform draws.
    pub fn normal(self) -> f64 {
        (0..12).map(|draw| self.at(draw).unit()).sum::<f64>() - 6.0
    }
}

/// The finaliser of SplitMix64.
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_spread_and_do_not_depend_on_order() {
        let root = SeededRng::seeded(7);
        let mean = (0..10_000).map(|n| root.at(n).unit()).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.02, "mean of uniform draws is {mean}");
        let spread = (0..10_000).map(|n| root.at(n).normal().powi(2)).sum::<f64>() / 10_000.0;
        assert!((spread - 1.0).abs() < 0.05, "variance of normal draws is {spread}");
        assert_eq!(root.of("a").at(3), root.of("a").at(3));
        assert_ne!(root.of("a").at(3), root.at(3).of("a"));
    }

    #[test]
    fn weights_decide() {
        let table = [(0, "never"), (3, "often"), (1, "sometimes")];
        let drawn: Vec<_> = (0..4_000).map(|n| SeededRng::seeded(1).at(n).weighted(&table)).collect();
        let often = drawn.iter().filter(|name| **name == "often").count();
        assert!(!drawn.contains(&"never"));
        assert!((2_800..3_200).contains(&often), "{often} of 4000");
    }
}
