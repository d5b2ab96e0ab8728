//! RAW goes into files by itself ([`keeper`]), a file a day or less ([`cut`], [`names`]).

pub mod cut;
pub mod found;
pub mod keeper;
pub mod names;

pub use keeper::Keeper;
