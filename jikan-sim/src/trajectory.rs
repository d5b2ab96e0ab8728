//! The numbers of a title as pure functions of time.
//!
//! The shapes and sizes are those of real weekly series. Members grow ever faster towards the first broadcast, jump in the
//! first days, flatten during the season, take a step up at the end, and creep for years. One member in ten votes while the
//! title airs, every second one some months later. The mean score moves with each episode: by a few hundredths in a
//! week, more in the first weeks (few votes; it climbs in the first days) and at the end (many people vote only then), hardly
//! at all afterwards.

use std::f64::consts::TAU;

use chrono::{DateTime, Utc};

use crate::{calendar::days_between, rng::SeededRng};

/// With fewer votes no score is shown.
const MIN_VOTES_FOR_SCORE: i64 = 100;
/// With fewer votes a score is shown, but not ranked.
const MIN_VOTES_FOR_RANK: i64 = 400;

/// The dates that a trajectory depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// When its page appears.
    pub announced: DateTime<Utc>,
    /// The first broadcast.
    pub premiere: DateTime<Utc>,
    /// Days from the first broadcast to the last.
    pub run_days: u32,
}

/// How well a title will do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prospects {
    /// Standard deviations from the usual number of members.
    pub appeal: f64,
    /// The score it settles at, but for its episodes and its ending.
    pub quality: f64,
    /// A smaller format has a smaller audience: a factor.
    pub reach: f64,
    /// Whether people know it already.
    pub known: bool,
}

/// The parameters of one title's numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trajectory {
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
    /// What people give more while everybody talks about it.
    excitement: f64,
    /// How much more, or less, the first voters give.
    opening: f64,
    /// What a usual week adds to the score, or costs.
    trend: f64,
    /// How far single episodes divide opinion; 1 is usual.
    volatility: f64,
    /// What the ending adds, or costs.
    finale: f64,
    /// Share of the members that votes while it airs.
    early_votes: f64,
    /// Share of the members that votes in the end.
    late_votes: f64,
    /// Share of the members that calls it a favourite.
    devotion: f64,
    rng: SeededRng,
}

