//! A duration for a person.

use std::time::Duration;

/// Seconds for a minute and a half, then minutes.
pub(crate) fn about(length: Duration) -> humantime::FormattedDuration {
    let seconds = match length.as_secs() {
        seconds @ 0..90 => seconds,
        seconds => seconds.div_ceil(60) * 60,
    };
    humantime::format_duration(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_durations_are_rounded_up_to_minutes() {
        let words = [5, 89, 90, 5_399, 9_000].map(|seconds| about(Duration::from_secs(seconds)).to_string());
        assert_eq!(words, ["5s", "1m 29s", "2m", "1h 30m", "2h 30m"]);
    }
}
