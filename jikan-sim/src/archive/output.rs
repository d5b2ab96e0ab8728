//! Where an archive goes: standard output, a plain file, or a compressed one by its name.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// An archive being written. A file has its name only once it is whole.
pub enum Output {
    /// Standard output.
    Standard(BufWriter<io::StdoutLock<'static>>),
    /// A file.
    Plain(Partial<BufWriter<File>>),
    /// A file whose name ends in `.zst`.
    Compressed(Partial<zstd::Encoder<'static, BufWriter<File>>>),
}

/// A file that is not whole yet, beside the place where it will be.
pub struct Partial<W> {
    writer: W,
    unfinished: PathBuf,
    file: PathBuf,
}

impl Output {
    /// Opens `-` or a file.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn open(name: &Path) -> Result<Self> {
        if name == Path::new("-") {
            return Ok(Self::Standard(BufWriter::with_capacity(1 << 20, io::stdout().lock())));
        }
        let mut unfinished = name.as_os_str().to_owned();
        unfinished.push(".part");
        let unfinished = PathBuf::from(unfinished);
        let file = File::create(&unfinished).with_context(|| format!("create {}", unfinished.display()))?;
        let writer = BufWriter::with_capacity(1 << 20, file);
        let file = name.to_owned();
        Ok(if name.extension().is_some_and(|end| end == "zst") {
            let writer = zstd::Encoder::new(writer, 0).context("start compressing")?;
            Self::Compressed(Partial { writer, unfinished, file })
        } else {
            Self::Plain(Partial { writer, unfinished, file })
        })
    }

    /// Ends the archive and gives the file its name; the size of the file, if it is one.
    ///
    /// # Errors
    /// When the rest cannot be written.
    pub fn finish(self) -> Result<Option<u64>> {
        match self {
            Self::Standard(_) => Ok(None),
            Self::Plain(Partial { writer, unfinished, file }) => named(writer, &unfinished, &file).map(Some),
            Self::Compressed(Partial { writer, unfinished, file }) => {
                let writer = writer.finish().context("end compressing")?;
                named(writer, &unfinished, &file).map(Some)
            }
        }
    }
}

fn named(writer: BufWriter<File>, unfinished: &Path, file: &Path) -> Result<u64> {
    let written = writer.into_inner().map_err(io::IntoInnerError::into_error);
    let written = written.with_context(|| format!("write {}", unfinished.display()))?;
    let size = written.metadata().with_context(|| format!("look at {}", unfinished.display()))?.len();
    fs::rename(unfinished, file)
        .with_context(|| format!("rename {} to {}", unfinished.display(), file.display()))?;
    Ok(size)
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(writer) => writer.write(bytes),
            Self::Plain(partial) => partial.writer.write(bytes),
            Self::Compressed(partial) => partial.writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(writer) => writer.flush(),
            Self::Plain(partial) => partial.writer.flush(),
            // Flushing would end a block and compress worse; `finish` ends the last one.
            Self::Compressed(_) => Ok(()),
        }
    }
}