impl Trajectory {
    /// A trajectory with these dates and prospects.
    pub fn new(dates: Dates, prospects: Prospects, rng: SeededRng) -> Self {
        let Prospects { appeal, quality, reach, known } = prospects;
        let draw = |name, low, high| rng.of(name).between(low, high);
        let hype = draw("hype", 0.12, 0.42) + if known { 0.22 } else { 0.0 };
        let finale = match rng.of("fate").unit() {
            bad if bad < 0.07 => -draw("finale", 0.2, 0.6),
            good if good < 0.2 => draw("finale", 0.08, 0.3),
            _ => 0.07 * rng.of("finale").normal(),
        };
        Self {
            dates,
            audience: reach * (10.15 + 1.15 * appeal.min(3.1)).exp(),
            hype,
            eagerness: draw("eagerness", 1.5, 2.6),
            rise: draw("rise", 14.0, 42.0),
            tail: draw("tail", 0.04, 0.16),
            quality,
            excitement: 0.3 * appeal.max(0.0),
            opening: 0.12 * hype + 0.09 * rng.of("opening").normal(),
            trend: -0.01 + 0.014 * rng.of("trend").normal(),
            volatility: (0.65 * rng.of("volatility").normal()).exp(),
            finale,
            early_votes: draw("early votes", 0.07, 0.16),
            late_votes: draw("late votes", 0.42, 0.62),
            devotion: 0.0015 + 0.016 / (1.0 + (-(quality - 8.1) * 2.4).exp()),
            rng,
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
        let share = self.early_votes * (day / 90.0).min(1.0).powf(0.3)
            + later * settled(day - f64::from(self.dates.run_days), 32.0);
        (self.audience * self.gathered(day) * share) as i64
    }

    /// The mean score in hundredths, and the votes; `None` before there are enough.
    pub fn score(&self, at: DateTime<Utc>) -> Option<(u16, i64)> {
        let votes = self.votes(at);
        if votes < MIN_VOTES_FOR_SCORE {
            return None;
        }
        let day = days_between(self.dates.premiere, at);
        let ended = settled(day - f64::from(self.dates.run_days) + 1.0, 18.0);
        // Single votes count as long as there are few, and as long as they are new.
        let few = (0.004 + 1.5 / (votes as f64).sqrt() * (-day / 18.0).exp()) * self.noise("score", day);
        let mean = self.quality + self.excitement + self.opening * (-day / 21.0).exp()
            - 0.12 * (-day / 4.0).exp()
            + self.reception(day)
            + self.finale * ended
            - self.excitement * settled(day - f64::from(self.dates.run_days), 90.0)
            + few * (-day / 120.0).exp();
        Some(((crowded(mean.max(1.0)) * 100.0).round() as u16, votes))
    }

    /// What the episodes so far have added to the score, each in the days after its broadcast.
    fn reception(&self, day: f64) -> f64 {
        let weeks = self.dates.run_days / 7;
        let step = |week: u32| {
            let size = match week {
                0 | 1 => 0.08,
                2 => 0.045,
                // The last episode moves many to vote, or to vote again.
                last if last == weeks => 0.07,
                _ => 0.028,
            };
            self.trend + size * self.volatility * self.rng.of("episode").at(week.into()).normal()
        };
        (0..=weeks).map(|week| step(week) * settled(day - 7.0 * f64::from(week), 2.5)).sum()
    }

    /// Whether so many votes are enough for a rank.
    pub const fn ranked(votes: i64) -> bool {
        votes >= MIN_VOTES_FOR_RANK
    }

    /// People who call it a favourite.
    pub fn favorites(&self, at: DateTime<Utc>) -> i64 {
        let seen = settled(days_between(self.dates.premiere, at), 60.0);
        (self.members(at) as f64 * self.devotion * (0.3 + 0.7 * seen)) as i64
    }

    /// The share of the audience that has gathered on this day.
    fn gathered(&self, day: f64) -> f64 {
        let lead = days_between(self.dates.announced, self.dates.premiere).max(1.0);
        let before = ((day + lead) / lead).clamp(0.0, 1.0).powf(self.eagerness);
        let during = 0.84 * settled(day, self.rise);
        let ending = 0.16 * settled(day - f64::from(self.dates.run_days), 20.0);
        let tail = self.tail * (day.max(0.0) / 150.0).ln_1p();
        self.hype * before + (1.0 - self.hype) * (during + ending) + tail
    }

    /// Days since the first broadcast, bent by daily noise and by the weekly rhythm: what only grows still only
    /// grows, as bent time never runs backwards (its slope is at least 1 - 0.5 - 0.35).
    fn day(&self, at: DateTime<Utc>) -> f64 {
        let day = days_between(self.dates.premiere, at);
        day + 0.25 * self.noise("members", day) + 0.35 * 7.0 / TAU * (TAU * day / 7.0).sin()
    }

    /// Between -1 and 1, another every day, with a straight line from one day to the next.
    fn noise(&self, what: &str, day: f64) -> f64 {
        let rng = self.rng.of(what);
        let value = |day: f64| rng.at(day as i64).between(-1.0, 1.0);
        let (today, part) = (day.floor(), day - day.floor());
        value(today) * (1.0 - part) + value(today + 1.0) * part
    }
}

/// The best are liked about equally well: above 8.4 the distances shrink, and no mean reaches 9.3.
fn crowded(mean: f64) -> f64 {
    const FROM: f64 = 8.4;
    const ROOM: f64 = 0.9;
    if mean < FROM { mean } else { FROM + ROOM * ((mean - FROM) / ROOM).tanh() }
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

    fn trajectory(seed: u64) -> Trajectory {
        let premiere: DateTime<Utc> = "2026-10-04T14:30:00Z".parse().unwrap();
        let dates = Dates { announced: premiere - TimeDelta::days(160), premiere, run_days: 77 };
        let prospects = Prospects { appeal: 0.3, quality: 7.4, reach: 1.0, known: false };
        Trajectory::new(dates, prospects, SeededRng::seeded(seed))
    }

    proptest! {
        #[test]
        fn members_and_votes_never_fall(seed: u64, start in -170_i64..900, minutes in 1_i64..40_000) {
            let title = trajectory(seed);
            let before = title.dates.premiere + TimeDelta::days(start);
            let after = before + TimeDelta::minutes(minutes);
            prop_assert!(title.members(before) <= title.members(after));
            prop_assert!(title.votes(before) <= title.votes(after));
            prop_assert!(title.votes(after) < title.members(after));
        }
    }

    #[test]
    fn score_appears_after_the_premiere_and_settles() {
        let title = trajectory(5);
        let at = |days| title.score(title.dates.premiere + TimeDelta::days(days));
        assert_eq!(at(-1), None);
        let (early, few) = at(8).unwrap();
        let (late, many) = at(300).unwrap();
        assert!(few < many / 4, "{few} votes, then {many}");
        assert!((500..950).contains(&early) && (500..950).contains(&late));
        let month_later = at(330).unwrap().0;
        assert!(late.abs_diff(month_later) <= 3, "{late} is still moving: {month_later}");
    }
}
