//! The process `archive`.

use std::process::ExitCode;

use kansoku_archive::{
    cli::{Cli, Command},
    commands::{export, import, keep},
};

const NAME: &str = "archive";

fn main() -> ExitCode {
    let (common, command) = Cli::read();
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    match command {
        Command::Keep => kansoku_service::run(NAME, common, keep),
        Command::Import(what) => {
            kansoku_service::command(NAME, common, async move |context| import(context, what).await)
        }
        Command::Export(what) => {
            kansoku_service::command(NAME, common, async move |context| export(context, what).await)
        }
    }
}
