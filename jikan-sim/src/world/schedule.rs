//! When a title is broadcast, how often and how long.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

use super::title::Kind;
use crate::{
    calendar::{Quarter, days_after, from_tokyo},
    naming::Continuation,
    rng::SeededRng,
};

/// Dates and lengths of one title.
pub(super) struct Schedule {
    pub(super) minutes: u16,
    pub(super) episodes: u16,
    pub(super) first_day: NaiveDate,
    pub(super) last_day: NaiveDate,
    pub(super) slot: Option<NaiveTime>,
    pub(super) announced: DateTime<Utc>,
    pub(super) dated: DateTime<Utc>,
    pub(super) premiere: DateTime<Utc>,
}

/// Hours and minutes of broadcasts; nights belong to the next day, as the calendar has it.
const SLOTS: [(u32, (u32, u32)); 12] = [
    (4, (22, 0)),
    (7, (22, 30)),
    (9, (23, 0)),
    (8, (23, 30)),
    (9, (0, 0)),
    (7, (0, 30)),
    (6, (1, 0)),
    (3, (1, 30)),
    (2, (2, 0)),
    (3, (17, 30)),
    (2, (9, 30)),
    (1, (19, 25)),
];

const TV_EPISODES: [(u32, u16); 7] = [(58, 12), (12, 13), (4, 11), (4, 10), (14, 24), (5, 25), (2, 26)];

impl Schedule {
    pub(super) fn draw(
        quarter: Quarter,
        kind: Kind,
        continues: Option<Continuation>,
        rng: SeededRng,
    ) -> Self {
        let (episodes, minutes, days_apart) = length(kind, rng);
        let first_day = first_day(quarter, kind, rng.of("first day"));
        let breaks = u64::from(episodes > 8 && days_apart == 7 && rng.of("break").happens(0.15));
        let last_day = days_after(first_day, days_apart * u64::from(episodes - 1) + 7 * breaks);
        let weekly = kind == Kind::Tv;
        let (hour, minute) = rng.of("slot").weighted(&SLOTS);
        let slot = NaiveTime::from_hms_opt(hour, minute, 0).filter(|_| weekly);
        let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
        let premiere = from_tokyo(first_day, slot.unwrap_or(noon));
        let announced = premiere - days(lead(continues, rng.of("lead")));
        let dated = (premiere - days(rng.of("dated").between(24.0, 80.0))).max(announced);
        Self { minutes, episodes, first_day, last_day, slot, announced, dated, premiere }
    }
}

/// Episodes, minutes of each, days between two.
fn length(kind: Kind, rng: SeededRng) -> (u16, u16, u64) {
    let minutes = |low, high| rng.of("minutes").between(f64::from(low), f64::from(high)) as u16;
    match kind {
        Kind::Tv => {
            let short = rng.of("short").happens(0.05);
            (rng.of("episodes").weighted(&TV_EPISODES), if short { 4 } else { minutes(23, 25) }, 7)
        }
        Kind::Movie => (1, minutes(58, 128), 0),
        Kind::Ona => {
            let at_once = rng.of("at once").happens(0.3);
            (4 + rng.of("episodes").below(9) as u16, minutes(12, 30), if at_once { 0 } else { 7 })
        }
        Kind::Ova => (1 + rng.of("episodes").below(3) as u16, minutes(22, 46), 49),
        Kind::Special => (1, minutes(5, 48), 0),
    }
}

/// Series begin early in the season; everything else on any day of it, films on a Friday.
fn first_day(quarter: Quarter, kind: Kind, rng: SeededRng) -> NaiveDate {
    let day = match kind {
        Kind::Tv => rng.between(0.0, 13.0),
        Kind::Ona => rng.between(0.0, 40.0),
        Kind::Movie | Kind::Ova | Kind::Special => rng.between(0.0, 82.0),
    };
    let day = days_after(quarter.first_day(), day as u64);
    let to_friday = (Weekday::Fri.num_days_from_monday() + 7 - day.weekday().num_days_from_monday()) % 7;
    if kind == Kind::Movie { days_after(day, u64::from(to_friday)) } else { day }
}

/// Days from announcement to first broadcast: a month to a year, mostly short; what continues is known earlier.
fn lead(continues: Option<Continuation>, rng: SeededRng) -> f64 {
    let patience = rng.of("first").unit();
    let patience = if continues.is_some() { patience.max(rng.of("second").unit()) } else { patience };
    30.0 + 320.0 * patience.powf(3.5)
}

fn days(days: f64) -> TimeDelta {
    TimeDelta::seconds((days * 86_400.0) as i64)
}
