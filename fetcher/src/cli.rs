//! The command line.

use clap::{Args, CommandFactory, Parser, Subcommand, error::ErrorKind};
use kansoku_schemas::{Catalogue, Dataset, LISTS, UnknownToken};
use kansoku_service::Common;

use crate::backfill::Seasons;

/// Captures lists of an upstream, on a schedule or on request
#[derive(Parser)]
#[command(name = "fetcher", version)]
pub struct Cli {
    #[command(flatten)]
    /// Configuration.
    pub common: Common,
    #[command(subcommand)]
    /// What to do; only the configuration can be looked at without.
    pub command: Option<Command>,
}

impl Cli {
    /// The command line; on a wrong one the process ends with clap's words.
    pub fn read() -> (Common, Command) {
        let Self { common, command } = Self::parse();
        match command {
            Some(command) => (common, command),
            None if common.only_asks() => (common, Command::Run),
            None => Self::command()
                .error(
                    ErrorKind::MissingSubcommand,
                    "say what to do: run, once, backfill, probe, plan or runs",
                )
                .exit(),
        }
    }
}

/// A list that an upstream has.
fn list(word: &str) -> Result<Dataset, String> {
    match word.parse::<Dataset>() {
        Ok(dataset) if dataset.path(1).is_some() => Ok(dataset),
        Ok(_) => Err(format!(
            "{word} is no list of an upstream (`archive import` takes such pages); lists: {LISTS}"
        )),
        Err(UnknownToken { .. }) => Err(format!("no such list; known: {LISTS}")),
    }
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Capture on schedule until stopped
    Run,
    /// Capture datasets now, all their pages
    Once(Once),
    /// Capture seasons of the past that are not there yet
    Backfill(Backfill),
    /// Request one page of every base URL, and show its state
    Probe(Probe),
    /// Show what is captured when, and what that costs the upstream
    Plan,
    /// Show the last runs, how complete they are and what was odd about them
    Runs(Runs),
}

/// What `once` captures.
#[derive(Args)]
pub struct Once {
    /// What: top.score, season.now, season.2026.fall, genres …
    #[arg(required = true, value_parser = list)]
    pub datasets: Vec<Dataset>,
    /// Use this base URL instead of the configured one (its source is then its address)
    #[arg(long)]
    pub base_url: Option<String>,
    /// The family of titles of --base-url
    #[arg(long, default_value = "mal", requires = "base_url")]
    pub catalogue: Catalogue,
    /// The source of --base-url
    #[arg(long, requires = "base_url")]
    pub source: Option<String>,
    /// The most pages of each
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub pages: u32,
}

/// What `backfill` captures.
#[derive(Args)]
pub struct Backfill {
    /// Which seasons: 2010-winter..2026-fall, or a single one
    #[arg(long)]
    pub season: Seasons,
    /// The most pages of each
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..))]
    pub pages: u32,
    /// A season that was captured within so many days is left out
    #[arg(long, default_value_t = 7)]
    pub max_age_days: u16,
}

/// How `probe` answers.
#[derive(Args)]
pub struct Probe {
    /// Print a line of JSON for each base URL
    #[arg(long)]
    pub json: bool,
}

/// Which runs `runs` shows.
#[derive(Args)]
pub struct Runs {
    /// How many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Only those of this dataset
    #[arg(long)]
    pub dataset: Option<Dataset>,
    /// Print each run's last event as JSON, a line each
    #[arg(long)]
    pub json: bool,
}
