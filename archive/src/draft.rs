//! A file of captures that is whole or not there: written beside its name, brought to the disk, then renamed.

use std::{
    fs::{self, File, TryLockError},
    io::{self, BufWriter, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use kansoku_schemas::{ArchiveLine, write_line};
use sha2::{Digest, Sha256};

/// How hard zstd tries; its own default.
const LEVEL: i32 = 3;

/// What a finished file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// A file in the making. Dropped before its end, it leaves nothing.
pub struct Draft {
    path: PathBuf,
    part: PathBuf,
    out: Option<Out>,
    lines: u64,
}

enum Out {
    Plain(BufWriter<Counting>),
    Zstd(zstd::Encoder<'static, Counting>),
}

impl Draft {
    /// Begins the file `path`, compressed when its name ends with `.zst`.
    pub fn begin(path: &Path) -> Result<Self> {
        let name = path.file_name().with_context(|| format!("{} names no file", path.display()))?;
        let part = path.with_file_name(format!(".{}.part", name.to_string_lossy()));
        let file = alone(&part).with_context(|| format!("write {}", part.display()))?;
        let counting = Counting { file, hash: Sha256::new(), bytes: 0 };
        let out = if path.extension().is_some_and(|ending| ending == "zst") {
            let mut encoder = zstd::Encoder::new(counting, LEVEL).context("begin zstd")?;
            encoder.include_checksum(true).context("begin zstd")?;
            Out::Zstd(encoder)
        } else {
            Out::Plain(BufWriter::new(counting))
        };
        Ok(Self { path: path.to_path_buf(), part, out: Some(out), lines: 0 })
    }

    /// Adds a line.
    pub fn write(&mut self, line: &ArchiveLine) -> Result<()> {
        self.lines += 1;
        let written = match &mut self.out {
            Some(Out::Plain(out)) => write_line(line, out),
            Some(Out::Zstd(out)) => write_line(line, out),
            None => Ok(()),
        };
        written.with_context(|| format!("write {}", self.part.display()))
    }

    /// Lines so far.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Brings it to the disk under another name beside the one it began with.
    pub fn finish_as(mut self, name: &str) -> Result<Written> {
        self.path.set_file_name(name);
        self.finish(true)
    }

    /// Brings it to the disk under its name. A file of that name stays as it is unless it may be replaced.
    pub fn finish(mut self, replace: bool) -> Result<Written> {
        let Some(out) = self.out.take() else { bail!("{} is finished", self.path.display()) };
        let close = || -> io::Result<Written> {
            let counting = match out {
                Out::Plain(out) => out.into_inner().map_err(io::IntoInnerError::into_error)?,
                Out::Zstd(out) => out.finish()?,
            };
            counting.file.sync_all()?;
            let named = if replace {
                fs::rename(&self.part, &self.path)
            } else {
                // A link is refused where the name is taken; the other name goes when this is dropped.
                fs::hard_link(&self.part, &self.path)
            };
            named?;
            sync_folder(&self.path)?;
            Ok(Written { bytes: counting.bytes, sha256: hex::encode(counting.hash.finalize()) })
        };
        close().with_context(|| format!("write {}", self.path.display()))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Nothing to do about an error here; after a rename there is no such file.
        let _ = fs::remove_file(&self.part);
    }
}

/// Opens a file, empty, that no other process writes. What a dead process has left in it is overwritten.
fn alone(path: &Path) -> io::Result<File> {
    loop {
        let file = File::options().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another process writes it"));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Between opening and locking, the one before may have renamed it: then it is a finished file.
        if fs::metadata(path).is_ok_and(|there| file.metadata().is_ok_and(|mine| mine.ino() == there.ino())) {
            file.set_len(0)?;
            return Ok(file);
        }
    }
}

/// A name is on the disk only when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

struct Counting {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Write for Counting {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
