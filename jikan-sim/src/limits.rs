//! The simulator's own rate limits: windows that slide over the requests let through.

use std::{collections::VecDeque, str::FromStr, time::Duration};

use anyhow::{Context, Result, bail, ensure};

/// Limits such as `3/s,60/min,40000/day`, all of which hold at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits(Vec<(usize, Duration)>);

impl FromStr for Limits {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let limit = |part: &str| {
            let (count, unit) =
                part.split_once('/').with_context(|| format!("{part:?} is no limit: write 3/s or 60/min"))?;
            let count: usize =
                count.trim().parse().with_context(|| format!("read the number in {part:?}"))?;
            ensure!((1..=1_000_000).contains(&count), "{part:?}: a limit is from 1 to 1000000");
            let seconds = match unit.trim() {
                "s" => 1,
                "min" => 60,
                "h" => 3_600,
                "day" => 86_400,
                unit => bail!("{unit:?} is no window: s, min, h or day"),
            };
            Ok((count, Duration::from_secs(seconds)))
        };
        text.split(',').map(limit).collect::<Result<_>>().map(Self)
    }
}

/// The requests let through so far, as far back as the widest window needs.
#[derive(Debug, Default)]
pub struct Windows {
    limits: Limits,
    let_through: VecDeque<Duration>,
}

impl Windows {
    /// Nothing asked yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, let_through: VecDeque::new() }
    }

    /// Lets a request through, or says how long to wait. What is refused does not count.
    pub fn ask(&mut self, at: Duration) -> Result<(), Duration> {
        let wait = self.limits.0.iter().filter_map(|&(count, window)| {
            // The oldest of the last `count` requests has to leave the window first.
            let oldest = self.let_through.len().checked_sub(count).map(|index| self.let_through[index])?;
            (oldest + window).checked_sub(at).filter(|wait| !wait.is_zero())
        });
        if let Some(wait) = wait.max() {
            return Err(wait);
        }
        let kept = self.limits.0.iter().map(|(count, _)| *count).max().unwrap_or(0);
        self.let_through.push_back(at);
        while self.let_through.len() > kept {
            self.let_through.pop_front();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_slide() {
        let mut windows = Windows::new("2/s,3/min".parse().unwrap());
        let mut ask = |millis| windows.ask(Duration::from_millis(millis));
        assert_eq!(ask(0), Ok(()));
        assert_eq!(ask(600), Ok(()));
        assert_eq!(ask(900), Err(Duration::from_millis(100)));
        assert_eq!(ask(1_000), Ok(()));
        assert_eq!(ask(2_000), Err(Duration::from_secs(58)));
        assert_eq!(ask(60_000), Ok(()));
        assert!("3/week".parse::<Limits>().unwrap_err().to_string().contains("week"));
        assert!("0/s".parse::<Limits>().is_err() && "3".parse::<Limits>().is_err());
    }
}
