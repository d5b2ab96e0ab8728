//! The process `validator`.

use std::process::ExitCode;

use clap::Parser;
use kansoku_service::Common;

/// Judges raw pages row by row: accepted rows go to VALID, the others to DLQ
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
    kansoku_service::run("validator", cli.common, kansoku_validator::start)
}
