//! Edits of JSON text by splicing bytes: what a step does not name stays as it came, white space, key order, escapes and
//! large numbers alike. Nothing is ever written anew.

mod place;
mod steps;

pub use steps::{StepError, Steps};
