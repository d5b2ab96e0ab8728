//! From the command line to the exit code.

use std::{pin::pin, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::{
    runtime::{Builder, Runtime},
    select,
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc::UnboundedReceiver,
    time::sleep,
};

use crate::{
    Clock, Common, Context, Health, Metrics, Settings, Stop, SystemClock, Tasks, VERSION,
    config::Loaded,
    environment::{self, Environment},
    healthcheck::healthcheck,
    process, say,
    settings::ConfigError,
    tasks::guard,
    telemetry::{self, Audience, Exporter},
};

/// The command line or the configuration will not do (`EX_USAGE` of sysexits.h).
const USAGE: u8 = 64;
/// How long work in hand may take once stopping was asked for. With [`FLUSH`] the process is gone within ten seconds.
const DRAIN: Duration = Duration::from_secs(8);
/// How long the last spans may take to their collector.
const FLUSH: Duration = Duration::from_millis(1500);

/// Runs a service until SIGTERM or SIGINT, until `main` ends, or until one of its tasks dies. A second signal ends it at
/// once. Logs are JSON on standard output.
pub fn run<C: Settings>(
    service: &'static str,
    common: Common,
    main: impl AsyncFnOnce(Context<C>) -> anyhow::Result<()>,
) -> ExitCode {
    start(service, &common, Audience::Machine, main)
}

/// Runs a command that ends by itself, for a person: standard output is left to its result, and what goes wrong is text
/// on standard error.
pub fn command<C: Settings>(
    service: &'static str,
    common: Common,
    main: impl AsyncFnOnce(Context<C>) -> anyhow::Result<()>,
) -> ExitCode {
    start(service, &common, Audience::Person, main)
}

fn start<C: Settings>(
    service: &'static str,
    common: &Common,
    audience: Audience,
    main: impl AsyncFnOnce(Context<C>) -> anyhow::Result<()>,
) -> ExitCode {
    let environment = Environment::read();
    let (loaded, exporter) = match prepare::<C>(service, common, &environment) {
        Ok(prepared) => prepared,
        Err(error) => {
            say(format!("{service}: the configuration will not do: {error}"));
            // A container engine knows 0 and 1.
            return if common.healthcheck { ExitCode::FAILURE } else { ExitCode::from(USAGE) };
        }
    };
    if common.only_asks() {
        return inspect(service, common, &loaded);
    }
    let runtime = match Builder::new_multi_thread().enable_all().build().context("start the runtime") {
        Ok(runtime) => runtime,
        Err(error) => return fail(service, &error),
    };
    let instance = environment::instance();
    let _inside = runtime.enter();
    let running = telemetry::start(service, &instance, &loaded.telemetry, audience, exporter.as_ref());
    let running = match running.context("start telemetry") {
        Ok(running) => running,
        Err(error) => return fail(service, &error),
    };
    let ended = runtime.block_on(supervise(service, instance, loaded.service, &running, main));
    let code = match ended {
        End::Well => ExitCode::SUCCESS,
        End::Badly(error) => {
            match audience {
                Audience::Machine => {
                    tracing::error!(error = format!("{error:#}"), "{service} failed: {error:#}")
                }
                Audience::Person => say(format!("{service}: {error:#}")),
            }
            ExitCode::FAILURE
        }
        End::AtOnce => return ExitCode::FAILURE,
    };
    flush(&runtime, running);
    // What still blocks a thread must not hold up the end.
    drop(_inside);
    runtime.shutdown_background();
    code
}

fn prepare<C: Settings>(
    service: &str,
    common: &Common,
    environment: &Environment,
) -> Result<(Loaded<C>, Option<Exporter>), ConfigError> {
    let serves_already = common.healthcheck || common.print_config;
    let now = (!serves_already).then(|| SystemClock.now());
    let loaded = Loaded::read(service, common.config.as_deref(), environment, now)?;
    Ok((loaded, Exporter::from_environment(environment)?))
}

fn inspect<C: Settings>(service: &str, common: &Common, loaded: &Loaded<C>) -> ExitCode {
    if common.healthcheck {
        if let Err(error) = healthcheck(loaded.service.health_address(), "/readyz") {
            return fail(service, &error.context("it is not ready"));
        }
        println!("{service} is ready");
    } else if common.print_config {
        match loaded.print().context("write the configuration as TOML") {
            Ok(text) => print!("{text}"),
            Err(error) => return fail(service, &error),
        }
    } else {
        println!("the configuration of {service} is valid");
    }
    ExitCode::SUCCESS
}

fn fail(service: &str, error: &anyhow::Error) -> ExitCode {
    say(format!("{service}: {error:#}"));
    ExitCode::FAILURE
}

enum End {
    Well,
    Badly(anyhow::Error),
    AtOnce,
}

async fn supervise<C: Settings>(
    service: &'static str,
    instance: String,
    config: C,
    telemetry: &telemetry::Running,
    main: impl AsyncFnOnce(Context<C>) -> anyhow::Result<()>,
) -> End {
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return End::Badly(error),
    };
    let stop = Stop::new();
    let (tasks, mut deaths) = Tasks::new(stop.clone());
    let clock = Arc::new(SystemClock);
    let (health, metrics) = (Health::default(), Metrics::default());
    process::register(&metrics, service, &health, clock.now());
    telemetry.register(&metrics);
    metrics.certificates(&config.tls());
    tracing::info!(version = VERSION, instance, "{service} {VERSION} starts as {instance}");
    let context = Context {
        service,
        config,
        clock,
        stop: stop.clone(),
        health,
        metrics,
        tasks: tasks.clone(),
        instance,
    };
    let mut main = pin!(guard(main(context)));

    let mut ended = None;
    let first = select! {
        end = &mut main => {
            ended = Some(());
            end
        }
        Some(death) = deaths.recv() => Err(death),
        name = signals.next() => {
            tracing::info!("{name}: finishing what is in hand");
            Ok(())
        }
    };
    stop.stop();
    let drain = async {
        let last = if ended.is_none() { main.await } else { Ok(()) };
        tasks.ended().await;
        last
    };
    let last = select! {
        last = drain => last,
        () = sleep(DRAIN) => {
            tracing::warn!("not finished within {DRAIN:?}; what is in hand will be delivered again");
            Ok(())
        }
        name = signals.next() => {
            tracing::warn!("{name} once more: ending at once");
            return End::AtOnce;
        }
    };
    match first.and(last).and_then(|()| late(&mut deaths)) {
        Ok(()) => End::Well,
        Err(error) => End::Badly(error),
    }
}

/// A task that failed while it was asked to stop has failed all the same.
fn late(deaths: &mut UnboundedReceiver<anyhow::Error>) -> anyhow::Result<()> {
    deaths.try_recv().map_or(Ok(()), Err)
}

fn flush(runtime: &Runtime, running: telemetry::Running) {
    let flushed = runtime.spawn_blocking(move || running.flush());
    let in_time = runtime.block_on(async { tokio::time::timeout(FLUSH, flushed).await });
    if in_time.is_err() {
        tracing::warn!("the collector of traces did not take the last spans within {FLUSH:?}");
    }
}

/// The wish of the person or of the system to end the process.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("listen to signals");
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
