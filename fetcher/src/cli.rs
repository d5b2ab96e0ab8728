//! The command line.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, CommandFactory, Parser, Subcommand, error::ErrorKind};
use kansoku_schemas::{Catalogue, Dataset, UnknownToken};
use kansoku_service::Common;

use crate::{
    backfill::Seasons,
    upstream::{LISTS, path},
};

/// Brings pages into RAW: from an upstream on a schedule, or from recordings
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
            None if common.check || common.print_config => (common, Command::Run),
            None => Self::command()
                .error(
                    ErrorKind::MissingSubcommand,
                    "say what to do: run, once, import, export, backfill, probe, plan or runs",
                )
                .exit(),
        }
    }
}

/// An instant, or words that show what one looks like.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    text.parse()
        .map_err(|_| "an instant looks like 2026-11-01T00:00:00Z or 2026-11-01T09:00:00+09:00".to_owned())
}

/// A list that an upstream can be asked for.
fn list(word: &str) -> Result<Dataset, String> {
    match word.parse() {
        Ok(dataset) if path(dataset, 1).is_some() => Ok(dataset),
        Ok(_) => Err(format!(
            "{word} is no list of an upstream (`fetcher import` takes such pages); lists: {LISTS}"
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
    /// Put recordings on the road
    Import(Import),
    /// Write what is in RAW into an archive that `import` reads
    Export(Export),
    /// Capture seasons of the past that are not there yet
    Backfill(Backfill),
    /// Ask every base URL for one page, and show how it stands
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
    /// Ask this base URL instead of the configured one (its source is then its address)
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

/// What `export` writes.
#[derive(Args)]
pub struct Export {
    /// A file (.jsonl, or .jsonl.zst to have it compressed), or - for standard output
    pub output: String,
    /// Only captures whose captured_at is at or after this instant (RFC 3339)
    #[arg(long, value_parser = instant)]
    pub from: Option<DateTime<Utc>>,
    /// Only captures whose captured_at is before this instant (RFC 3339)
    #[arg(long, value_parser = instant)]
    pub to: Option<DateTime<Utc>>,
    /// Replace the file if it is there
    #[arg(long)]
    pub force: bool,
    /// Print the table as JSON
    #[arg(long)]
    pub json: bool,
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

/// What `import` reads.
#[derive(Args)]
pub struct Import {
    /// Folders with an index captures.json, archives (.jsonl, .jsonl.zst), files of one page, or - for standard input
    #[arg(required_unless_present = "csv")]
    pub paths: Vec<String>,
    /// A history of your own instead: a CSV file with a header, each line the numbers of one title at one instant
    #[arg(long, value_name = "FILE", requires = "map", conflicts_with_all = ["paths", "dataset", "captured_at", "url", "page", "source", "catalogue"])]
    pub csv: Option<PathBuf>,
    /// Which column of --csv is what (TOML; fetcher/history.example.toml shows every key)
    #[arg(long, value_name = "FILE", requires = "csv", conflicts_with = "paths")]
    pub map: Option<PathBuf>,
    /// Where to write the lines of --csv that are no rows; beside it as <name>.refused.csv unless told otherwise
    #[arg(long, value_name = "FILE", requires = "csv", conflicts_with = "paths")]
    pub refused: Option<PathBuf>,
    /// What a single file is a page of
    #[arg(long)]
    pub dataset: Option<Dataset>,
    /// When a single file was recorded (RFC 3339)
    #[arg(long, value_parser = instant)]
    pub captured_at: Option<DateTime<Utc>>,
    /// The address a single file was fetched from
    #[arg(long)]
    pub url: Option<String>,
    /// The page number of a single file
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub page: Option<u32>,
    /// Where the bytes came from, where the recording does not say
    #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub source: Option<String>,
    /// The family of titles, where the recording does not say
    #[arg(long, default_value = "mal")]
    pub catalogue: Catalogue,
    /// Bring pages again that were brought before: where RAW has dropped some before they were read
    #[arg(long, conflicts_with = "csv")]
    pub again: bool,
    /// Print the table as JSON
    #[arg(long)]
    pub json: bool,
}
