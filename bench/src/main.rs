//! `bench`: measures the pipeline and the services on this machine beside its peers, and prints each figure beside its aim.

use std::{fs::Permissions, os::unix::fs::PermissionsExt, path::Path, process::ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use kansoku_bench::{
    answers, archive, dead_letters, fetching, flood, judge, overhead, page,
    peers::Peers,
    pipeline, questions,
    report::{self, Repetition},
    scale, services,
};
use kansoku_stack::{pipeline::Pipeline, port, postgres};

/// Measures speed and cost beside the peers. Needs the release programs: `make bench`.
#[derive(Debug, Parser)]
struct Cli {
    /// Days of the simulator's captures that go through the pipeline
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=720))]
    days: u32,
    /// How often each speed is measured
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    repetitions: u32,
    /// How often each service is started
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    starts: u32,
    /// Observations in the database that the API is asked over
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(150_000..=50_000_000))]
    observations: u32,
    /// Measure that alone
    #[arg(long)]
    questions: bool,
    /// Dead letters in the database that operators ask over
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(20_000..=10_000_000))]
    letters: u32,
    /// Measure what is about dead letters alone
    #[arg(long, conflicts_with = "questions")]
    dead_letters: bool,
    /// Measure a flood of bad rows alone
    #[arg(long, conflicts_with_all = ["questions", "dead_letters"])]
    flood: bool,
    /// Measure what traces cost alone
    #[arg(long, conflicts_with_all = ["questions", "dead_letters", "flood"])]
    overhead: bool,
    /// Measure several validators, loaders and nats-servers alone
    #[arg(long, conflicts_with_all = ["questions", "dead_letters", "flood", "overhead"])]
    scale: bool,
    /// The address of the `postgres` database of a server on this machine; without it one is started
    #[arg(long)]
    postgres: Option<String>,
    /// Measure in the server that the environment names
    #[arg(long, hide = true)]
    inside: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let ran = if cli.inside { measure(&cli).await } else { with_postgres(&cli).await };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs this program again beside a Postgres that waits for the disk, as the one of `make up` does.
async fn with_postgres(cli: &Cli) -> Result<()> {
    if let Some(url) = &cli.postgres {
        return again(cli, url).await;
    }
    let open = Permissions::from_mode(0o755);
    let folder = tempfile::Builder::new().prefix("kansoku-bench-").permissions(open).tempdir();
    let folder = folder.context("make a folder for Postgres")?;
    let options = postgres::Options {
        data: folder.path().join("data"),
        log: folder.path().join("log"),
        port: port::free()?,
        password: None,
        durable: true,
        tls: None,
    };
    let server = postgres::Server::start(options).await?;
    let ran = again(cli, &server.url("postgres")).await;
    server.stop().await?;
    ran
}

/// The stack takes a lent server from the environment, which a program cannot set for itself without `unsafe`.
async fn again(cli: &Cli, postgres: &str) -> Result<()> {
    let program = std::env::current_exe().context("find the running program")?;
    let mut measuring = tokio::process::Command::new(program);
    measuring.arg("--inside").env("KANSOKU_TEST_POSTGRES", postgres);
    for (option, value) in [
        ("--days", cli.days),
        ("--repetitions", cli.repetitions),
        ("--starts", cli.starts),
        ("--observations", cli.observations),
        ("--letters", cli.letters),
    ] {
        measuring.arg(option).arg(value.to_string());
    }
    measuring.args(cli.questions.then_some("--questions"));
    measuring.args(cli.dead_letters.then_some("--dead-letters"));
    measuring.args(cli.flood.then_some("--flood"));
    measuring.args(cli.overhead.then_some("--overhead"));
    measuring.args(cli.scale.then_some("--scale"));
    let status = measuring.status().await.context("run the measurements")?;
    ensure!(status.success(), "the measurements ended with {status}");
    Ok(())
}

