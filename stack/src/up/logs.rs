//! Rotates the logs, by size and count. The processes keep their files open, so a full one is copied and then emptied
//! (logrotate calls that `copytruncate`): a line that is written between the two is lost.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// A log this long is rotated.
const MAX_BYTES: u64 = 16 << 20;
/// How many older parts of a log are kept, `.1` the newest of them.
const KEPT: u32 = 4;

/// Rotates every log of a folder that is long enough.
///
/// # Errors
/// The folder or a log cannot be read or written.
pub fn rotate(folder: &Path) -> io::Result<()> {
    rotate_at(folder, MAX_BYTES)
}

fn rotate_at(folder: &Path, max_bytes: u64) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let log = entry?.path();
        if log.extension().is_some_and(|end| end == "log") && fs::metadata(&log)?.len() >= max_bytes {
            shift(&log)?;
        }
    }
    Ok(())
}

fn shift(log: &Path) -> io::Result<()> {
    let part = |number: u32| PathBuf::from(format!("{}.{number}", log.display()));
    for number in (1..KEPT).rev() {
        match fs::rename(part(number), part(number + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::copy(log, part(1))?;
    File::options().write(true).open(log)?.set_len(0)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_full_log_is_rotated_and_its_writer_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("loader.log");
        let mut writer = File::options().create(true).append(true).open(&log).unwrap();
        for round in 0..8 {
            writeln!(writer, "round {round} of a process that says much").unwrap();
            rotate_at(folder.path(), 20).unwrap();
            writeln!(writer, "short").unwrap();
            rotate_at(folder.path(), 20).unwrap();
        }
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(read("loader.log"), "short\n");
        assert_eq!(read("loader.log.1"), "short\nround 7 of a process that says much\n");
        assert_eq!(read("loader.log.4"), "short\nround 4 of a process that says much\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
    }
}
