//! The file of a history, read from any of its lines.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, Result, bail};
use csv::ByteRecord;

use super::{
    map::Map,
    row::{Layout, is_spread},
};

/// The most bytes of a line with what is read ahead of it: a quote that nobody closes must not fill the memory.
const MOST_LINE: u64 = 1 << 20;

/// A file with the layout of its lines.
#[derive(Debug, Clone)]
pub struct Csv {
    path: PathBuf,
    file: Arc<File>,
    separator: u8,
    /// What its lines mean.
    pub layout: Layout,
}

/// A row as it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// The number of its first line, from 1.
    pub line: u64,
    /// Its lines, without the last one's end.
    pub text: Vec<u8>,
}

/// The lines of a file.
pub struct Lines {
    reader: csv::Reader<Bounded<File>>,
    left: Arc<AtomicU64>,
}

impl Csv {
    /// Opens a file and lays the map over its header; `map_name` names the map where they do not fit.
    pub fn open(path: &Path, map: &Map, map_name: &str) -> Result<Self> {
        let file = path.metadata().with_context(|| format!("open {}", path.display()))?;
        if !file.is_file() {
            bail!("{} is no file: what is read twice cannot be a folder or a pipe", path.display());
        }
        let mut lines = Lines::open(path, map.separator)?;
        let header =
            lines.reader.byte_headers().with_context(|| format!("read the header of {}", path.display()))?;
        if header.is_empty() {
            bail!("{} is empty", path.display());
        }
        // Its byte order mark, or zeros between its letters.
        if [&b"\xff\xfe"[..], b"\xfe\xff"].iter().any(|mark| header.as_slice().starts_with(mark))
            || header.as_slice().contains(&0)
        {
            bail!(
                "{} is UTF-16, and this reads UTF-8: save it as that, or `iconv -f UTF-16 -t UTF-8`",
                path.display()
            );
        }
        if is_spread(header) {
            bail!("the header of {} goes over several lines: is a quote left open?", path.display());
        }
        let layout =
            Layout::bind(map, header).with_context(|| format!("lay {map_name} over {}", path.display()))?;
        let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
        Ok(Self { path: path.to_path_buf(), file: Arc::new(file), separator: map.separator, layout })
    }

    /// Its lines, from the first after the header.
    pub fn lines(&self) -> Result<Lines> {
        Lines::open(&self.path, self.separator)
    }

    /// Its name for messages.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// What stands between its cells.
    pub fn separator(&self) -> u8 {
        self.separator
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A row as it stands there: the place of its record and where the next one begins.
    pub fn raw(&self, place: &csv::Position, end: u64) -> Result<Raw> {
        let length = usize::try_from(end.saturating_sub(place.byte())).context("read a row")?;
        let mut bytes = vec![0; length];
        let read = self.file.read_exact_at(&mut bytes, place.byte());
        read.with_context(|| format!("{} was changed while it was read", self.name()))?;
        // A record begins before the ends of lines that the reader passes over.
        let is_end = |byte: &u8| b"\r\n".contains(byte);
        let start = bytes.iter().position(|byte| !is_end(byte)).unwrap_or(length);
        let stop = bytes.iter().rposition(|byte| !is_end(byte)).map_or(start, |last| last + 1);
        let ends = bytes[..start].iter().filter(|byte| **byte == b'\n').count() as u64;
        Ok(Raw { line: place.line() + ends, text: bytes[start..stop].to_vec() })
    }
}

impl Raw {
    /// Its lines.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
    }
}

impl Lines {
    fn open(path: &Path, separator: u8) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
        let left = Arc::new(AtomicU64::new(MOST_LINE));
        let mut builder = csv::ReaderBuilder::new();
        // A line of another length is a bad row, not the end of the reading.
        let reader = builder
            .delimiter(separator)
            .flexible(true)
            .from_reader(Bounded { inner: file, left: Arc::clone(&left) });
        Ok(Self { reader, left })
    }

    /// Reads the next line; `false` at the end.
    pub fn read(&mut self, line: &mut ByteRecord) -> csv::Result<bool> {
        self.left.store(MOST_LINE, Ordering::Relaxed);
        self.reader.read_byte_record(line)
    }

    /// Where the line after the last one read begins.
    pub fn end(&self) -> u64 {
        self.reader.position().byte()
    }

    /// Goes to a line that was read before.
    pub fn go_to(&mut self, place: csv::Position) -> csv::Result<()> {
        self.reader.seek(place)
    }
}

/// A reader that ends in an error where a line does not end.
struct Bounded<R> {
    inner: R,
    left: Arc<AtomicU64>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            let words = format!("more than {} MiB without an end: is a quote left open?", MOST_LINE >> 20);
            return Err(io::Error::other(words));
        }
        let read = self.inner.read(buffer)?;
        self.left.store(left.saturating_sub(read as u64), Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: Seek> Seek for Bounded<R> {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.inner.seek(place)
    }
}
