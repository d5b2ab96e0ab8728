//! Opening what a person names: a folder with an index, an archive, loose files, standard input.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use kansoku_schemas::{ArchiveLine, ArchiveReader, RunEvent};

use super::{Recorded, index, loose::Described};

/// The most bytes of a file that is read as a body: a page of 25 rows has about 100 kB.
const MAX_BODY: u64 = 8 << 20;
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What an import reads.
#[derive(Debug)]
pub enum Item {
    /// A recording.
    Recorded(Box<Recorded>),
    /// How a run ended beside a RAW of this epoch.
    End(Box<RunEvent>, u64),
}

impl From<Recorded> for Item {
    fn from(recorded: Recorded) -> Self {
        Self::Recorded(Box::new(recorded))
    }
}

/// Items one by one; an error is about one, and others may follow it.
pub type Recordings = Box<dyn Iterator<Item = Result<Item>> + Send>;

/// Opens what was named; `-` is standard input.
pub fn open(path: &str, described: &Described) -> Result<Recordings> {
    if path == "-" {
        const NAME: &str = "standard input";
        if described.is_loose() {
            described.check(NAME)?;
            return loose(NAME, read(std::io::stdin()).context("read standard input")?, described);
        }
        return archive(NAME.to_owned(), BufReader::new(std::io::stdin()));
    }
    let path = Path::new(path);
    let meta = std::fs::metadata(path).with_context(|| format!("open {}", path.display()))?;
    if meta.is_dir() {
        if described.is_loose() {
            let path = path.display();
            bail!(
                "{path} is a folder, and its index says what --dataset, --captured-at, --url and --page would: leave them out"
            );
        }
        return index::open(path, described);
    }
    // A pipe has no length.
    if meta.is_file() && meta.len() == 0 {
        bail!("{} is empty", path.display());
    }
    let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
    let name = path.display().to_string();
    if described.is_loose() {
        described.check(&name)?;
        return loose(&name, read(file).with_context(|| format!("read {name}"))?, described);
    }
    archive(name, BufReader::new(file))
}

/// Opens all that was named, one after the other when its turn comes. A wrong name among them is found before: only what
/// can be read but once is not looked into.
pub fn open_all(paths: &[String], described: &Described) -> Result<Recordings> {
    let is_file = |path: &&String| {
        let meta = std::fs::metadata(path);
        *path != "-" && meta.map_or(true, |meta| meta.is_file() || meta.is_dir())
    };
    for path in paths.iter().filter(is_file) {
        drop(open(path, described)?);
    }
    let (paths, described) = (paths.to_vec(), described.clone());
    Ok(Box::new(paths.into_iter().flat_map(move |path| match open(&path, &described) {
        Ok(recordings) => recordings,
        Err(error) => Box::new(std::iter::once(Err(error))),
    })))
}

/// An archive, plain or zstd by its first bytes.
fn archive(name: String, mut reader: impl BufRead + Send + 'static) -> Result<Recordings> {
    let start = reader.fill_buf().with_context(|| format!("read {name}"))?;
    if start.is_empty() {
        bail!("{name} is empty");
    }
    if start.starts_with(&ZSTD) {
        let plain = zstd::Decoder::with_buffer(reader).with_context(|| format!("read {name} as zstd"))?;
        return Ok(lines(name, BufReader::new(plain)));
    }
    if start.first() != Some(&b'{') {
        bail!("{name} is no archive of captures (JSON Lines, plain or zstd): it does not begin with {{");
    }
    Ok(lines(name, reader))
}

fn lines(name: String, reader: impl BufRead + Send + 'static) -> Recordings {
    let mut reader = ArchiveReader::new(reader);
    Box::new(std::iter::from_fn(move || {
        let read = reader.next()?;
        let line = reader.line();
        Some(match read {
            Ok(ArchiveLine::Run { run_event, epoch }) => Ok(Item::End(run_event, epoch)),
            Ok(ArchiveLine::Capture(capture)) => Recorded::from_capture(format!("{name}:{line}"), *capture)
                .map(Item::from)
                .with_context(|| format!("read line {line} of {name}")),
            Err(error) => Err(anyhow::Error::new(error).context(format!(
                "read {name} as an archive of captures (a single page needs --dataset and --captured-at)"
            ))),
        })
    }))
}

