//! What a schedule costs: how many requests on its busiest day, against what an upstream allows.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kansoku_schemas::Dataset;
use kansoku_service::count;

use super::Entry;
use crate::about::about;

/// Long enough for every day of the week and of the month.
const DAYS: i64 = 31;

/// What the schedule costs an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Each entry with the most requests of one of its runs, and its next instant.
    pub lines: Vec<(Entry, u64, Option<DateTime<Utc>>)>,
    /// The most requests on one UTC day; retries come on top.
    pub busiest_day: u64,
}

/// What an upstream allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// The least time between two requests.
    pub interval: std::time::Duration,
    /// Requests on a day.
    pub per_day: u64,
}

/// Counts over the month that begins with the day of `now`. Of entries that want one list at one instant the deepest is
/// captured for all.
pub fn plan(schedule: &[Entry], now: DateTime<Utc>) -> Plan {
    let mut runs: BTreeMap<(DateTime<Utc>, Dataset), u64> = BTreeMap::new();
    let begin = now.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    let lines = schedule.iter().map(|entry| {
        let requests = u64::from(entry.pages) * u64::from(entry.dataset.count());
        let mut slot = entry.cron.next(begin - TimeDelta::seconds(1));
        while let Some(at) = slot.filter(|at| *at < begin + TimeDelta::days(DAYS)) {
            for dataset in entry.dataset.at(at) {
                let most = runs.entry((at, dataset)).or_default();
                *most = u64::from(entry.pages).max(*most);
            }
            slot = entry.cron.next(at);
        }
        (entry.clone(), requests, entry.cron.next(now))
    });
    let lines = lines.collect();
    let mut days: BTreeMap<NaiveDate, u64> = BTreeMap::new();
    for ((at, _), requests) in runs {
        *days.entry(at.date_naive()).or_default() += requests;
    }
    Plan { lines, busiest_day: days.into_values().max().unwrap_or_default() }
}

impl Plan {
    /// How long the busiest day's requests take.
    pub fn takes(&self, allowed: Allowed) -> TimeDelta {
        let millis = u128::from(self.busiest_day) * allowed.interval.as_millis();
        TimeDelta::milliseconds(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    /// Why the schedule cannot be kept, if it cannot.
    pub fn refusal(&self, allowed: Allowed) -> Option<String> {
        let requests = self.busiest_day;
        if requests > allowed.per_day {
            let most = allowed.per_day;
            return Some(format!("sends {requests} requests on its busiest day, and {most} are allowed"));
        }
        let hours = self.takes(allowed).num_minutes() as f64 / 60.0;
        (hours > 24.0).then(|| {
            format!("sends {requests} requests on its busiest day, which takes {hours:.1} hours at this pace")
        })
    }
}

/// The plan for a person, with what it is held against.
pub struct Shown<'a>(pub &'a Plan, pub Allowed);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(plan, allowed) = self;
        writeln!(out, "{:16}  {:14}  {:>8}  next (UTC, and some minutes)", "dataset", "cron", "requests")?;
        for (entry, requests, next) in &plan.lines {
            let next =
                next.map_or_else(|| "never".to_owned(), |next| next.format("%Y-%m-%d %H:%M").to_string());
            let (dataset, cron) = (entry.dataset.to_string(), entry.cron.text());
            writeln!(out, "{dataset:16}  {cron:14}  {requests:>8}  {next}")?;
        }
        writeln!(
            out,
            "\nThe busiest day has {}, of {} allowed; at this pace they take {}. Retries come on top.",
            count(plan.busiest_day, "request"),
            allowed.per_day,
            about(plan.takes(*allowed).to_std().unwrap_or_default())
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::schedule::Target;

    fn entry(dataset: Target, cron: &str, pages: u32) -> Entry {
        Entry { dataset, cron: cron.to_owned().try_into().unwrap(), pages, jitter_s: 0 }
    }

    #[test]
    fn the_busiest_day_counts() {
        let now = "2026-11-25T07:00:00Z".parse().unwrap();
        let schedule = [
            entry(Target::One(Dataset::TopScore), "0 3 * * *", 20),
            entry(Target::One(Dataset::Genres), "0 */6 * * *", 1),
            entry(Target::Seasons, "0 6 * * 1", 20),
            entry(Target::One(Dataset::TopMembers), "0 7 2 * *", 500),
        ];
        let plan = plan(&schedule, now);
        assert_eq!(plan.busiest_day, 20 + 4 + 500, "the second of a month is no Monday here");
        assert_eq!(plan.lines[0].2, Some("2026-11-26T03:00:00Z".parse().unwrap()));
        let twice = [
            entry(Target::One(Dataset::TopScore), "0 16 * * *", 1),
            entry(Target::One(Dataset::TopScore), "0 16 * * 3", 20),
            entry(Target::One(Dataset::TopMembers), "0 16 * * *", 2),
        ];
        assert_eq!(
            super::plan(&twice, now).busiest_day,
            20 + 2,
            "of one list at one instant the deepest counts"
        );
        let allowed = |millis, per_day| Allowed { interval: Duration::from_millis(millis), per_day };
        assert_eq!(plan.refusal(allowed(1_100, 40_000)), None);
        assert!(plan.refusal(allowed(1_100, 500)).unwrap().contains("500 are allowed"));
        let shown = Shown(&plan, allowed(250, 40_000)).to_string();
        let line = "has 524 requests, of 40000 allowed; at this pace they take 3m. Retries come on top.\n";
        assert!(shown.ends_with(line), "{shown}");
        assert!(plan.refusal(allowed(200_000, 40_000)).unwrap().contains("29.1 hours"));
    }
}
