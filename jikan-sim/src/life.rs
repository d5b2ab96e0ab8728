//! How a title fares: its numbers as pure functions of time.
//!
//! The shapes are those seen on real weekly series: members grow ever faster towards the first broadcast, leap in the first
//! days, flatten while the season goes on, take a step up at the end, and creep for years; one member in ten votes
//! while it airs and every second one some months later; scores start a little high and sink, and a bad ending costs a lot.

use std::f64::consts::TAU;

use chrono::{DateTime, Utc};

use crate::{calendar::days_between, chance::Chance};

/// With fewer votes no score is shown.
const VOTES_FOR_A_SCORE: i64 = 100;
/// With fewer votes a score is shown, but not ranked.
const VOTES_FOR_A_RANK: i64 = 400;

/// The dates that a life hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// When its page appears.
    pub announced: DateTime<Utc>,
    /// The first broadcast.
    pub premiere: DateTime<Utc>,
    /// Days from the first broadcast to the last.
    pub run_days: u32,
}

/// What makes one life different from another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Life {
    dates: Dates,
    /// Members some months after the end.
    audience: f64,
    /// Share of them that is there before the first broadcast.
    hype: f64,
    /// How steeply they gather before it; 1 = evenly.
    eagerness: f64,
    /// Days in which most of the rest arrives.
    rise: f64,
    /// How fast the long tail creeps.
    tail: f64,
    quality: f64,
    /// What the first voters give more, or less.
    opening: f64,
    /// What the ending adds, or costs.
    finale: f64,
    /// Share of the members that votes while it airs.
    early_votes: f64,
    /// Share of the members that votes in the end.
    late_votes: f64,
    /// Share of the members that calls it a favourite.
    devotion: f64,
    chance: Chance,
}

/// How well a title will do, before its life begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prospects {
    /// Standard deviations from the usual number of members.
    pub appeal: f64,
    /// The score it settles at, but for its ending.
    pub quality: f64,
    /// A smaller format has a smaller audience: a factor.
    pub reach: f64,
    /// Whether people know it already.
    pub known: bool,
}

impl Life {
    /// A life with these dates and prospects.
    pub fn new(dates: Dates, prospects: Prospects, chance: Chance) -> Self {
        let Prospects { appeal, quality, reach, known } = prospects;
        let draw = |name, low, high| chance.of(name).between(low, high);
        let hype = draw("hype", 0.12, 0.42) + if known { 0.22 } else { 0.0 };
        let fate = chance.of("fate").unit();
        let finale = match fate {
            bad if bad < 0.07 => -draw("finale", 0.35, 1.1),
            good if good < 0.2 => draw("finale", 0.08, 0.3),
            _ => 0.05 * chance.of("finale").normal(),
        };
        Self {
            dates,
            audience: reach * (10.15 + 1.15 * appeal.min(3.1)).exp(),
            hype,
            eagerness: draw("eagerness", 1.5, 2.6),
            rise: draw("rise", 14.0, 42.0),
            tail: draw("tail", 0.04, 0.16),
            quality,
            opening: 0.25 * hype + 0.09 * chance.of("opening").normal(),
            finale,
            early_votes: draw("early votes", 0.07, 0.16),
            late_votes: draw("late votes", 0.42, 0.62),
            devotion: 0.0015 + 0.016 / (1.0 + (-(quality - 8.1) * 2.4).exp()),
            chance,
        }
    }

    /// People who have it on their list. Never falls.
    pub fn members(&self, at: DateTime<Utc>) -> i64 {
        20 + (self.audience * self.gathered(self.day(at))) as i64
    }

    /// People who gave it a score. Never falls.
    pub fn votes(&self, at: DateTime<Utc>) -> i64 {
        if at < self.dates.premiere {
            return 0;
        }
        let day = self.day(at).max(0.0);
        let later = self.late_votes - self.early_votes;
        let share = self.early_votes * settled(day, 12.0)
            + later * settled(day - f64::from(self.dates.run_days), 32.0);
        (self.audience * self.gathered(day) * share) as i64
    }

