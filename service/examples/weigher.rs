//! The smallest service: it answers how it is, and does on request what a service may do wrong. The tests of the harness
//! start it as a process of its own.

use std::time::Duration;

use kansoku_service::{Common, ConfigError, Context, HttpSettings, Settings};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    http: HttpSettings,
    scale: Scale,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Scale {
    /// `fail`, `panic`, `end`: what a task of it does; `linger`, `stick`: how it takes being asked to stop.
    mood: String,
}

impl Settings for Config {
    fn check(&self) -> Result<(), ConfigError> {
        Ok(())
    }

    fn health_address(&self) -> std::net::SocketAddr {
        self.http.listen
    }
}

#[derive(clap::Parser)]
struct Cli {
    #[command(flatten)]
    common: Common,
}

fn main() -> std::process::ExitCode {
    let cli = <Cli as clap::Parser>::parse();
    kansoku_service::run("weigher", cli.common, weigh)
}

async fn weigh(context: Context<Config>) -> anyhow::Result<()> {
    let admin = kansoku_service::admin_router(&context);
    kansoku_service::serve(&context, &context.config.http, admin).await?;
    let scale = context.health.dependency("scale");
    match context.config.scale.mood.as_str() {
        "fail" => context.tasks.spawn("weighing", async { anyhow::bail!("the scale is broken") }),
        "panic" => context.tasks.spawn("weighing", async { panic!("the scale fell down") }),
        "end" => context.tasks.spawn("weighing", async { Ok(()) }),
        "away" => scale.unavailable("nobody has bought one"),
        _ => scale.ready(),
    }
    let span = tracing::info_span!("weigh");
    span.in_scope(|| tracing::info!(grams = 12, "weighed"));
    context.stop.stopped().await;
    match context.config.scale.mood.as_str() {
        "linger" => tokio::time::sleep(Duration::from_millis(300)).await,
        "stick" => std::future::pending().await,
        _ => {}
    }
    tracing::info!("put the scale away");
    Ok(())
}
