//! The whole product on one machine: what `make up`, `make down`, `make reset` and `make env` do.
//!
//! One background process, the supervisor ([`supervise`]), owns every server and service: they die with it, and it
//! starts again what ends. [`start`] launches it, watches its progress file and fills the sample history; until that
//! hands over, the supervisor ends when the one who launched it does.

pub mod env;
pub mod fill;
pub mod folders;
pub mod incident;
pub mod launch;
pub mod live;
pub mod logs;
mod nats_health;
pub mod operator;
pub mod progress;
pub mod renew;
pub mod reset;
pub mod services;
pub mod source;
pub mod start;
pub mod state;
pub mod status;
pub mod stop;
pub mod supervise;
pub mod supervised;
pub mod systemd;
pub mod telemetry;
pub mod tls;

/// Says a line; a reader who has read enough (`make up | head`) stops nothing.
pub(crate) fn say(line: &str) {
    let _ = kansoku_service::print(&format!("{line}\n"));
}
