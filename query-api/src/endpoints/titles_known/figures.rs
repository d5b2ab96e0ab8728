//! What some titles come to together.

/// What some titles come to together.
#[derive(Debug, Default)]
pub(in super::super) struct Figures {
    /// How many they are.
    pub titles: i64,
    scores: Vec<i32>,
    members: Vec<i32>,
}

impl Figures {
    /// Adds a title, its score in hundredths.
    pub(super) fn add(&mut self, score: Option<i32>, members: Option<i32>) {
        self.titles += 1;
        self.scores.extend(score);
        self.members.extend(members);
    }

    /// Those that have a score.
    pub(in super::super) fn scored(&self) -> i64 {
        i64::try_from(self.scores.len()).unwrap_or(i64::MAX)
    }

    /// The mean of their scores.
    pub(in super::super) fn mean_score(&self) -> Option<f64> {
        let sum: i64 = self.scores.iter().copied().map(i64::from).sum();
        (!self.scores.is_empty()).then(|| sum as f64 / (self.scores.len() * 100) as f64)
    }

    /// The median of their scores.
    pub(in super::super) fn median_score(&self) -> Option<f64> {
        median(&self.scores, 100)
    }

    /// Their members added up.
    pub(in super::super) fn members(&self) -> Option<i64> {
        (!self.members.is_empty()).then(|| self.members.iter().copied().map(i64::from).sum())
    }

    /// The median of their members.
    pub(in super::super) fn median_members(&self) -> Option<f64> {
        median(&self.members, 1)
    }
}

/// The middle one, or the mean of the two in the middle, in parts of a whole. Whole numbers until then, so that it is the
/// nearest float there is.
fn median(parts: &[i32], whole: i64) -> Option<f64> {
    let mut sorted = parts.to_vec();
    let middle = sorted.len() / 2;
    let (below, upper, _) = (middle < sorted.len()).then(|| sorted.select_nth_unstable(middle))?;
    let lower = if parts.len().is_multiple_of(2) { *below.iter().max()? } else { *upper };
    Some((i64::from(lower) + i64::from(*upper)) as f64 / (2 * whole) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_in_the_middle() {
        for (parts, expected) in [
            (vec![], None),
            (vec![844], Some(8.44)),
            (vec![845, 844], Some(8.445)),
            (vec![900, 100, 700], Some(7.0)),
        ] {
            assert_eq!(median(&parts, 100), expected, "{parts:?}");
        }
        assert_eq!(median(&[i32::MAX, i32::MAX], 1), Some(f64::from(i32::MAX)));
    }
}
