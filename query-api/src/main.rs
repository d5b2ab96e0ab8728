//! The process `query-api`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kansoku_query_api::{openapi, start};
use kansoku_service::Common;

/// Answers over HTTP from what the database holds, and serves the web UI
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
    /// Print the OpenAPI document
    Openapi,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let Some(Command::Openapi) = cli.command else {
        return kansoku_service::run("query-api", cli.common, start);
    };
    match openapi::rendered() {
        Ok(document) => print!("{document}"),
        Err(error) => {
            eprintln!("query-api: print the OpenAPI document: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
