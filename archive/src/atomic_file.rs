//! A file of captures that is whole or not there: written under another name, brought to the disk, then renamed.

use std::{
    fs::{self, File, Permissions},
    io::{self, BufWriter, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use anyhow::{Context, Result};
use kansoku_schemas::{ArchiveLine, write_line};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// How hard zstd tries; its own default.
const LEVEL: i32 = 3;
/// What the names of unfinished files begin and end with.
const PART: (&str, &str) = (".", ".part");

/// A file in the making. Dropped before its end, it leaves nothing.
pub(crate) struct AtomicFile {
    out: Out,
    lines: u64,
}

/// What a finished file is: its size, and its SHA-256 in hexadecimal.
pub(crate) struct Written {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

enum Out {
    Plain(BufWriter<Hashing>),
    Zstd(zstd::Encoder<'static, Hashing>),
}

struct Hashing {
    file: NamedTempFile,
    hash: Sha256,
    bytes: u64,
}

impl AtomicFile {
    /// Begins a file that will be called `path`, or so in the same folder; compressed when the name ends with `.zst`.
    pub(crate) fn begin(path: &Path) -> Result<Self> {
        let begin = || {
            let mut builder = tempfile::Builder::new();
            builder.prefix(PART.0).suffix(PART.1).permissions(Permissions::from_mode(0o666));
            let hashing = Hashing { file: builder.tempfile_in(folder(path))?, hash: Sha256::new(), bytes: 0 };
            if path.extension().is_none_or(|ending| ending != "zst") {
                return Ok(Out::Plain(BufWriter::new(hashing)));
            }
            let mut encoder = zstd::Encoder::new(hashing, LEVEL)?;
            encoder.include_checksum(true)?;
            io::Result::Ok(Out::Zstd(encoder))
        };
        Ok(Self { out: begin().with_context(|| format!("write {}", path.display()))?, lines: 0 })
    }

    /// Adds a line.
    pub(crate) fn write(&mut self, line: &ArchiveLine) -> Result<()> {
        self.lines += 1;
        let written = match &mut self.out {
            Out::Plain(out) => write_line(line, out),
            Out::Zstd(out) => write_line(line, out),
        };
        written.context("write a line")
    }

    /// Lines so far.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// Brings it to the disk under its name. A file of that name stays as it is unless it may be replaced.
    pub(crate) fn finish(self, path: &Path, replaces: bool) -> Result<Written> {
        let finish = || {
            let Hashing { file, hash, bytes } = match self.out {
                Out::Plain(out) => out.into_inner().map_err(io::IntoInnerError::into_error)?,
                Out::Zstd(out) => out.finish()?,
            };
            file.as_file().sync_all()?;
            let named = if replaces { file.persist(path) } else { file.persist_noclobber(path) };
            named.map_err(|error| error.error)?;
            // A name is on the disk only when its folder is.
            File::open(folder(path))?.sync_all()?;
            io::Result::Ok(Written { bytes, sha256: hex::encode(hash.finalize()) })
        };
        finish().with_context(|| format!("write {}", path.display()))
    }
}

/// Removes the unfinished files that processes left which were killed.
pub(crate) fn remove_parts(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PART.0) && name.ends_with(PART.1) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

impl Write for Hashing {
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
