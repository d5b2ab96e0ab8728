//! What a person sees of a long command on standard error.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use kansoku_service::say;

/// Counts on a terminal, and says words above the count.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Counts `what`; how many there will be is not known.
    pub(crate) fn of(what: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template(&format!("{{spinner}} {{pos}} {what}, {{per_sec}}"));
        let bar = ProgressBar::new_spinner();
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    pub(crate) fn set(&self, count: u64) {
        self.0.set_position(count);
    }

    pub(crate) fn say(&self, words: &str) {
        self.0.suspend(|| say(words));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
