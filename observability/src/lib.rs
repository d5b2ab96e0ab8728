//! What is measured and what is told of it.
//!
//! `metrics.toml` lists every metric, `recording.toml` every recorded series, `alerts.toml` every alert. From the last two are
//! made the rules of Prometheus and the table of alerts; the first is what `/metrics`, rules and dashboards are held against.
//! `events.toml` lists what is logged, `cases.toml` what leads from a number to its trace and its lines.

mod alerts;
pub mod cases;
mod catalogue;
pub mod dashboards;
mod events;
mod exposition;
mod generate;
mod promql;
mod recording;
mod rules;

pub use alerts::{Alert, Alerts, Panel};
pub use catalogue::{Catalogue, Differences, Kind, Metric};
pub use events::Events;
pub use exposition::{Family, exposed};
pub use generate::{Generated, generated};
pub use promql::{Names, Selector, names};
pub use recording::{Group, Recorded, Recording};
pub use rules::{alert_rules, recording_rules};
