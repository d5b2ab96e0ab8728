//! The process `replayer`.

use std::process::ExitCode;

use clap::Parser;
use kansoku_service::Common;

/// Brings operators' actions to AUDIT, dry-runs dead letters and replays them
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(flatten)]
    common: Common,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    kansoku_service::run("replayer", cli.common, kansoku_replayer::start)
}
