//! Who may do what: named operators with a token each, sessions of browsers, and the rights of both. Nobody may do anything
//! until an operator is set up.

mod attempts;
mod commands;
mod credentials;
mod extract;
pub(crate) mod session;
mod store;

pub(crate) use attempts::Attempts;
pub use commands::{OperatorCommand, run};
pub(crate) use extract::{Act, Edit, Operator, Read, Right};

/// What an operator may be allowed.
pub(crate) const RIGHTS: [&str; 3] = ["read", "act", "edit"];
