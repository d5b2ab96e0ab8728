//! The command line.

use std::{io::Write as _, net::SocketAddr, path::PathBuf, process::ExitCode, str::FromStr};

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Parser, Subcommand};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    archive::{self, Gap, Output, Wanted},
    serve::{Simulator, serve},
};

/// The exit code of a command that was called wrongly.
const USAGE: u8 = 64;

/// An upstream that speaks Jikan v4 and tells of titles that do not exist.
#[derive(Debug, Parser)]
#[command(name = "jikan-sim", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Archive(ArchiveArgs),
    Serve(ServeArgs),
}

/// Write what would have been captured in the days before an instant.
#[derive(Debug, Args)]
struct ArchiveArgs {
    /// How many days of captures, the last one included.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// The instant after which nothing is captured, such as 2026-11-23T12:00:00Z, or `now`.
    #[arg(long, default_value = "now")]
    until: Instant,
    /// The same seed gives the same world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Days without captures: 22:2 leaves out the days 22 and 21 days ago. None by default.
    #[arg(long, value_name = "DAYS_AGO:LENGTH")]
    gap: Option<Gap>,
    /// How many rows to break on purpose, spread over the last four weeks but for the last day.
    #[arg(long, default_value_t = 0)]
    bad_rows: usize,
    /// What to capture: datasets (daily), and `seasons` for the last eight seasons (weekly).
    #[arg(long, value_delimiter = ',', default_values_t = Wanted::USUAL)]
    datasets: Vec<Wanted>,
    /// The file; compressed when its name ends in .zst; - is standard output.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// Answer the endpoints of Jikan v4 under /v4 and /v1.
#[derive(Debug, Args)]
struct ServeArgs {
    /// Address and port; port 0 takes a free one, which is printed.
    #[arg(long, default_value = "127.0.0.1:7450")]
    listen: SocketAddr,
    /// The same seed gives the same world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The instant at which the world stands still, or `real`.
    #[arg(long, default_value = "real")]
    now: Instant,
}

/// An instant, or the clock.
#[derive(Debug, Clone, Copy)]
enum Instant {
    Fixed(DateTime<Utc>),
    Clock,
}

impl FromStr for Instant {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if matches!(text, "now" | "real") {
            return Ok(Self::Clock);
        }
        let instant = text.parse().with_context(|| "an instant looks like 2026-11-23T12:00:00Z")?;
        Ok(Self::Fixed(instant))
    }
}

impl Instant {
    fn get(self) -> DateTime<Utc> {
        match self {
            Self::Fixed(instant) => instant,
            Self::Clock => clock(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the only place where the simulator looks at a clock")]
fn clock() -> DateTime<Utc> {
    Utc::now()
}

/// Runs the command that the arguments name.
pub fn run(arguments: impl Iterator<Item = std::ffi::OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Where even this cannot be printed there is nobody to tell.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let done = match cli.command {
        Command::Archive(arguments) => write_archive(arguments),
        Command::Serve(arguments) => serve_until_told(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jikan-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn write_archive(arguments: ArchiveArgs) -> Result<()> {
    let ArchiveArgs { days, until, seed, gap, bad_rows, datasets: wanted, output } = arguments;
    let request = archive::Request { seed, days, until: until.get(), gap, bad_rows, wanted };
    if request.until > clock() {
        let until = request.until.to_rfc3339_opts(SecondsFormat::Secs, true);
        eprintln!("  {until} lies in the future: an import leaves out what is not captured yet");
    }
    let mut writer = Output::open(&output)?;
    let mut tenths = 0;
    let totals = archive::write(&request, &mut writer, |number, of, at| {
        if number * 10 / of > tenths {
            tenths = number * 10 / of;
            eprintln!("  {tenths}0 %, at {}", at.format("%Y-%m-%d"));
        }
    })?;
    let size = writer.finish()?;
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    eprintln!(
        "{} runs, {} pages, {} rows ({} of them broken on purpose), {:.1} MiB of bodies{}",
        totals.runs,
        totals.pages,
        totals.rows,
        totals.bad_rows,
        mebibytes(totals.body_bytes),
        size.map_or_else(String::new, |size| format!(", {:.1} MiB in {}", mebibytes(size), output.display()))
    );
    Ok(())
}

fn serve_until_told(arguments: &ServeArgs) -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
    let now = arguments.now;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("listen for SIGINT")?;
        let address = arguments.listen;
        let listener = TcpListener::bind(address).await.with_context(|| format!("listen on {address}"))?;
        let address = listener.local_addr().context("ask for the port")?;
        writeln!(std::io::stdout(), "http://{address}/v4").context("print the address")?;
        let simulator = Simulator::new(arguments.seed, Box::new(move || now.get()));
        serve(simulator, listener, async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        })
        .await
    })
}
