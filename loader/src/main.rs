//! The process `loader`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kansoku_loader::{migrate, rebuild, start};
use kansoku_service::Common;

/// Commits judged pages and run events to Postgres
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Bring the tables up to date, then consume (what happens without a command)
    Run,
    /// Bring the tables up to date and end
    Migrate,
    /// Make all that is derived of titles again from the observations, and end
    Rebuild,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    match cli.command.unwrap_or(Command::Run) {
        Command::Run => kansoku_service::run("loader", cli.common, start),
        Command::Migrate => kansoku_service::command("loader", cli.common, migrate),
        Command::Rebuild => kansoku_service::command("loader", cli.common, rebuild),
    }
}
