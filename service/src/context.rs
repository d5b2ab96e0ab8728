//! What the harness gives to a service, and what the person gives to the harness.

use std::{path::PathBuf, sync::Arc};

use clap::Args;

use crate::{Clock, Health, Metrics, Stop, Tasks};

/// The command-line options of every service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Common {
    /// Read this TOML file [default: the variable <SERVICE>_CONFIG]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Print the configuration as it would be used, secrets masked, and end
    #[arg(long, global = true)]
    pub print_config: bool,
    /// Check the configuration and end
    #[arg(long, global = true)]
    pub check: bool,
    /// Ask the running process of this configuration whether it is ready (exit code 0 or 1), and end
    #[arg(long, global = true)]
    pub healthcheck: bool,
}

impl Common {
    /// Whether nothing is to be started: the question is about the configuration or the running process.
    pub fn only_asks(&self) -> bool {
        self.print_config || self.check || self.healthcheck
    }
}

/// What a service runs with.
pub struct Context<C> {
    /// The name of the service, e.g. `validator`.
    pub service: &'static str,
    /// Its configuration, checked.
    pub config: C,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Stops when the process shall end.
    pub stop: Stop,
    /// Its dependencies, each named by whoever uses it.
    pub health: Health,
    /// Its numbers.
    pub metrics: Metrics,
    /// Its tasks in the background.
    pub tasks: Tasks,
    /// This process among its replicas, and among its own restarts: host and a random part.
    pub instance: String,
}
