//! The process `query-api`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kansoku_query_api::{
    openapi,
    operator::access::{self, OperatorCommand},
    start,
};
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
    /// Say who may work with dead letters
    Operator {
        #[command(subcommand)]
        command: OperatorCommand,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    match cli.command {
        None => kansoku_service::run("query-api", cli.common, start),
        Some(Command::Openapi) => print_document(),
        Some(Command::Operator { command }) => {
            kansoku_service::command("query-api", cli.common, async |context| {
                access::run(context, command).await
            })
        }
    }
}

fn print_document() -> ExitCode {
    match openapi::rendered() {
        Ok(document) => print!("{document}"),
        Err(error) => {
            eprintln!("query-api: print the OpenAPI document: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
