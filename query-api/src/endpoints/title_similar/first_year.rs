//! How alike the first years of two titles went: pure.

use sqlx::FromRow;

/// The weeks of a year.
const YEAR: usize = 52;
/// In fewer weeks than these everything is alike.
const MIN_COMMON: usize = 4;

/// A title's scores by weeks since that of its premiere, as the tables have them.
#[derive(Debug, Clone, Default, FromRow)]
pub(super) struct Told {
    /// Of each week two bytes, the higher first, in hundredths; below 0 where there is no score.
    year: Vec<u8>,
    /// The last week that counts.
    last: i32,
}

/// The same, a place a week.
#[derive(Debug, Clone)]
pub(super) struct FirstYear([Option<i16>; YEAR]);

/// How alike two first years went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alike {
    /// The correlation of the scores, above 0.
    pub(super) likeness: f64,
    /// In so many weeks both have one.
    pub(super) common: usize,
    /// The last of these.
    pub(super) last: usize,
}

impl From<&Told> for FirstYear {
    fn from(told: &Told) -> Self {
        let mut year = [None; YEAR];
        let (weeks, _) = told.year.as_chunks();
        for ((week, place), score) in (0..).zip(&mut year).zip(weeks) {
            *place = Some(i16::from_be_bytes(*score)).filter(|score| *score >= 0 && week <= told.last);
        }
        Self(year)
    }
}

impl FirstYear {
    /// Whether it has enough weeks to be held against others.
    pub(super) fn is_enough(&self) -> bool {
        self.0.iter().flatten().count() >= MIN_COMMON
    }

    /// How alike it went to another; `None` where it went another way, or nobody can tell.
    pub(super) fn alike(&self, other: &Self) -> Option<Alike> {
        let both = self.0.iter().zip(&other.0).enumerate();
        let both = both.filter_map(|(week, (a, b))| Some((week, i64::from((*a)?), i64::from((*b)?))));
        // Of whole numbers, so that none of it is rounded but the end.
        let [mut n, mut x, mut y, mut xx, mut yy, mut xy] = [0_i64; 6];
        let (mut common, mut last) = (0, 0);
        for (week, a, b) in both {
            (common, last) = (common + 1, week);
            (n, x, y) = (n + 1, x + a, y + b);
            (xx, yy, xy) = (xx + a * a, yy + b * b, xy + a * b);
        }
        let (spread_x, spread_y, together) = (n * xx - x * x, n * yy - y * y, n * xy - x * y);
        if common < MIN_COMMON || together <= 0 {
            return None;
        }
        // Neither stands still, as they move together.
        let likeness = together as f64 / (spread_x as f64 * spread_y as f64).sqrt();
        Some(Alike { likeness: likeness.min(1.0), common, last })
    }

    /// Its scores up to a week, but none before the first of another.
    pub(super) fn beside(&self, other: &Self, last: usize) -> Vec<Option<f64>> {
        let first = other.0.iter().position(Option::is_some).unwrap_or_default();
        let scores = self.0.iter().enumerate().take(last + 1);
        scores
            .map(|(week, score)| score.filter(|_| week >= first).map(|score| f64::from(score) / 100.0))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The mean of the products of what is above and below the mean: what a correlation is said to be.
    fn plain(pairs: &[(f64, f64)]) -> f64 {
        let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64;
        let (a, b) = (mean(|pair| pair.0), mean(|pair| pair.1));
        let sum =
            |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|pair| of(pair.0 - a, pair.1 - b)).sum::<f64>();
        sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
    }

    fn year() -> impl Strategy<Value = Vec<Option<i16>>> {
        let scores = prop_oneof![Just(100_i16..=999), Just(700..=710)];
        scores.prop_flat_map(|scores| prop::collection::vec(prop::option::weighted(0.8, scores), 0..=YEAR))
    }

    fn told(year: &[Option<i16>], last: i32) -> FirstYear {
        let year = year.iter().flat_map(|score| score.unwrap_or(-1).to_be_bytes()).collect();
        FirstYear::from(&Told { year, last })
    }

    proptest! {
        #[test]
        fn two_years_are_as_alike_as_their_scores_correlate(a in year(), b in year(), last in 0..60_i32) {
            let weeks = a.iter().zip(&b).enumerate().take(usize::try_from(last).unwrap() + 1);
            let both: Vec<_> = weeks.filter_map(|(week, (a, b))| Some((week, (*a)?, (*b)?))).collect();
            let pairs: Vec<_> = both.iter().map(|(_, a, b)| (f64::from(*a) / 100.0, f64::from(*b) / 100.0)).collect();
            let found = told(&a, 51).alike(&told(&b, last));
            let expected = plain(&pairs);
            if let Some(Alike { likeness, common, last }) = found {
                prop_assert!((likeness - expected).abs() < 1e-6 && likeness > 0.0 && likeness <= 1.0);
                prop_assert_eq!((common, Some(last)), (both.len(), both.last().map(|one| one.0)));
            } else {
                prop_assert!(pairs.len() < MIN_COMMON || expected.is_nan() || expected < 1e-6);
            }
            prop_assert_eq!(found, told(&b, last).alike(&told(&a, 51)));
        }

        #[test]
        fn what_moves_in_step_is_alike_whatever_the_height(a in year(), up in 1..3_i16) {
            let higher: Vec<_> = a.iter().map(|score| score.map(|score| score * up + 7)).collect();
            if let Some(alike) = told(&a, 51).alike(&told(&higher, 51)) {
                prop_assert_eq!(alike.likeness, 1.0);
            }
        }
    }

    #[test]
    fn weeks_that_only_one_has_are_shown_from_the_first_of_the_other() {
        let (mine, theirs) = ([None, Some(801), None, Some(803)], [Some(701), Some(702), Some(703), None]);
        let (mine, theirs) = (told(&mine, 51), told(&theirs, 51));
        assert_eq!(theirs.beside(&mine, 3), [None, Some(7.02), Some(7.03), None]);
        assert_eq!(mine.beside(&mine, 1), [None, Some(8.01)]);
    }
}
