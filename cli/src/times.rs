//! Instants and spans for people. Days are UTC, as everywhere.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::Hour;

/// An instant to the second.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A span in its two largest units, or in milliseconds.
pub(crate) fn span(span: TimeDelta) -> String {
    if span < TimeDelta::seconds(1) {
        return format!("{} ms", span.num_milliseconds().max(0));
    }
    let seconds = span.num_seconds();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, ..) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// How long the histogram of a group reaches back, and how many hours each of its bars is.
const REACH: i64 = 48;
const BAR: i64 = 2;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The last 48 hours as bars of two, the newest last; a dot where nothing died.
pub(crate) fn bars(hours: &[Hour], now: DateTime<Utc>) -> String {
    let mut sums = vec![0; usize::try_from(REACH / BAR).unwrap_or(0)];
    for Hour { hour, items } in hours {
        let ago = (now - *hour).num_hours();
        let bar = usize::try_from((REACH - 1 - ago) / BAR).ok().filter(|_| (0..REACH).contains(&ago));
        if let Some(sum) = bar.and_then(|bar| sums.get_mut(bar)) {
            *sum += items;
        }
    }
    let most = sums.iter().copied().max().unwrap_or(0).max(1);
    let bar = |sum: &i64| match usize::try_from((*sum * 8 - 1).max(0) / most) {
        Ok(height) if *sum > 0 => BARS[height.min(7)],
        _ => '·',
    };
    sums.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_its_two_largest_units() {
        let shown = |seconds| span(TimeDelta::seconds(seconds));
        assert_eq!(
            [shown(-5), shown(7), shown(125), shown(7_260), shown(180_000)],
            ["0 ms", "7 s", "2 min 5 s", "2 h 1 min", "2 d 2 h"]
        );
        assert_eq!(span(TimeDelta::milliseconds(412)), "412 ms");
    }

    #[test]
    fn the_newest_hours_are_the_last_bar() {
        let now: DateTime<Utc> = "2026-10-03T12:30:00Z".parse().unwrap();
        let hour =
            |ago: i64, items| Hour { hour: now - TimeDelta::hours(ago) - TimeDelta::minutes(30), items };
        assert_eq!(bars(&[], now), "·".repeat(24));
        assert_eq!(
            bars(&[hour(0, 8), hour(1, 8), hour(2, 1), hour(47, 4), hour(60, 9)], now),
            format!("▂{}▁█", "·".repeat(21))
        );
    }
}
