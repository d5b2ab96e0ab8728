//! The simulator's command.

use std::process::ExitCode;

fn main() -> ExitCode {
    kansoku_jikan_sim::cli::run(std::env::args_os())
}
