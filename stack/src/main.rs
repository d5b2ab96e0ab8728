//! `stack`: the command behind `make up`, `make down`, `make reset`, `make env` and `make status`.

use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};
use kansoku_stack::{
    observe, postgres,
    up::{
        env, folders::Folders, incident, renew, reset, source::Options, start, status, stop, supervise,
        systemd,
    },
};

#[derive(Parser)]
#[command(about = "Starts and stops Kansoku with its servers on this machine")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything and fill the sample history
    Up {
        /// Days of sample history, at the first start: 120 unless said, 0 for none
        #[arg(long, value_parser = clap::value_parser!(u32).range(..=720))]
        days: Option<u32>,
        /// What is captured from: `sim`, the simulator, or `live`; what was chosen stays
        #[arg(long)]
        source: Option<SourceName>,
        /// Speak TLS on every connection, or no longer; what was chosen stays
        #[arg(long)]
        tls: Option<bool>,
        /// Let the simulator's time begin ten days ago and a day of it take so long (60s, 2min, 1h), until it has caught up
        #[arg(long, value_parser = kansoku_service::parse_day)]
        fast: Option<u64>,
        /// An address by which the people of a live API reach you; needed for it
        #[arg(long)]
        contact: Option<String>,
        /// A base URL for when the first live API fails, such as a jikan-rest of your own; several by spaces
        #[arg(long)]
        base_url: Vec<String>,
    },
    /// Stop everything and keep the data
    Down,
    /// Stop everything and delete the data; asks before
    Reset {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Print the addresses as shell assignments
    Env,
    /// Say what runs
    Status,
    /// Let the sample's upstream change a field, so that there are dead letters to work with
    Incident,
    /// Put the upstream and the schemas back after `incident`
    IncidentUndo,
    /// Start what watches this installation: Prometheus, Alertmanager, the collector, and Grafana, Tempo, Loki where they are
    Observe,
    /// Stop what watches it
    ObserveDown,
    /// Receive messages in the place of Slack, until it is stopped
    Slack {
        /// The address
        #[arg(long)]
        listen: std::net::SocketAddr,
        /// What they are appended to
        #[arg(long)]
        file: std::path::PathBuf,
        /// Refuse them, as a Slack that is down; `PUT /fail` and `DELETE /fail` switch that
        #[arg(long)]
        fail: bool,
        /// Ask the receiver that listens there whether it answers (exit code 0 or 1), and end
        #[arg(long)]
        healthcheck: bool,
    },
    /// Sign the certificates of TLS anew, and let everything that runs take them up
    RenewCertificates,
    /// Start at boot, and from now on, by a systemd unit
    Service,
    /// Stop, and remove the systemd unit
    Unservice,
    /// Run a command while one Postgres server serves the tests that it starts
    #[command(hide = true)]
    WithPostgres {
        /// The command and its arguments
        #[arg(last = true, required = true)]
        command: Vec<std::ffi::OsString>,
    },
    /// Own what watches (the background part of `observe`)
    #[command(hide = true)]
    SuperviseObserve,
    /// Own the servers and services (the background part of `up`)
    #[command(hide = true)]
    Supervise {
        /// End when standard input ends before a line came
        #[arg(long)]
        launched: bool,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SourceName {
    Sim,
    Live,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stack: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    if let Command::Slack { listen, file, fail, healthcheck } = command {
        if healthcheck {
            return kansoku_service::healthcheck(listen, "/");
        }
        return observe::slack::serve(listen, file, fail).await;
    }
    let folders = Folders::here()?;
    match command {
        Command::Slack { .. } => Ok(()),
        Command::Observe => observe::start::run(&folders).await,
        Command::ObserveDown => {
            let ran = stop::down(&folders.observe()).await?;
            println!(
                "{}",
                if ran {
                    "Nothing watches any more; what was recorded is kept."
                } else {
                    "Nothing watches here."
                }
            );
            Ok(())
        }
        Command::SuperviseObserve => observe::supervise::run(folders).await,
        Command::Up { days, source, tls, fast, contact, base_url } => {
            let live = source.map(|source| source == SourceName::Live);
            let base_urls =
                base_url.iter().flat_map(|urls| urls.split_whitespace()).map(str::to_owned).collect();
            let options = Options { live, fast_ms: fast, contact, base_urls };
            start::run(&folders, days, tls, options).await
        }
        Command::Down => {
            let ran = stop::down(&folders).await?;
            let watched = stop::down(&folders.observe()).await?;
            println!("{}", if ran || watched { "Stopped; the data is kept." } else { "Nothing runs." });
            Ok(())
        }
        Command::Reset { yes } => reset::run(&folders, yes).await,
        Command::Env => env::print(&folders),
        Command::Status => status::print(&folders).await,
        Command::Incident => incident::begin(&folders).await,
        Command::IncidentUndo => incident::undo(&folders).await,
        Command::RenewCertificates => renew::run(&folders).await,
        Command::Service => systemd::install(&folders).await,
        Command::Unservice => systemd::uninstall(&folders),
        Command::WithPostgres { command } => with_postgres(&command).await,
        Command::Supervise { launched } => supervise::run(folders, launched).await,
    }
}

async fn with_postgres(command: &[std::ffi::OsString]) -> anyhow::Result<()> {
    let (program, arguments) = command.split_first().context("name a command")?;
    let server = postgres::Server::temporary().await?;
    let mut running = tokio::process::Command::new(program)
        .args(arguments)
        .env("KANSOKU_TEST_POSTGRES", server.url("postgres"))
        .spawn()
        .context("start the command")?;
    let status = running.wait().await.context("wait for the command")?;
    server.stop().await?;
    anyhow::ensure!(status.success(), "the command ended with {status}");
    Ok(())
}
