//! Does what operators ask for: brings their actions to AUDIT ([`outbox`]), dry-runs dead letters ([`plan`]) and replays
//! them to RAW ([`job`]).
//!
//! The tables are the queue: the query API writes commands there, and a restart of either loses nothing. Of several
//! replayers one works, the one whose session holds the lease ([`session`]); every effect is written on that session, so
//! whoever has lost the lease can write nothing. What decides is pure: [`job::decide`], [`job::pace`], [`job::item`],
//! [`plan::verdict`].

mod failure;
pub mod job;
mod judges;
mod metrics;
pub mod outbox;
pub mod plan;
mod rebuilding;
mod replayer;
mod session;
pub mod settings;
mod start;
mod wake;

pub use plan::child::run as judge;
pub use settings::Settings;
pub use start::start;

/// Our name: of the process, of its NATS user, and of the actor of what it does by itself.
const SERVICE: &str = "replayer";

/// Where a test kills the process.
fn failpoint(name: &'static str) {
    #[cfg(feature = "failpoints")]
    fail::fail_point!(name, |_| kansoku_service::kill_this_process());
    #[cfg(not(feature = "failpoints"))]
    let _ = name;
}
