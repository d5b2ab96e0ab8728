//! The process `loader`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kansoku_loader::{migrate, rebuild, rebuild_dead_letters, start};
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
    Rebuild {
        /// Make the dead letters again instead, from the streams DLQ and AUDIT
        #[arg(long)]
        dead_letters: bool,
    },
}

// What one thread reads another frees, by the million: ADR 36.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    match cli.command.unwrap_or(Command::Run) {
        Command::Run => kansoku_service::run("loader", cli.common, start),
        Command::Migrate => kansoku_service::command("loader", cli.common, migrate),
        Command::Rebuild { dead_letters: false } => kansoku_service::command("loader", cli.common, rebuild),
        Command::Rebuild { dead_letters: true } => {
            kansoku_service::command("loader", cli.common, rebuild_dead_letters)
        }
    }
}
