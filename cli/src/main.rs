//! `kansoku`: the operator's command, a thin client of the API.

mod api;
mod args;
mod commands;
mod difference;
mod failure;
mod model;
mod outside;
mod screen;
mod table;
mod times;
mod visible;

use std::process::ExitCode;

use clap::Parser;

use crate::{args::Cli, failure::Outcome, screen::Screen};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut screen = Screen::new(cli.connection.json);
    match commands::run(cli, &mut screen) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NotPassed) => ExitCode::FAILURE,
        Err(failure) => {
            screen.note(&format!("kansoku: {}", failure.words));
            ExitCode::from(failure.kind as u8)
        }
    }
}
