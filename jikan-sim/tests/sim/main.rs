//! The simulator's tests that need a socket, a process or a folder, in one program.

mod archive;
mod command;
mod faults;
mod fiction;
mod http;
mod recorded;
mod rows;
