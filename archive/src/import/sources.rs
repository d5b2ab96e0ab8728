//! Opening what a person names: a folder with an index, an archive, loose files, standard input.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use kansoku_runs::publish::sha256;
use kansoku_schemas::{ArchiveLine, ArchiveReader, RunEvent};
use serde::Deserialize;

use super::{Recorded, loose::Told};

/// The index of a folder of recordings.
const INDEX: &str = "captures.json";
/// The most bytes of a file that is read as a body: a page of 25 rows has about 100 kB.
const MOST_BODY: u64 = 8 << 20;
/// The most bytes of an index: a line has about 300.
const MOST_INDEX: u64 = 64 << 20;
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
pub fn open(path: &str, told: &Told) -> Result<Recordings> {
    if path == "-" {
        const NAME: &str = "standard input";
        if told.is_loose() {
            told.check(NAME)?;
            return loose(NAME, read(std::io::stdin()).context("read standard input")?, told);
        }
        return archive(NAME.to_owned(), BufReader::new(std::io::stdin()));
    }
    let path = Path::new(path);
    let meta = std::fs::metadata(path).with_context(|| format!("open {}", path.display()))?;
    if meta.is_dir() {
        if told.is_loose() {
            let path = path.display();
            bail!(
                "{path} is a folder, and its index says what --dataset, --captured-at, --url and --page would: leave them out"
            );
        }
        return folder(path, told);
    }
    if meta.len() == 0 {
        bail!("{} is empty", path.display());
    }
    if told.is_loose() {
        let name = path.display().to_string();
        told.check(&name)?;
        return loose(&name, body(path)?, told);
    }
    let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
    archive(path.display().to_string(), BufReader::new(file))
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
fn loose(name: &str, body: Bytes, told: &Told) -> Result<Recordings> {
    if body.is_empty() {
        bail!("{name} is empty");
    }
    let recorded = Recorded {
        name: name.to_owned(),
        url: told.url.clone(),
        status: 200,
        captured_at: told.captured_at.map(|at| at.to_rfc3339()),
        source: told.source.clone().or_else(|| told.url.is_none().then(|| "file".to_owned())),
        catalogue: told.catalogue,
        run: None,
        dataset: told.dataset,
        page: told.page,
        pages: None,
        exported: None,
        refusal: None,
        counts: 1,
        body,
    };
    Ok(Box::new(std::iter::once(Ok(recorded.into()))))
}

/// A line of a folder's index.
#[derive(Deserialize)]
struct Entry {
    name: String,
    url: Option<String>,
    status: Option<u16>,
    date: Option<String>,
    sha256: Option<String>,
}

fn folder(path: &Path, told: &Told) -> Result<Recordings> {
    let index = path.join(INDEX);
    let text = match File::open(&index) {
        Ok(file) => {
            let mut text = Vec::new();
            let read = file.take(MOST_INDEX + 1).read_to_end(&mut text);
            read.with_context(|| format!("read {}", index.display()))?;
            text
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let empty = std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
            bail!(
                "{} {}; name archives (.jsonl, .jsonl.zst) or files instead",
                path.display(),
                if empty { "is empty" } else { "has no index captures.json" }
            );
        }
        Err(error) => return Err(error).with_context(|| format!("read {}", index.display())),
    };
    if text.len() as u64 > MOST_INDEX {
        bail!("{} has more than {} MiB: no index is that large", index.display(), MOST_INDEX >> 20);
    }
    let entries: Vec<Entry> =
        serde_json::from_slice(text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text))
            .with_context(|| format!("read {} as an index of captures", index.display()))?;
    if entries.is_empty() {
        bail!("{} names no capture", index.display());
    }
    let (path, told) = (path.to_path_buf(), told.clone());
    Ok(Box::new(entries.into_iter().map(move |entry| indexed(&path, entry, &told).map(Item::from))))
}

fn indexed(folder: &Path, entry: Entry, told: &Told) -> Result<Recorded> {
    let inside =
        Path::new(&entry.name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !inside {
        bail!("{}: the index names a file outside its folder", entry.name);
    }
    let body = body(&folder.join(&entry.name)).with_context(|| format!("{INDEX} names {}", entry.name))?;
    if let Some(expected) = &entry.sha256
        && !expected.eq_ignore_ascii_case(&sha256(&body))
    {
        bail!("{}: its SHA-256 is {} and the index says {expected}", entry.name, sha256(&body));
    }
    Ok(Recorded {
        name: entry.name,
        url: entry.url,
        status: entry.status.unwrap_or(200),
        captured_at: entry.date,
        source: told.source.clone(),
        catalogue: told.catalogue,
        run: None,
        dataset: None,
        page: None,
        pages: None,
        exported: None,
        refusal: None,
        counts: 1,
        body,
    })
}

fn body(path: &Path) -> Result<Bytes> {
    let file = File::open(path).with_context(|| format!("read {}", path.display()))?;
    read(file).with_context(|| format!("read {}", path.display()))
}

/// Reads a body, never more than the limit.
fn read(reader: impl Read) -> Result<Bytes> {
    let mut bytes = Vec::new();
    reader.take(MOST_BODY + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BODY {
        bail!("more than {} MiB: no page is that large", MOST_BODY >> 20);
    }
    Ok(Bytes::from(bytes))
}

#[cfg(test)]
mod tests {
    use kansoku_schemas::Catalogue;

    use super::*;

    fn told() -> Told {
        Told {
            dataset: None,
            captured_at: None,
            url: None,
            page: None,
            source: None,
            catalogue: Catalogue::Mal,
        }
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
        let refused = open(&inner_path, &Told { page: Some(3), ..told() }).err().unwrap().to_string();
        assert!(refused.contains("leave them out"), "{refused}");
        File::create(inner.join(INDEX)).unwrap().set_len(1 << 40).unwrap();
        assert!(error(&inner).contains("no index is that large"));
    }

    #[test]
    fn a_huge_file_is_refused_without_reading_it_whole() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        let told = Told {
            dataset: Some(kansoku_schemas::Dataset::TopScore),
            captured_at: Some(chrono::DateTime::UNIX_EPOCH),
            ..told()
        };
        let error = open(&file.path().display().to_string(), &told).err().unwrap();
        assert!(format!("{error:#}").contains("no page is that large"), "{error:#}");
    }
}
