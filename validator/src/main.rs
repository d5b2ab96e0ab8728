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

// What one thread reads another frees, by the million: ADR 36.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    kansoku_service::run("validator", cli.common, kansoku_validator::start)
}