async fn measure(cli: &Cli) -> Result<()> {
    if cli.questions {
        println!("{}\n", machine()?);
        return ask(cli).await;
    }
    let folder = tempfile::Builder::new().prefix("kansoku-bench-").tempdir().context("make a folder")?;
    let file = folder.path().join("sample.jsonl");
    eprintln!("Writing {} days of captures", cli.days);
    archive::write(cli.days, &file)?;
    let pages = archive::read(&file)?;
    if cli.dead_letters {
        println!("{}\n", machine()?);
        return dead_letters(cli, &pages, &file, folder.path()).await;
    }
    if cli.flood {
        println!("{}\n", machine()?);
        return flood(cli, &file, folder.path()).await;
    }
    if cli.overhead {
        println!("{}\n", machine()?);
        return overhead(cli, &file).await;
    }
    if cli.scale {
        println!("{}\n", machine()?);
        return scale(cli, &file).await;
    }
    let bytes: usize = pages.iter().map(|page| page.body.len()).sum();
    println!("{}; {} pages, {} MB of bodies\n", machine()?, pages.len(), bytes / 1_000_000);
    let peers = Peers::install()
        .inspect_err(|error| println!("The peers are skipped, as Python cannot run them here: {error:#}\n"))
        .ok();
    let (mut all, mut answered, mut seen) = (Vec::new(), Vec::new(), None);
    for number in 1..=cli.repetitions {
        eprintln!("Repetition {number} of {}: judge, pipeline, answers, peers", cli.repetitions);
        let judge = judge::measure(&pages)?;
        let filled = pipeline::fill(&file).await?;
        let ours = pipeline::measure(&filled).await?;
        answered.push(answers::measure(&filled.pipeline).await?);
        if number == cli.repetitions {
            seen = see(&filled.pipeline, cli.starts).await;
        }
        let peers = match &peers {
            Some(peers) => Some((peers.judge(&file)?, peers.pipeline(&filled, ours.rows).await?)),
            None => None,
        };
        all.push(Repetition { judge, fill: filled.rate, ours, peers });
    }
    println!("{}", report::speed(&all));
    println!("{}", report::answers(&answered));
    println!("{}", report::page(seen.as_ref()));
    overhead(cli, &file).await?;
    scale(cli, &file).await?;
    eprintln!("Fetching from the simulator");
    println!("{}", report::fetching(&fetching::measure(folder.path()).await?));
    eprintln!("Starting each service {} times", cli.starts);
    let starts = usize::try_from(cli.starts).context("count the starts")?;
    println!("{}", report::cost(&services::measure(starts, folder.path(), &file).await?));
    ask(cli).await?;
    dead_letters(cli, &pages, &file, folder.path()).await
}

async fn overhead(cli: &Cli, file: &Path) -> Result<()> {
    eprintln!("The pipeline and cached answers, with traces and without, {} times", cli.repetitions);
    let mut all = Vec::new();
    for number in 0..cli.repetitions {
        all.push(overhead::measure(file, number % 2 == 1).await?);
    }
    println!("{}", report::overhead(&all));
    Ok(())
}

async fn scale(cli: &Cli, file: &Path) -> Result<()> {
    eprintln!("The pipeline by several validators, loaders and nats-servers, {} times", cli.repetitions);
    let mut all = Vec::new();
    for number in 0..cli.repetitions as usize {
        all.push(scale::measure(file, number).await?);
    }
    println!("{}", report::scale(&all));
    Ok(())
}

async fn flood(cli: &Cli, file: &Path, folder: &Path) -> Result<()> {
    eprintln!("A flood of bad rows, {} times", cli.repetitions);
    let mut all = Vec::new();
    for _ in 0..cli.repetitions {
        all.push(flood::measure(file, folder).await?);
    }
    println!("{}", report::flood(&all));
    Ok(())
}

async fn dead_letters(cli: &Cli, pages: &[archive::Page], file: &Path, folder: &Path) -> Result<()> {
    flood(cli, file, folder).await?;
    eprintln!("Asking for {} dead letters, judging and replaying some", cli.letters);
    match dead_letters::measure(cli.letters, pages).await {
        Ok(measured) => println!("{}", report::dead_letters(&measured)),
        Err(error) => eprintln!("questions about dead letters: not measured: {error:#}"),
    }
    Ok(())
}

/// What a person sees of a full database; nothing where no browser runs here.
async fn see(pipeline: &Pipeline, times: u32) -> Option<page::Measured> {
    eprintln!("Opening each page {times} times");
    let seen = page::measure(pipeline, times).await;
    seen.inspect_err(|error| println!("The page is skipped, as no browser can open it here: {error:#}\n"))
        .ok()
}

async fn ask(cli: &Cli) -> Result<()> {
    eprintln!("Asking the API over {} observations", cli.observations);
    println!("{}", report::questions(&questions::measure(cli.observations).await?));
    Ok(())
}

/// What else the figures depend on.
fn machine() -> Result<String> {
    let cores = std::thread::available_parallelism().context("count the cores")?;
    let load = std::fs::read_to_string("/proc/loadavg").context("read the load")?;
    let load = load.split(' ').next().unwrap_or_default();
    Ok(format!("{cores} cores, load {load} before the run"))
}
