//! The process `fetcher`.

use std::process::ExitCode;

use kansoku_fetcher::{
    cli::{Cli, Command},
    commands::{backfill, once, probe, run, runs, show_plan},
};

fn main() -> ExitCode {
    let (common, command) = Cli::read();
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    match command {
        Command::Run => kansoku_service::run("fetcher", common, run),
        Command::Once(what) => {
            kansoku_service::command("fetcher", common, async move |context| once(context, what).await)
        }
        Command::Backfill(what) => {
            kansoku_service::command("fetcher", common, async move |context| backfill(context, what).await)
        }
        Command::Probe(what) => {
            kansoku_service::command("fetcher", common, async move |context| probe(context, what).await)
        }
        Command::Plan => kansoku_service::command("fetcher", common, show_plan),
        Command::Runs(what) => {
            kansoku_service::command("fetcher", common, async move |context| runs(context, what).await)
        }
    }
}
