//! Logs on stdout, traces to a collector where one is configured.

mod events;
mod filter;
mod json;
mod traces;

use std::io::{self, IsTerminal as _};

use opentelemetry::{global, trace::TracerProvider};
use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, registry, util::SubscriberInitExt};

use self::events::LogEvents;
pub(crate) use self::traces::Exporter;
use crate::{
    Metrics, VERSION,
    settings::{ConfigError, Telemetry},
};

/// Who reads what the process says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// A log collector: JSON on standard output.
    Machine,
    /// The person at the terminal, whose standard output is for the result: text on standard error, and less of it.
    Person,
}

/// Telemetry while it runs.
pub(crate) struct Running {
    provider: SdkTracerProvider,
    log_events: LogEvents,
}

/// Whether the section can be used.
pub(crate) fn check(settings: &Telemetry) -> Result<(), ConfigError> {
    match EnvFilter::try_new(&settings.log) {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(ConfigError::new("telemetry.log", format!("{error}: expected e.g. info,kansoku_nats=debug")))
        }
    }
}

/// Starts it. Must be called inside the runtime: the exporter's connection lives there.
pub(crate) fn start(
    service: &'static str,
    instance: &str,
    settings: &Telemetry,
    audience: Audience,
    exporter: Option<&Exporter>,
) -> anyhow::Result<Running> {
    let provider = traces::provider(service, instance, exporter)?;
    global::set_text_map_propagator(TraceContextPropagator::new());
    global::set_tracer_provider(provider.clone());
    let tracer = provider.tracer_with_scope(
        opentelemetry::InstrumentationScope::builder("kansoku").with_version(VERSION).build(),
    );
    let spans = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter::spans());
    let chosen = EnvFilter::try_new(&settings.log)?;
    let log_events = LogEvents::new();
    let logs = match audience {
        Audience::Machine => {
            json::layer(service, io::stdout).and_then(log_events.clone()).with_filter(chosen).boxed()
        }
        Audience::Person => {
            let quieter = if settings == &Telemetry::default() { EnvFilter::new("warn") } else { chosen };
            tracing_subscriber::fmt::layer()
                .with_writer(io::stderr)
                // Where nobody hears standard error, that is no reason to end.
                .log_internal_errors(false)
                .with_ansi(io::stderr().is_terminal())
                .without_time()
                .with_target(false)
                .and_then(log_events.clone())
                .with_filter(quieter)
                .boxed()
        }
    };
    registry().with(spans).with(logs).try_init()?;
    log_panics();
    Ok(Running { provider, log_events })
}

impl Running {
    /// Adds what telemetry counts to the numbers of the process.
    pub(crate) fn register(&self, metrics: &Metrics) {
        self.log_events.register(metrics);
    }

    /// Sends what is left. Blocks for up to a second where the collector does not answer.
    pub(crate) fn flush(&self) {
        // The result says nothing about lost spans, and where they were to go is where one would have told.
        let _ = self.provider.shutdown();
    }
}

/// A panic is a line like any other, not text between lines.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload_as_str().unwrap_or("without a word");
        tracing::error!(place, "panicked at {place}: {words}");
    }));
}