    /// The mean score in hundredths, and the votes; `None` before there are enough.
    pub fn score(&self, at: DateTime<Utc>) -> Option<(u16, i64)> {
        let votes = self.votes(at);
        if votes < VOTES_FOR_A_SCORE {
            return None;
        }
        let day = days_between(self.dates.premiere, at);
        let ended = settled(day - f64::from(self.dates.run_days) + 1.0, 18.0);
        let wobble = (0.006 + 0.05 * (-day / 24.0).exp()) * self.noise("score", day);
        let mean = self.quality + self.opening * (-day / 21.0).exp() + self.finale * ended + wobble;
        Some(((mean.clamp(1.0, 9.99) * 100.0).round() as u16, votes))
    }

    /// Whether so many votes are enough for a rank.
    pub const fn ranked(votes: i64) -> bool {
        votes >= VOTES_FOR_A_RANK
    }

    /// People who call it a favourite.
    pub fn favorites(&self, at: DateTime<Utc>) -> i64 {
        let seen = settled(days_between(self.dates.premiere, at), 60.0);
        (self.members(at) as f64 * self.devotion * (0.3 + 0.7 * seen)) as i64
    }

    /// The share of the audience that has gathered on this day of its life.
    fn gathered(&self, day: f64) -> f64 {
        let lead = days_between(self.dates.announced, self.dates.premiere).max(1.0);
        let before = ((day + lead) / lead).clamp(0.0, 1.0).powf(self.eagerness);
        let during = 0.84 * settled(day, self.rise);
        let ending = 0.16 * settled(day - f64::from(self.dates.run_days), 20.0);
        let tail = self.tail * (day.max(0.0) / 150.0).ln_1p();
        self.hype * before + (1.0 - self.hype) * (during + ending) + tail
    }

    /// Days since the first broadcast, bent by the day's luck and by the weekly rhythm: what only grows still only
    /// grows, as bent time never runs backwards (its slope is at least 1 - 0.5 - 0.35).
    fn day(&self, at: DateTime<Utc>) -> f64 {
        let day = days_between(self.dates.premiere, at);
        day + 0.25 * self.noise("members", day) + 0.35 * 7.0 / TAU * (TAU * day / 7.0).sin()
    }

    /// Between -1 and 1, another every day, with a straight line from one day to the next.
    fn noise(&self, what: &str, day: f64) -> f64 {
        let chance = self.chance.of(what);
        let value = |day: f64| chance.at(day as i64).between(-1.0, 1.0);
        let (today, part) = (day.floor(), day - day.floor());
        value(today) * (1.0 - part) + value(today + 1.0) * part
    }
}

/// How much of something that takes about so many days has happened after `day` of them.
fn settled(day: f64, days: f64) -> f64 {
    if day <= 0.0 { 0.0 } else { 1.0 - (-day / days).exp() }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn life(seed: u64) -> Life {
        let premiere: DateTime<Utc> = "2026-10-04T14:30:00Z".parse().unwrap();
        let dates = Dates { announced: premiere - TimeDelta::days(160), premiere, run_days: 77 };
        let prospects = Prospects { appeal: 0.3, quality: 7.4, reach: 1.0, known: false };
        Life::new(dates, prospects, Chance::seeded(seed))
    }

    proptest! {
        #[test]
        fn what_only_grows_never_falls(seed: u64, start in -170_i64..900, minutes in 1_i64..40_000) {
            let life = life(seed);
            let before = life.dates.premiere + TimeDelta::days(start);
            let after = before + TimeDelta::minutes(minutes);
            prop_assert!(life.members(before) <= life.members(after));
            prop_assert!(life.votes(before) <= life.votes(after));
            prop_assert!(life.votes(after) < life.members(after));
        }
    }

    #[test]
    fn a_score_comes_after_the_first_broadcast_and_settles() {
        let life = life(5);
        let at = |days| life.score(life.dates.premiere + TimeDelta::days(days));
        assert_eq!(at(-1), None);
        let (early, few) = at(8).unwrap();
        let (late, many) = at(300).unwrap();
        assert!(few < many / 4, "{few} votes, then {many}");
        assert!((500..950).contains(&early) && (500..950).contains(&late));
        let month_later = at(330).unwrap().0;
        assert!(late.abs_diff(month_later) <= 3, "{late} is still moving: {month_later}");
    }
}
