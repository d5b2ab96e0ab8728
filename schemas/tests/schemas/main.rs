//! The judge on the examples and on recorded payloads, in one program.

mod examples;
mod recorded;
