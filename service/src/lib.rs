//! The harness around every service: it reads the configuration, starts telemetry, hears signals, watches tasks and says
//! how the process is. A service's `main` is its command line and one call of [`run`].
//!
//! ```no_run
//! use kansoku_service::{Common, ConfigError, Context, HttpSettings, Settings};
//!
//! #[derive(Default, serde::Serialize, serde::Deserialize)]
//! #[serde(default, deny_unknown_fields)] // both on every section: defaults fill gaps, typing errors are refused
//! struct Config {
//!     http: HttpSettings,
//! }
//!
//! impl Settings for Config {
//!     fn check(&self) -> Result<(), ConfigError> {
//!         Ok(())
//!     }
//!
//!     fn health_address(&self) -> std::net::SocketAddr {
//!         self.http.listen
//!     }
//! }
//!
//! #[derive(clap::Parser)]
//! struct Cli {
//!     #[command(flatten)]
//!     common: Common,
//! }
//!
//! fn main() -> std::process::ExitCode {
//!     let cli = <Cli as clap::Parser>::parse();
//!     kansoku_service::run("weigher", cli.common, async |context: Context<Config>| {
//!         let admin = kansoku_service::admin_router(&context);
//!         kansoku_service::serve(&context, &context.config.http, admin).await?;
//!         context.stop.stopped().await;
//!         Ok(())
//!     })
//! }
//! ```
//!
//! Only this crate reads the clock, the environment and randomness; everything else is given them.

mod client;
mod clock;
mod config;
mod context;
mod disk;
mod environment;
mod exemplar;
mod fast;
mod health;
mod healthcheck;
mod http;
mod kill;
mod listener;
mod log_throttle;
mod metrics;
mod pool;
mod print;
mod process;
mod random;
mod rate;
mod request;
mod run;
mod secret;
mod settings;
mod stop;
mod tasks;
mod telemetry;
mod tls;
mod unavailable;

pub use self::{
    client::client_prefix,
    clock::{Clock, ManualClock, SystemClock},
    config::parse,
    context::{Common, Context},
    exemplar::TraceId,
    fast::{FastClock, day_words, parse_day},
    health::{Dependency, Health},
    healthcheck::healthcheck,
    http::{admin_router, serve, serve_at},
    kill::kill_this_process,
    log_throttle::LogThrottle,
    metrics::Metrics,
    pool::ConnectionPool,
    print::{count, print, say},
    random::random_bytes,
    request::request,
    run::{command, run},
    secret::Secret,
    settings::{ConfigError, HttpSettings, Settings},
    stop::Stop,
    tasks::Tasks,
    tls::{TlsFiles, connect as tls_connect, over as tls_over, settle_provider, tls_problem},
    unavailable::Unavailable,
};

/// The version of this build, the same for every room.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
