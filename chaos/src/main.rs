//! `chaos`: runs experiments, or many faults drawn from a seed.

use std::{
    hash::{BuildHasher as _, RandomState},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use kansoku_chaos::{experiment::Experiment, random, rehearse, report, run::run};
use kansoku_stack::tools;

/// Breaks a running pipeline on purpose, and counts every row afterwards
#[derive(Parser)]
#[command(name = "chaos", version)]
struct Cli {
    /// The folder of experiments
    #[arg(long, global = true, value_name = "DIR")]
    experiments: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the experiments
    List,
    /// Run experiments by name, or all
    Run {
        /// Which
        names: Vec<String>,
        /// Watch by a Prometheus with the rules of observability/, all windows cut: expected alerts have to fire and resolve
        #[arg(long)]
        alerts: bool,
        /// Draw what Prometheus recorded into this folder, a picture an experiment
        #[arg(long, value_name = "DIR", requires = "alerts")]
        figures: Option<PathBuf>,
        /// The seed of the sample catalogue
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// Play one incident on an installation of its own, from trigger to end, and write down what happened when
    Rehearse {
        /// The file that the recording is written into
        #[arg(long, value_name = "FILE", default_value = "rehearsal.json")]
        record: PathBuf,
    },
    /// Do many faults, drawn from a seed
    Random {
        /// How many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
        faults: u32,
        /// What the faults, their order and their length follow from; it is printed
        #[arg(long)]
        seed: Option<u64>,
        /// Stop after so many minutes
        #[arg(long, default_value_t = 600)]
        minutes: u64,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match done(Cli::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chaos: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn done(cli: Cli) -> Result<bool> {
    let folder = cli.experiments.unwrap_or_else(|| tools::root().join("chaos/experiments"));
    let all = Experiment::all(&folder)?;
    match cli.command {
        Command::List => {
            for Experiment { name, title, .. } in &all {
                println!("{name:24}  {title}");
            }
            Ok(true)
        }
        Command::Run { names, alerts, figures, seed } => {
            for name in &names {
                let known = all.iter().any(|one| one.name == *name);
                ensure!(known, "there is no experiment {name}; `chaos list` lists them");
            }
            let chosen = all.iter().filter(|one| names.is_empty() || names.contains(&one.name));
            let (mut outcomes, mut is_whole) = (Vec::new(), true);
            for experiment in chosen {
                if let Some(lack) = experiment.lacks() {
                    println!("{} SKIPPED: {lack}\n", experiment.name);
                    continue;
                }
                println!("{}: {}", experiment.name, experiment.hypothesis.trim());
                match run(experiment, seed, alerts).await {
                    Ok(outcome) => {
                        println!("{}", report::table(std::slice::from_ref(&outcome)));
                        if let (Some(folder), Some(svg)) = (&figures, &outcome.figures) {
                            let file = folder.join(format!("{}.svg", outcome.name));
                            std::fs::write(&file, svg)
                                .with_context(|| format!("write {}", file.display()))?;
                        }
                        outcomes.push(outcome);
                    }
                    Err(error) => {
                        println!("{} could not be run: {error:#}\n", experiment.name);
                        is_whole = false;
                    }
                }
            }
            if outcomes.len() > 1 {
                print!("{}", report::table(&outcomes));
            }
            Ok(is_whole && outcomes.iter().all(|outcome| outcome.refuted.is_empty()))
        }
        Command::Rehearse { record } => {
            print!("{}", rehearse::run(&record).await?);
            println!("recorded in {}", record.display());
            Ok(true)
        }
        Command::Random { faults, seed, minutes } => {
            let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(()));
            println!("SEED={seed} FAULTS={faults}");
            let limit = Duration::from_secs(60 * minutes);
            let outcome = random::run(seed, faults as usize, limit).await?;
            print!("{}", report::table(std::slice::from_ref(&outcome)));
            Ok(outcome.refuted.is_empty())
        }
    }
}
