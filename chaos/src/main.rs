//! `chaos`: runs experiments, or many faults drawn from a seed.

use std::{
    hash::{BuildHasher as _, RandomState},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Result, ensure};
use clap::{Parser, Subcommand};
use kansoku_chaos::{experiment::Experiment, random, report, run::run};
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
        /// The seed of the sample catalogue
        #[arg(long, default_value_t = 7)]
        seed: u64,
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
        Command::Run { names, alerts, seed } => {
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
