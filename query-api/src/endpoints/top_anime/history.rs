//! The history of a title's score: one point a day, and no point where nobody looked or no score was.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::HistoryDay;

/// The days that a history goes over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Days {
    /// The last of them.
    pub last: NaiveDate,
    /// How many, at least one.
    pub count: i64,
}

impl Days {
    /// The first of them.
    pub(super) fn first(self) -> NaiveDate {
        self.back(self.count - 1).unwrap_or(NaiveDate::MIN)
    }

    /// Every day with its score where one is known; the days given were observed, and of one given twice the later counts.
    pub(super) fn scores(self, seen: impl IntoIterator<Item = (NaiveDate, Option<f64>)>) -> Vec<HistoryDay> {
        let seen: BTreeMap<_, _> = seen.into_iter().collect();
        let days = (0..self.count).rev().filter_map(|back| self.back(back));
        days.map(|day| {
            let found = seen.get(&day);
            HistoryDay { day, score: found.copied().flatten(), observed: found.is_some() }
        })
        .collect()
    }

    fn back(self, days: i64) -> Option<NaiveDate> {
        self.last.checked_sub_days(chrono::Days::new(days.unsigned_abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_day_that_was_not_observed_is_a_gap_and_one_without_a_score_is_not() {
        let known = [
            (day("2026-10-31"), Some(7.0)),
            (day("2026-11-02"), Some(7.5)),
            (day("2026-11-13"), None),
            (day("2026-11-14"), Some(8.0)),
            (day("2026-11-14"), Some(8.1)),
        ];
        let days = Days { last: day("2026-11-14"), count: 14 };
        assert_eq!(days.first(), day("2026-11-01"));
        let line = days.scores(known);
        assert_eq!(line.len(), 14);
        assert_eq!(line[0], HistoryDay { day: day("2026-11-01"), score: None, observed: false });
        assert_eq!(line[1], HistoryDay { day: day("2026-11-02"), score: Some(7.5), observed: true });
        assert_eq!(line[12], HistoryDay { day: day("2026-11-13"), score: None, observed: true });
        assert_eq!(line[13], HistoryDay { day: day("2026-11-14"), score: Some(8.1), observed: true });
        assert_eq!(line.iter().filter(|point| point.score.is_some()).count(), 2);
    }
}
