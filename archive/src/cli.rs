//! The command line.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, CommandFactory, Parser, Subcommand, error::ErrorKind};
use kansoku_schemas::{Catalogue, Dataset};
use kansoku_service::Common;

use crate::instant::is_leap;

/// Imports recordings, exports RAW, and keeps it in files
#[derive(Parser)]
#[command(name = "archive", version)]
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
            None if common.only_asks() => (common, Command::Keep),
            None => Self::command()
                .error(ErrorKind::MissingSubcommand, "say what to do: import, export or keep")
                .exit(),
        }
    }
}

const IMPORT_FORMS: &str = "\
In captures.json, url is https://host/v4/…, /v4/… or either after GET; date is RFC 3339, RFC 2822 (HTTP) or a day, which is its
midnight UTC. What is written otherwise is left out and named, and the command ends with 1. docs/guides/import.md says more.";

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Publish recordings to RAW
    #[command(after_help = IMPORT_FORMS)]
    Import(Import),
    /// Write what is in RAW into an archive that `import` reads
    Export(Export),
    /// Write RAW into archive files as it grows, until stopped
    Keep,
}

/// An instant, or words that show what one looks like.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let looks = || "an instant looks like 2026-11-01T00:00:00Z or 2026-11-01T09:00:00+09:00".to_owned();
    let at = text.parse().map_err(|_| looks())?;
    if is_leap(at) { Err("a leap second, which no table has".to_owned()) } else { Ok(at) }
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

/// What `import` reads.
#[derive(Args)]
pub struct Import {
    /// Folders with an index captures.json, archives (.jsonl, .jsonl.zst), files of one page, or - for standard input
    #[arg(required_unless_present = "csv")]
    pub paths: Vec<String>,
    /// A history of your own instead: a CSV file with a header, each line the numbers of one title at one instant
    #[arg(long, value_name = "FILE", requires = "map", conflicts_with_all = ["paths", "dataset", "captured_at", "url", "page", "source", "catalogue"])]
    pub csv: Option<PathBuf>,
    /// Which column of --csv is what (TOML; archive/history.example.toml shows every key)
    #[arg(long, value_name = "FILE", requires = "csv", conflicts_with = "paths")]
    pub map: Option<PathBuf>,
    #[command(flatten)]
    /// What the files do not say of themselves.
    pub described: Described,
    /// Bring pages again that were brought before: where RAW has dropped some before they were read
    #[arg(long, conflicts_with = "csv")]
    pub again: bool,
    /// Print the table as JSON
    #[arg(long)]
    pub json: bool,
}

/// What files do not say of themselves.
#[derive(Debug, Clone, Args)]
pub struct Described {
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
}

impl Described {
    /// Whether nothing but the command line describes the files: each is one page.
    pub(crate) fn is_loose(&self) -> bool {
        self.dataset.is_some() || self.captured_at.is_some() || self.url.is_some() || self.page.is_some()
    }
}

impl Default for Described {
    fn default() -> Self {
        let (dataset, captured_at, url, page, source) = (None, None, None, None, None);
        Self { dataset, captured_at, url, page, source, catalogue: Catalogue::Mal }
    }
}
