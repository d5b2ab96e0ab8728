//! `observability`: writes what is made of the definitions.

use std::{fs, num::NonZeroU32, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use kansoku_observability::{Alerts, Events, Recording, alert_rules, generated, recording_rules};

#[derive(Parser)]
#[command(about = "Makes rules and tables of what observability/*.toml says")]
struct Cli {
    /// The checkout
    #[arg(long, default_value = ".")]
    root: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write the files that are committed: the rules, docs/alerts.md and docs/logs.md
    Generate,
    /// Write the rules into a folder
    Rules {
        /// The folder
        folder: PathBuf,
        /// Divide every window and duration by this, so that a rehearsal takes seconds
        #[arg(long, default_value = "1")]
        speed: NonZeroU32,
    },
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let definitions = cli.root.join("observability");
    let (alerts, recording) = (Alerts::read(&definitions)?, Recording::read(&definitions)?);
    let write = |path: PathBuf, text: String| {
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))
    };
    match cli.command {
        Command::Generate => generated(&alerts, &recording, &Events::read(&definitions)?)
            .into_iter()
            .try_for_each(|file| write(cli.root.join(file.path), file.text)),
        Command::Rules { folder, speed } => {
            fs::create_dir_all(&folder).with_context(|| format!("make the folder {}", folder.display()))?;
            for (name, text) in recording_rules(&recording, speed) {
                write(folder.join(name), text)?;
            }
            write(folder.join("alerts.yaml"), alert_rules(&alerts, speed))
        }
    }
}
