//! Where a title stands in a weekly list.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// The places of a weekly list.
const LIST: i32 = 100;

/// Where a title stands in a weekly list of 100 places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Standing {
    /// Its place in the newest week.
    #[schema(required = true)]
    pub place: Option<i32>,
    /// Its place in the week before.
    #[schema(required = true)]
    pub last_week: Option<i32>,
    /// Its best place.
    #[schema(required = true)]
    pub peak: Option<i32>,
    /// The first week in which it had that place.
    #[schema(required = true)]
    pub peak_week: Option<NaiveDate>,
    /// How many weeks it had a place of 100 or better.
    pub weeks: u32,
}

impl Standing {
    /// Computes it from the places of every week, oldest first.
    pub(super) fn of(places: &[(NaiveDate, Option<i32>)]) -> Self {
        let mut newest = places.iter().rev().map(|(_, place)| *place);
        let known = places.iter().filter_map(|(week, place)| Some(((*place)?, *week)));
        let peak = known.clone().min();
        Self {
            place: newest.next().flatten(),
            last_week: newest.next().flatten(),
            peak: peak.map(|(place, _)| place),
            peak_week: peak.map(|(_, week)| week),
            weeks: known.map(|(place, _)| u32::from(place <= LIST)).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn week(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 2).expect("a Monday") + chrono::Days::new(7 * n)
    }

    fn standing(places: &[Option<i32>]) -> Standing {
        let places: Vec<_> = places.iter().zip(0..).map(|(place, n)| (week(n), *place)).collect();
        Standing::of(&places)
    }

    #[test]
    fn a_standing_tells_of_all_weeks() {
        assert_eq!(standing(&[]), Standing::default());
        let places = [Some(101), Some(7), None, Some(7), Some(100)];
        let expected = Standing {
            place: Some(100),
            last_week: Some(7),
            peak: Some(7),
            peak_week: Some(week(1)),
            weeks: 3,
        };
        assert_eq!(standing(&places), expected);
        let unplaced = standing(&[Some(3), None]);
        assert_eq!((unplaced.place, unplaced.last_week, unplaced.peak), (None, Some(3), Some(3)));
    }
}
