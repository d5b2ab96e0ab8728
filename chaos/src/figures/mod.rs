//! What a watched experiment looked like, drawn from what Prometheus recorded.

mod svg;

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use kansoku_service::{Clock, SystemClock};

use self::svg::{Band, Figure, Line, Panel, Stretch};
use crate::{prometheus::Prometheus, stage::Injected};

/// What is seen of the time before.
const BEFORE: TimeDelta = TimeDelta::seconds(8);
/// A scrape later a series that ended is still shown.
const SAMPLE: f64 = 1.5;

const API: &str = "http_server_request_duration_seconds_count{http_route=~\"/api/.*\"";

/// A line's name, class and query.
type Asked = (&'static str, &'static str, String);

/// The panels: title and lines.
fn panels() -> Vec<(&'static str, Vec<Asked>)> {
    let stale = "sum(rate(kansoku_cache_requests_total{result=\"stale\"}[4s]))";
    vec![
        (
            "Answers of the API, a second",
            vec![
                (
                    "fresh",
                    "good",
                    format!(
                        "sum(rate({API},http_response_status_code!~\"5..\"}}[4s])) - ({stale} or vector(0))"
                    ),
                ),
                ("marked as stale", "warn", format!("{stale} or vector(0)")),
                (
                    "5xx",
                    "bad",
                    format!("sum(rate({API},http_response_status_code=~\"5..\"}}[4s])) or vector(0)"),
                ),
            ],
        ),
        (
            "Pages that became visible, a second",
            vec![("", "good", "sum(rate(kansoku_page_visible_seconds_count[4s]))".to_owned())],
        ),
        (
            "From RAW to visible, p95 in seconds",
            vec![(
                "",
                "good",
                "histogram_quantile(0.95, sum by (le) (rate(kansoku_page_visible_seconds_bucket[4s])))"
                    .to_owned(),
            )],
        ),
        (
            "Messages that wait",
            vec![("for the validator", "good", lag("validator")), ("for the loader", "warn", lag("loader"))],
        ),
    ]
}

fn lag(consumer: &str) -> String {
    format!(
        "sum(jetstream_consumer_num_pending{{consumer_name=\"{consumer}\"}}) \
         + sum(jetstream_consumer_num_ack_pending{{consumer_name=\"{consumer}\"}})"
    )
}

/// Draws what was recorded from shortly before an instant until now.
///
/// # Errors
/// Prometheus does not answer.
pub async fn draw(
    prometheus: Prometheus,
    title: &str,
    since: DateTime<Utc>,
    injected: &[Injected],
) -> Result<String> {
    let (from, to) = (since - BEFORE, SystemClock.now());
    let origin = from.timestamp_millis() as f64 / 1e3;
    let second = |at: f64| at - origin;
    let mut drawn = Vec::new();
    for (title, lines) in panels() {
        let mut panel = Panel { title: title.to_owned(), lines: Vec::new() };
        for (name, class, query) in lines {
            let series = prometheus.range(&query, from, to).await?.into_iter().next().unwrap_or_default();
            let points = series.values.into_iter().map(|(at, value)| (second(at), value)).collect();
            panel.lines.push(Line { name: name.to_owned(), class, points });
        }
        drawn.push(panel);
    }
    let mut bands = Vec::<Band>::new();
    for series in
        prometheus.range("ALERTS{alertname!~\"Watchdog|DiskNearlyFull|CapturesStale\"}", from, to).await?
    {
        let label = |name: &str| series.labels.get(name).cloned().unwrap_or_default();
        let stretches = stretches(series.values.iter().map(|(at, _)| second(*at)));
        let name = label("alertname");
        let band = match bands.iter_mut().position(|band| band.name == name) {
            Some(place) => &mut bands[place],
            None => {
                bands.push(Band { name, pending: Vec::new(), firing: Vec::new() });
                bands.last_mut().unwrap_or_else(|| unreachable!("one was pushed"))
            }
        };
        if label("alertstate") == "firing" { &mut band.firing } else { &mut band.pending }.extend(stretches);
    }
    let instant = |at: DateTime<Utc>| second(at.timestamp_millis() as f64 / 1e3);
    let shades = injected.iter().map(|one| (one.fault.to_string(), (instant(one.from), instant(one.to))));
    let figure = Figure {
        title: title.to_owned(),
        source: format!("From Prometheus, a value a second; 0 s is {} UTC", from.format("%Y-%m-%d %H:%M:%S")),
        seconds: second(to.timestamp_millis() as f64 / 1e3),
        injected: shades.collect(),
        panels: drawn,
        bands,
    };
    Ok(figure.svg())
}

/// Seconds that follow each other, as stretches.
fn stretches(seconds: impl Iterator<Item = f64>) -> Vec<Stretch> {
    let mut all = Vec::<Stretch>::new();
    for second in seconds {
        match all.last_mut() {
            Some((_, to)) if second - *to <= SAMPLE => *to = second,
            _ => all.push((second, second)),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_in_a_row_are_one_stretch() {
        assert_eq!(stretches([1.0, 2.0, 3.0, 7.0].into_iter()), [(1.0, 3.0), (7.0, 7.0)]);
    }
}
