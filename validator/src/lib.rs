//! Reads pages from RAW, holds each row against the schemas, and passes the accepted rows on to VALID with the page's
//! books; the others become dead letters, each with its own bytes.
//!
//! [`decide`] says what becomes of a page and knows neither client nor clock; `handler` carries that out in the order
//! that makes it safe to be killed anywhere: dead letters, then VALID, and the consume loop acknowledges last.

pub mod arrival;
mod contract;
pub mod decide;
mod handler;
mod metrics;
mod place;
mod room;
pub mod settings;
mod start;

pub use settings::Settings;
pub use start::start;

/// The stream that is read.
const STREAM: &str = "RAW";
/// Our durable consumer on it.
const DURABLE: &str = "validator";
/// Our name: of the process, of its NATS user, and in dead letters.
const SERVICE: &str = "validator";
