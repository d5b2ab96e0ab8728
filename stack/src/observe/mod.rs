//! What watches a running installation: what `make observe` and `make observe-down` do.
//!
//! Prometheus, Alertmanager, the OpenTelemetry collector and a receiver of messages in the place of Slack always; Grafana,
//! Tempo and Loki where their programs are. A supervisor of its own ([`supervise`]) owns them, in the folder `observe` of the
//! installation's; it ends without touching what it watches.

pub mod environment;
pub mod files;
pub mod greet;
pub mod minutes;
pub mod ports;
pub mod programs;
pub mod slack;
pub mod start;
pub mod supervise;
