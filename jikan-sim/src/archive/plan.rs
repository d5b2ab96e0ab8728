//! When what is captured.

use std::str::FromStr;

use anyhow::{Context, ensure};
use chrono::{DateTime, Days, TimeDelta, Utc};
use kansoku_schemas::{Dataset, Target};

use super::Request;

/// Seasons are captured once in so many days.
const WEEK: u32 = 7;

/// What is captured unless something else is given.
pub const USUAL: [Target; 6] = [
    Target::One(Dataset::Genres),
    Target::One(Dataset::SeasonUpcoming),
    Target::One(Dataset::SeasonNow),
    Target::One(Dataset::TopMembers),
    Target::One(Dataset::TopScore),
    Target::Seasons,
];

/// Days on which nothing was captured, written `DAYS_AGO:LENGTH`: `22:2` is the days 22 and 21 days ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first of them.
    pub days_ago: u32,
    /// How many.
    pub length: u32,
}

impl Gap {
    /// Whether this day, counted back from the last one, is one of them.
    pub const fn holds(self, days_ago: u32) -> bool {
        days_ago <= self.days_ago && days_ago + self.length > self.days_ago
    }
}

impl FromStr for Gap {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (days_ago, length) = text.split_once(':').context("a gap is DAYS_AGO:LENGTH, such as 22:2")?;
        let number =
            |text: &str| text.parse::<u32>().with_context(|| format!("`{text}` is not a number of days"));
        let gap = Self { days_ago: number(days_ago)?, length: number(length)? };
        ensure!(
            gap.length <= gap.days_ago + 1,
            "a gap of {length} days that began {days_ago} days ago would reach into the future"
        );
        Ok(gap)
    }
}

/// One capture of one dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// What is captured.
    pub dataset: Dataset,
    /// When; no two runs share an instant.
    pub captured_at: DateTime<Utc>,
}

/// All runs, in the order of time. The last of each dataset lies within the hour before `until`.
pub fn plan(request: &Request) -> Vec<Run> {
    let last = last_moment(request.until);
    let mut runs: Vec<Run> = (0..request.days)
        .filter(|&days_ago| !request.gap.is_some_and(|gap| gap.holds(days_ago)))
        .flat_map(|days_ago| {
            on_day(&request.targets, last - Days::new(days_ago.into()), days_ago % WEEK == 0)
        })
        .collect();
    runs.sort_by_key(|run| run.captured_at);
    runs
}

/// The instant that a day's captures lead up to. Too soon after midnight it is the end of the day before, so that the captures
/// of a day are all of that day.
fn last_moment(until: DateTime<Utc>) -> DateTime<Utc> {
    let midnight = until.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    if until - midnight < TimeDelta::hours(1) { midnight - TimeDelta::seconds(1) } else { until }
}

/// The captures of one day, two minutes apart, the first target first.
fn on_day(targets: &[Target], last: DateTime<Utc>, weekly: bool) -> impl Iterator<Item = Run> {
    let today = targets.iter().filter(|target| weekly || **target != Target::Seasons);
    let datasets: Vec<Dataset> = today.flat_map(|target| target.at(last)).collect();
    let count = i32::try_from(datasets.len()).unwrap_or(i32::MAX);
    (0..count).zip(datasets).map(move |(place, dataset)| Run {
        dataset,
        captured_at: last - TimeDelta::minutes(2) * (count - place) - TimeDelta::seconds(7),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn request(until: &str, gap: Option<&str>) -> Request {
        Request {
            seed: 1,
            days: 30,
            until: until.parse().unwrap(),
            gap: gap.map(|gap| gap.parse().unwrap()),
            bad_rows: 0,
            targets: USUAL.to_vec(),
        }
    }

    #[test]
    fn every_day_has_one_run_of_each_dataset_and_no_instant_has_two() {
        for until in
            ["2026-11-23T12:53:12Z", "2026-11-23T00:00:00Z", "2026-11-23T00:31:00Z", "2026-11-23T01:00:00Z"]
        {
            let request = request(until, None);
            let runs = plan(&request);
            assert!(runs.iter().all(|run| run.captured_at <= request.until));
            assert!(runs.iter().all(|run| request.until - run.captured_at <= TimeDelta::days(30)));
            let instants: HashSet<_> = runs.iter().map(|run| run.captured_at).collect();
            assert_eq!(instants.len(), runs.len());
            let mut days: Vec<_> = runs
                .iter()
                .filter(|run| run.dataset == Dataset::TopScore)
                .map(|run| run.captured_at.date_naive())
                .collect();
            days.dedup();
            assert_eq!(days.len(), 30, "until {until}");
            let seasons = runs.iter().filter(|run| matches!(run.dataset, Dataset::Season { .. })).count();
            assert_eq!(seasons, 5 * 8);
        }
    }

    #[test]
    fn a_gap_takes_whole_days_and_nothing_else() {
        let all = plan(&request("2026-11-23T12:53:12Z", None));
        let some = plan(&request("2026-11-23T12:53:12Z", Some("22:2")));
        let missing: HashSet<_> = all
            .iter()
            .filter(|run| !some.contains(run))
            .map(|run| run.captured_at.date_naive().to_string())
            .collect();
        assert_eq!(missing, HashSet::from(["2026-11-01".to_owned(), "2026-11-02".to_owned()]));
        let kept = |run: &&Run| !missing.contains(&run.captured_at.date_naive().to_string());
        assert_eq!(some.len(), all.iter().filter(kept).count());
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        for (gap, reason) in [("22", "DAYS_AGO:LENGTH"), ("x:2", "`x` is not"), ("1:3", "future")] {
            let error = gap.parse::<Gap>().unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
