//! The tests of servers and of `make up`, in one program.

mod servers;
mod up;
