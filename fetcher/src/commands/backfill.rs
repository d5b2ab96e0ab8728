//! `fetcher backfill`.

use std::{
    collections::HashMap,
    ops::ControlFlow,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use kansoku_runs::Ledger;
use kansoku_schemas::{Catalogue, Dataset, RunEvent};
use kansoku_service::{Context, count, say};

use super::{ClientContext, bars::progress_of, connect_soon, sources::Sources};
use crate::{
    about::about,
    backfill::{Progress, Todo},
    capture::RunOutcome,
    cli::Backfill,
    settings::Settings,
};

/// Captures seasons of the past that are not there yet; interrupted, the same command goes on where it was.
pub async fn backfill(mut context: Context<Settings>, what: Backfill) -> Result<()> {
    let upstreams = context.config.upstream.clone();
    for upstream in &upstreams {
        upstream.check_contact(&context.config.client)?;
    }
    let streams = connect_soon(&context).await?;
    let client_context = ClientContext::new(&mut context, &upstreams, streams);
    let ledger = client_context.ledger.clone();
    let seasons: Vec<Dataset> = what.season.datasets().collect();
    let shown = Arc::new(Shown::new(seasons.len() as u64, &context.config));
    let report = Arc::clone(&shown);
    let sources = Sources::new(&context, &upstreams, &client_context)?
        .reporting(move |season, got, planned| report.is_at(season, got, planned));
    // A run is named by its second, so that it is found again.
    let now = context.clock.now().trunc_subsecs(0);
    let catalogue = sources.first_usable().await?.client.upstream().catalogue;
    let known = newest(&ledger, &seasons, catalogue, now - TimeDelta::days(what.max_age_days.into())).await?;
    let (mut there, mut incomplete, mut elsewhere) = (0, Vec::new(), Vec::new());
    for season in seasons {
        let slot = match Todo::after(known.get(&season)) {
            Todo::Nothing => {
                there += 1;
                shown.is_there(season, known.get(&season));
                continue;
            }
            Todo::All => now,
            Todo::GoOn { slot, got, planned } => {
                shown.is_at(season, got, planned);
                slot
            }
        };
        let wait = |most: Duration| shown.waits(season, most);
        let captured = sources.capture_or_take_over((season, slot), slot, what.pages, &context.stop, wait);
        let ended = captured.await;
        let ended =
            ended.with_context(|| format!("capture {season}; the same command goes on from there"))?;
        let words = match ended {
            RunOutcome::Complete | RunOutcome::AlreadyComplete => "complete",
            RunOutcome::Partial => "incomplete",
            RunOutcome::HeldElsewhere => "another process works on it",
            RunOutcome::Stopped => {
                bail!("stopped in the middle of {season}; the same command goes on from there")
            }
        };
        match ended {
            RunOutcome::Partial => incomplete.push(season.to_string()),
            RunOutcome::HeldElsewhere => elsewhere.push(season.to_string()),
            _ => {}
        }
        shown.is_over(season, words)?;
    }
    shown.bar.finish_and_clear();
    if there > 0 {
        let (seasons, were) = (count(there, "season"), if there == 1 { "was" } else { "were" });
        let days = count(what.max_age_days.into(), "day");
        kansoku_service::print(&format!("{seasons} {were} there already, captured within {days}\n"))?;
    }
    if !elsewhere.is_empty() {
        bail!(
            "another process works on {}; the same command later sees to what it leaves",
            elsewhere.join(", ")
        );
    }
    if !incomplete.is_empty() {
        bail!("pages are missing of {}; `fetcher runs` says which", incomplete.join(", "));
    }
    Ok(())
}

/// The newest event of the newest run of these lists.
async fn newest(
    ledger: &Ledger,
    seasons: &[Dataset],
    catalogue: Catalogue,
    since: DateTime<Utc>,
) -> Result<HashMap<Dataset, RunEvent>> {
    let mut newest: HashMap<Dataset, RunEvent> = HashMap::new();
    for season in seasons {
        let looking = ledger.look_back(*season, since, |event| {
            if event.catalogue == catalogue && event.captured_at >= since {
                newest.insert(*season, event.clone());
                // The newest come first.
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        looking.await.with_context(|| format!("look whether {season} is there"))?;
    }
    Ok(newest)
}

/// What a person sees of it.
struct Shown {
    bar: ProgressBar,
    progress: Mutex<Progress>,
    /// The least time between two pages: the limits count.
    apart: Duration,
}

impl Shown {
    fn new(seasons: u64, settings: &Settings) -> Self {
        let style = ProgressStyle::with_template("{wide_bar} {pos} of about {len} pages, {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = progress_of(0, "pages").with_style(style);
        Self { bar, progress: Mutex::new(Progress::new(seasons)), apart: settings.allowed().interval }
    }

    fn is_at(&self, season: Dataset, got: u64, planned: Option<u32>) {
        self.change(season, |progress| progress.is_at(season, got, planned));
    }

    fn is_there(&self, season: Dataset, run: Option<&RunEvent>) {
        let got = run.map_or(0, |run| run.pages_got.len() as u64);
        self.change(season, |progress| {
            progress.is_at(season, got, None);
            progress.is_over(season);
        });
    }

    fn waits(&self, season: Dataset, most: Duration) {
        let line = format!(
            "{season}: another process has begun it; waiting up to {} to hear whether it still works on it",
            about(most)
        );
        self.bar.suspend(|| say(&line));
    }

    fn is_over(&self, season: Dataset, words: &str) -> Result<()> {
        self.change(season, |progress| progress.is_over(season));
        self.bar.suspend(|| kansoku_service::print(&format!("{season}: {words}\n"))).context("write")
    }

    fn change(&self, season: Dataset, change: impl FnOnce(&mut Progress)) {
        // A poisoned lock holds a whole state all the same.
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut progress);
        self.bar.set_length(progress.pages());
        self.bar.set_position(progress.came());
        self.bar.set_message(format!("{season}, about {} left", about(progress.left(self.apart))));
    }
}
