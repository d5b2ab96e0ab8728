//! The command line.

use std::{io::Write as _, net::SocketAddr, path::PathBuf, process::ExitCode, str::FromStr};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Parser, Subcommand};
use kansoku_schemas::{LISTS, Target};
use kansoku_service::{Clock as _, FastClock, SystemClock};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    archive::{self, Gap, Output, USUAL},
    faults::CATALOGUE,
    recorded::Recorded,
    serve::{Now, Options, Simulator, serve, serve_control},
};

/// The exit code of a command that was called wrongly.
const USAGE: u8 = 64;

/// An upstream that speaks Jikan v4, with titles that do not exist.
#[derive(Debug, Parser)]
#[command(name = "jikan-sim", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Archive(ArchiveArgs),
    Serve(Box<ServeArgs>),
    /// List what can go wrong: name, case of drift, what it does.
    Faults,
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
    #[arg(long, value_delimiter = ',', default_values_t = USUAL, value_parser = target)]
    datasets: Vec<Target>,
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
    /// Begin at this instant and let time run fast until it has caught up with the present.
    #[arg(long, requires = "day", conflicts_with = "now", value_name = "INSTANT")]
    from: Option<DateTime<Utc>>,
    /// How long a simulated day takes after --from: 60s, 500ms, 2min or 1h.
    #[arg(long, requires = "from", value_parser = kansoku_service::parse_day)]
    day: Option<u64>,
    /// When --from was, by the real clock; now where it is not given. So a simulator that is started again goes on.
    #[arg(long, requires = "from", value_name = "INSTANT")]
    started: Option<DateTime<Utc>>,
    /// Open a control port: POST /faults switches one on, as {"name": …} with path (how it begins), page, rows, count and
    /// every to limit it; DELETE /faults switches all off; GET /requests lists what came, with the hash of each answer. Port 0 takes a free one, which is printed on
    /// the second line.
    #[arg(long, value_name = "ADDRESS")]
    control: Option<SocketAddr>,
    /// Answer what is recorded in this folder (captures.json and its files) instead of the invented world.
    #[arg(long, value_name = "DIR")]
    recorded: Option<PathBuf>,
    /// What the header X-Kansoku-Source says.
    #[arg(long, value_name = "NAME", default_value = crate::SOURCE, value_parser = source)]
    source: String,
    /// Ask the simulator that listens there whether it is alive (exit code 0 or 1), and end.
    #[arg(long)]
    healthcheck: bool,
}

/// A name that can stand in a header.
fn source(text: &str) -> Result<String> {
    let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    ensure!(fits, "a source is a word of ASCII");
    Ok(text.to_owned())
}

/// Something that can be captured regularly.
fn target(word: &str) -> Result<Target> {
    let target: Target = word.parse()?;
    let is_list = !matches!(target, Target::One(dataset) if dataset.path(1).is_none());
    ensure!(is_list, "{word} is no list of an upstream; lists: {LISTS}");
    Ok(target)
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
            Self::Clock => SystemClock.now(),
        }
    }
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
        Command::Serve(arguments) if arguments.healthcheck => {
            kansoku_service::healthcheck(arguments.listen, "/livez")
        }
        Command::Serve(arguments) => serve_until_told(*arguments),
        Command::Faults => list_faults(),
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
    let ArchiveArgs { days, until, seed, gap, bad_rows, datasets: targets, output } = arguments;
    let request = archive::Request { seed, days, until: until.get(), gap, bad_rows, targets };
    if request.until > SystemClock.now() {
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

fn list_faults() -> Result<()> {
    let mut out = std::io::stdout().lock();
    for fault in CATALOGUE {
        let case = fault.case.map_or_else(|| "-".to_owned(), |case| case.to_string());
        writeln!(out, "{:<20} {case:<4} {}", fault.name, fault.about).context("print the faults")?;
    }
    Ok(())
}

impl ServeArgs {
    /// The clock by which it lives.
    fn clock(&self) -> Result<Now> {
        let (Some(from), Some(day_ms)) = (self.from, self.day) else {
            let now = self.now;
            return Ok(Box::new(move || now.get()));
        };
        let started = self.started.unwrap_or_else(|| SystemClock.now());
        ensure!(from <= started, "--from {from} lies in the future");
        let fast = FastClock { from, started, day_ms };
        Ok(Box::new(move || fast.at(SystemClock.now())))
    }
}

fn serve_until_told(arguments: ServeArgs) -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
    let now = arguments.clock()?;
    let options = Options {
        recorded: arguments.recorded.as_deref().map(Recorded::read).transpose()?,
        source: Some(arguments.source),
    };
    let simulator = Simulator::with(arguments.seed, now, options);
    let control = simulator.control();
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("listen for SIGINT")?;
        let (listener, address) = bind(arguments.listen).await?;
        writeln!(std::io::stdout(), "http://{address}/v4").context("print the address")?;
        if let Some(address) = arguments.control {
            let (listener, address) = bind(address).await?;
            writeln!(std::io::stdout(), "control http://{address}").context("print the address")?;
            // It ends with the runtime.
            tokio::spawn(serve_control(control, listener, std::future::pending()));
        }
        serve(simulator, listener, async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        })
        .await
    })
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("listen on {address}"))?;
    let address = listener.local_addr().context("read the port")?;
    Ok((listener, address))
}
