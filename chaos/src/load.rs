//! Many who ask the API what nobody has asked yet, so that no cache helps.

use std::time::Duration;

use chrono::{Days, NaiveDate};
use kansoku_stack::process;
use tokio::task::JoinSet;

use crate::probe::KNOWN;

/// Asks for ever, so many times a second, and waits for no answer before it asks again.
pub async fn ask(port: u16, per_second: u32) {
    let mut next = tokio::time::interval(Duration::from_secs(1) / per_second.max(1));
    let mut open = JoinSet::new();
    for number in 0.. {
        next.tick().await;
        while open.try_join_next().is_some() {}
        let path = question(number);
        open.spawn(async move { process::get(port, &path).await });
    }
}

/// A day long ago has no answer in any cache.
fn question(number: u64) -> String {
    let day = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default() + Days::new(number % 18_000);
    format!("{KNOWN}&as_of={day}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_question_is_asked_twice() {
        let questions: std::collections::HashSet<_> = (0..1_000).map(question).collect();
        assert_eq!(questions.len(), 1_000);
    }
}
