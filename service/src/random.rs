//! Randomness for secrets.

use std::{fs::File, io::Read};

/// Bytes that nobody can guess, by the system's generator.
///
/// # Errors
/// When the system gives none.
pub fn random_bytes() -> std::io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}
