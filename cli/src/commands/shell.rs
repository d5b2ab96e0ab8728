//! What a shell needs: completions and man pages.

use std::path::Path;

use clap::CommandFactory;

use crate::{
    args::Cli,
    failure::{Failure, Outcome, usage},
    screen::Screen,
};

/// Prints completions.
pub(super) fn completions(shell: clap_complete::Shell, screen: &mut Screen) -> Result<Outcome, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "kansoku", &mut text);
    screen.print_script(&String::from_utf8_lossy(&text))?;
    Ok(Outcome::Done)
}

/// Writes a page for each command.
pub(super) fn man(dir: &Path, screen: &mut Screen) -> Result<Outcome, Failure> {
    let write = || {
        std::fs::create_dir_all(dir)?;
        clap_mangen::generate_to(Cli::command(), dir)
    };
    write().map_err(|error| usage(format!("write man pages into {}: {error}", dir.display())))?;
    screen.note(&format!("the pages are in {0}; man -l {0}/kansoku.1 shows the first", dir.display()));
    Ok(Outcome::Done)
}
