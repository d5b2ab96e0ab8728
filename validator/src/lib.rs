//! Reads pages from RAW, validates each row by its schema, and passes the accepted rows on to VALID with the page's
//! counts; the others become dead letters, each with its own bytes.
//!
//! [`decide`] says what becomes of a page: what is published and how the page is settled. It knows neither client nor
//! clock. The consume loop carries that out in the order that makes it safe to be killed anywhere: dead letters, then
//! VALID, then the acknowledgement.

mod capacity;
mod contract;
pub mod decide;
mod deployed;
mod handler;
mod metrics;
pub mod page;
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
