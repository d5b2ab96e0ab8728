//! Several figures of one thing as three.

/// Median, least and greatest of some figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The middle one, or the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
}

impl Spread {
    /// Of these figures; `None` where there are none.
    pub fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (least, greatest) = (*sorted.first()?, *sorted.last()?);
        let (below, above) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        Some(Self { median: f64::midpoint(below, above), least, greatest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        let found = Spread::of([3.0, 1.0, 10.0]).unwrap();
        assert_eq!(found, Spread { median: 3.0, least: 1.0, greatest: 10.0 });
    }

    #[test]
    fn of_an_even_number_it_is_the_mean_of_the_two_in_the_middle() {
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 9.0]).unwrap().median, 3.0);
    }

    #[test]
    fn one_figure_is_all_three_and_none_is_none() {
        assert_eq!(Spread::of([7.0]).unwrap(), Spread { median: 7.0, least: 7.0, greatest: 7.0 });
        assert_eq!(Spread::of([]), None);
    }
}
