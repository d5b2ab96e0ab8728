//! A clock that jumps: libfaketime between a service and the machine's clock. Durations stay true, as they do when a machine's
//! clock is set.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use kansoku_stack::process::Service;

/// Where distributions put it, by architecture.
const FOLDER: &str = "/usr/lib";
const LIBRARY: &str = "faketime/libfaketime.so.1";
/// The machine's own time.
pub const TRUE: &str = "+0s";

/// What is missing, and how to get it.
pub fn lacks() -> Option<String> {
    library().is_none().then(|| {
        "libfaketime is not there: `scripts/setup.sh chaos` installs it (the package faketime)".to_owned()
    })
}

fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir(FOLDER).ok()?.filter_map(Result::ok);
    folders.map(|folder| folder.path().join(LIBRARY)).find(|path| path.is_file())
}

/// A service whose clock shows what the file says: the machine's time and so much more or less.
///
/// # Errors
/// libfaketime is not there, or the file cannot be written.
pub fn under(service: Service, offsets: &Path) -> Result<Service> {
    let library = library().context("find libfaketime")?;
    set(offsets, TRUE)?;
    Ok(service
        .env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", offsets)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1"))
}

/// Lets the clock jump.
///
/// # Errors
/// The file cannot be written.
pub fn set(offsets: &Path, offset: &str) -> Result<()> {
    std::fs::write(offsets, format!("{offset}\n")).context("write the offset of the clock")
}
