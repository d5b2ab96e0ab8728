//! The process `replayer`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kansoku_service::Common;

/// Brings operators' actions to AUDIT, dry-runs dead letters and replays them
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
    /// Judges for a plan; the replayer starts it by itself
    #[command(hide = true)]
    Judge,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(Command::Judge) = cli.command {
        return if kansoku_replayer::judge().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    kansoku_service::run("replayer", cli.common, kansoku_replayer::start)
}