/// One body as one page.
fn loose(name: &str, body: Bytes, described: &Described) -> Result<Recordings> {
    if body.is_empty() {
        bail!("{name} is empty");
    }
    let recorded = Recorded {
        url: described.url.clone(),
        captured_at: described.captured_at.map(|at| at.to_rfc3339()),
        source: described.source.clone().or_else(|| described.url.is_none().then(|| "file".to_owned())),
        catalogue: described.catalogue,
        dataset: described.dataset,
        page: described.page,
        ..Recorded::new(name.to_owned(), body)
    };
    Ok(Box::new(std::iter::once(Ok(recorded.into()))))
}

/// Reads a file as a body. A pipe among files would be waited for without an end.
pub(super) fn body(path: &Path) -> Result<Bytes> {
    let read = || {
        ensure!(std::fs::metadata(path)?.is_file(), "it is no file");
        read(File::open(path)?)
    };
    read().with_context(|| format!("read {}", path.display()))
}

/// Reads a body, never more than the limit.
fn read(reader: impl Read) -> Result<Bytes> {
    let mut bytes = Vec::new();
    reader.take(MAX_BODY + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BODY {
        bail!("more than {} MiB: no page is that large", MAX_BODY >> 20);
    }
    Ok(Bytes::from(bytes))
}

#[cfg(test)]
mod tests {
    use kansoku_runs::publish::sha256;

    use super::*;

    const INDEX: &str = "captures.json";

    fn told() -> Described {
        Described::default()
    }

    fn error(path: &Path) -> String {
        match open(&path.display().to_string(), &told()) {
            Err(error) => format!("{error:#}"),
            Ok(mut recordings) => format!("{:#}", recordings.next().unwrap().unwrap_err()),
        }
    }

    #[test]
    fn bad_input_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        assert!(error(&folder.path().join("none")).contains("No such file"));
        assert!(error(&file("empty", b"")).ends_with("empty is empty"));
        assert!(error(&file("words", b"hello")).contains("no archive of captures"));
        assert!(error(&file("page.json", b"{\"data\":[]}")).contains("--dataset and --captured-at"));
        assert!(error(&file("cut.jsonl", b"{\"status\":200,")).contains("cut off"));
        let zstd = zstd::encode_all(&b"{\"status\":200}\n"[..], 3).unwrap();
        assert!(error(&file("cut.zst", &zstd[..zstd.len() - 4])).contains("line 1"));
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        assert!(error(&inner).contains("is empty"));
        std::fs::write(inner.join("other.txt"), "x").unwrap();
        assert!(error(&inner).contains("no index captures.json"));
        std::fs::write(inner.join(INDEX), "[{\"name\":\"gone.json\"}]").unwrap();
        assert!(error(&inner).contains("names gone.json"));
        std::fs::write(inner.join(INDEX), "[{\"name\":\"../x\"}]").unwrap();
        assert!(error(&inner).contains("outside its folder"));
        std::fs::write(inner.join(INDEX), "[{\"name\":\"other.txt\",\"sha256\":\"00\"}]").unwrap();
        assert!(error(&inner).contains("SHA-256"));
        let named =
            format!("\u{feff}[{{\"name\":\"other.txt\",\"sha256\":\"{}\"}}]", sha256(b"x").to_uppercase());
        std::fs::write(inner.join(INDEX), named).unwrap();
        let inner_path = inner.display().to_string();
        assert!(open(&inner_path, &told()).unwrap().next().unwrap().is_ok());
        let refused = open(&inner_path, &Described { page: Some(3), ..told() }).err().unwrap().to_string();
        assert!(refused.contains("leave them out"), "{refused}");
        File::create(inner.join(INDEX)).unwrap().set_len(1 << 40).unwrap();
        assert!(error(&inner).contains("no index is that large"));
    }

    #[test]
    fn a_huge_file_is_refused_without_reading_it_whole() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        let told = Described {
            dataset: Some(kansoku_schemas::Dataset::TopScore),
            captured_at: Some(chrono::DateTime::UNIX_EPOCH),
            ..told()
        };
        let error = open(&file.path().display().to_string(), &told).err().unwrap();
        assert!(format!("{error:#}").contains("no page is that large"), "{error:#}");
    }
}
