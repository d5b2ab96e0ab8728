//! Titles, and what has been heard of them.

use std::collections::HashMap;

use super::{Told, figures::Figures};

/// The last known numbers of a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Numbers {
    /// In hundredths.
    score: Option<i32>,
    members: Option<i32>,
}

/// What has been heard of a title, from the latest back.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    numbers: Option<Numbers>,
    /// A capture told it: what is earlier changes nothing.
    is_settled: bool,
}

impl Heard {
    fn hear(&mut self, earlier: Numbers, silent: bool) {
        if self.is_settled {
            return;
        }
        let numbers = self.numbers.map_or(earlier, |later| Numbers {
            score: later.score.or(earlier.score),
            members: later.members.or(earlier.members),
        });
        *self = Self { numbers: Some(numbers), is_settled: !silent };
    }
}

/// The titles asked about, and what is known of them.
#[derive(Debug)]
pub(in super::super) struct Known(HashMap<i32, Heard>);

impl Known {
    /// Before anything is heard.
    pub(super) fn nothing_of(titles: impl IntoIterator<Item = i32>) -> Self {
        Self(titles.into_iter().map(|title| (title, Heard::default())).collect())
    }

    /// Hears what was told earlier than all that was heard before.
    pub(super) fn hear(&mut self, told: &Told) {
        for ((title, score), members) in told.titles.iter().zip(&told.scores).zip(&told.members) {
            if let Some(heard) = self.0.get_mut(title) {
                heard.hear(Numbers { score: *score, members: *members }, told.silent);
            }
        }
    }

    /// The titles of which something earlier may count.
    pub(super) fn open(&self) -> Vec<i32> {
        self.0.iter().filter(|(_, heard)| !heard.is_settled).map(|(title, _)| *title).collect()
    }

    /// How many titles anything is known of.
    pub(in super::super) fn titles(&self) -> i64 {
        let known = self.0.values().filter(|heard| heard.numbers.is_some()).count();
        i64::try_from(known).unwrap_or(i64::MAX)
    }

    /// The figures of those of some titles that are known.
    pub(in super::super) fn figures(&self, titles: &[i32]) -> Figures {
        let mut figures = Figures::default();
        for numbers in titles.iter().filter_map(|title| self.0.get(title)?.numbers) {
            figures.add(numbers.score, numbers.members);
        }
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(silent: bool, rows: &[(i32, Option<i32>, Option<i32>)]) -> Told {
        Told {
            titles: rows.iter().map(|row| row.0).collect(),
            scores: rows.iter().map(|row| row.1).collect(),
            members: rows.iter().map(|row| row.2).collect(),
            silent,
        }
    }

    #[test]
    fn a_history_is_silent_on_what_a_capture_denies() {
        let mut known = Known::nothing_of([1, 2, 3, 4, 5]);
        let history =
            [(1, Some(800), None), (2, Some(700), None), (4, None, Some(5)), (9, Some(100), Some(1))];
        known.hear(&told(true, &history));
        known.hear(&told(false, &[(1, Some(500), Some(10)), (3, None, Some(20)), (4, Some(600), Some(9))]));
        known.hear(&told(false, &[(1, Some(400), Some(90)), (3, Some(300), Some(30)), (4, None, Some(1))]));
        let mut open = known.open();
        open.sort_unstable();
        assert_eq!((known.titles(), open), (4, vec![2, 5]));
        let figures = known.figures(&[1, 2, 3, 4, 5, 9]);
        assert_eq!((figures.titles, figures.scored(), figures.members()), (4, 3, Some(35)));
        assert_eq!((figures.mean_score(), figures.median_score()), (Some(7.0), Some(7.0)));
    }
}
