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

/// Rows are many short texts: with the system's allocator a row costs a quarter more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    kansoku_service::run("validator", cli.common, kansoku_validator::start)
}
