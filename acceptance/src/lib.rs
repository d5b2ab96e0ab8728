//! The tests of this crate stand in `tests/`; they see the stack as its users do.
