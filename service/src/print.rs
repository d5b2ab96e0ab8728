//! Words on standard output.

use std::io::{self, ErrorKind, Write};

/// Prints; a reader who has read enough (`… | head`) is no error.
pub fn print(text: &str) -> io::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}
