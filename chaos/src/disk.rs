//! A disk of its own for the data of a run: a file system in memory, which can be full.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use kansoku_stack::{postgres::is_root, tools};
use tempfile::TempDir;

/// How large it is. Only what is written costs memory.
const MIB: u64 = 1_024;
/// What is left free when it is full: nothing.
const FILLER: &str = "filler";

/// Why this machine cannot have one.
pub fn lacks() -> Option<String> {
    (!is_root()).then(|| "only root may mount a small disk to fill".to_owned())
}

/// A mounted disk; it is unmounted with this value.
#[derive(Debug)]
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// Mounts one.
    ///
    /// # Errors
    /// It is not allowed.
    pub fn mount() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("kansoku-disk-").tempdir().context("make a folder")?;
        let options = format!("size={MIB}m,mode=755");
        done("mount", &["-t", "tmpfs", "-o", &options, "kansoku-chaos"], folder.path())?;
        Ok(Self { folder })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Fills it by a file.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn fill(&self) -> Result<()> {
        let mut file = std::fs::File::create(self.filler()).context("make the file that fills the disk")?;
        match std::io::copy(&mut std::io::repeat(0), &mut file) {
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => Ok(()),
            Err(error) => Err(error).context("fill the disk"),
            Ok(_) => bail!("the disk was never full"),
        }
    }

    /// Removes the file.
    ///
    /// # Errors
    /// It is not there.
    pub fn free(&self) -> Result<()> {
        std::fs::remove_file(self.filler()).context("remove the file that fills the disk")
    }

    fn filler(&self) -> PathBuf {
        self.path().join(FILLER)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Its servers may still be ending: it goes when they have let go of it.
        if let Err(error) = done("umount", &["--lazy"], self.path()) {
            eprintln!("chaos: {error:#}");
        }
    }
}

fn done(program: &str, arguments: &[&str], folder: &Path) -> Result<()> {
    let mut command = Command::new(tools::find(program)?);
    let output = command.args(arguments).arg(folder).output().with_context(|| format!("run {program}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{program} {}: {}", folder.display(), said.trim());
    }
    Ok(())
}
