//! What a person sees of a long command on a terminal.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on a terminal, nothing elsewhere.
pub(super) fn progress_of(all: u64, what: &'static str) -> ProgressBar {
    styled(ProgressBar::new(all), &format!("{{wide_bar}} {{pos}} of {{len}} {what}, {{per_sec}}"))
}

/// Counts `what` on a terminal; how many there will be is not known.
pub(super) fn spinner(what: &str) -> ProgressBar {
    let bar = styled(ProgressBar::new_spinner(), &format!("{{spinner}} {{pos}} {what}, {{per_sec}}"));
    if !bar.is_hidden() {
        bar.enable_steady_tick(Duration::from_millis(120));
    }
    bar
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}
