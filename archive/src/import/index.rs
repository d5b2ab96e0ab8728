//! A folder of recordings: its index names the files and says what each is.

use std::{
    fs::File,
    io::Read,
    path::{Component, Path},
};

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use kansoku_runs::publish::sha256;
use serde::Deserialize;

use super::recording::{Recording, wrong};
use crate::{cli::Described, instant};

/// The index of a folder of recordings.
const INDEX: &str = "captures.json";
/// The most bytes of an index: a line has about 300.
const MAX_INDEX: u64 = 64 << 20;
/// The most bytes of a file that is read as a body: a page of 25 rows has about 100 kB.
const MAX_BODY: u64 = 8 << 20;

/// An entry of the index.
#[derive(Deserialize)]
struct Entry {
    name: String,
    url: Option<String>,
    status: Option<u16>,
    date: Option<String>,
    sha256: Option<String>,
}

/// Opens a folder: its captures in the order in which they were recorded.
pub(super) fn open(
    folder: &Path,
    described: &Described,
) -> Result<impl Iterator<Item = Result<Recording>> + use<>> {
    let index = folder.join(INDEX);
    let name = index.display();
    let file = match File::open(&index) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let is_empty = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
            let what = if is_empty { "is empty" } else { "has no index captures.json" };
            bail!("{} {what}; name archives (.jsonl, .jsonl.zst) or files instead", folder.display());
        }
        file => file.with_context(|| format!("read {name}"))?,
    };
    let text = read(file, MAX_INDEX).with_context(|| format!("read {name}"))?;
    ensure!(
        text.len() as u64 <= MAX_INDEX,
        "{name} has more than {} MiB: no index is that large",
        MAX_INDEX >> 20
    );
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
    let mut entries: Vec<Entry> =
        serde_json::from_slice(text).with_context(|| format!("read {name} as an index of captures"))?;
    ensure!(!entries.is_empty(), "{name} names no capture");
    let read = |entry: &Entry| entry.date.as_deref().and_then(|date| instant::read(date).ok());
    entries.sort_by_cached_key(read);
    let (folder, described) = (folder.to_path_buf(), described.clone());
    Ok(entries.into_iter().map(move |entry| recording(&folder, entry, &described)))
}

fn recording(folder: &Path, entry: Entry, described: &Described) -> Result<Recording> {
    let Entry { name, url, status, date, sha256: expected } = entry;
    let inside = Path::new(&name).components().all(|part| matches!(part, Component::Normal(_)));
    ensure!(inside, "{name}: the index names a file outside its folder");
    let path = folder.join(&name);
    let open = || {
        // A pipe would be waited for without an end.
        ensure!(std::fs::metadata(&path)?.is_file(), "it is no file");
        body(File::open(&path)?)
    };
    let body = open().with_context(|| format!("{INDEX} names {name}: read {}", path.display()))?;
    if let Some(expected) = expected.filter(|expected| !expected.eq_ignore_ascii_case(&sha256(&body))) {
        bail!("{name}: its SHA-256 is {} and the index says {expected}", sha256(&body));
    }
    let unknown = Recording::new(name, body);
    Ok(Recording {
        url,
        status: status.unwrap_or(200),
        captured_at: match date {
            Some(date) => instant::read(&date).map_err(|why| wrong(why.name(), why.words(&date))),
            None => unknown.captured_at,
        },
        source: described.source.clone(),
        catalogue: described.catalogue,
        ..unknown
    })
}

/// Reads a body, never more than the limit.
pub(super) fn body(reader: impl Read) -> Result<Bytes> {
    let bytes = read(reader, MAX_BODY)?;
    ensure!(bytes.len() as u64 <= MAX_BODY, "more than {} MiB: no page is that large", MAX_BODY >> 20);
    Ok(bytes.into())
}

/// Reads all, or one byte more than the limit.
fn read(reader: impl Read, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
