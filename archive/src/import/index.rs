//! A folder of recordings: its index names the files and says what each is.

use std::{
    fs::File,
    io::Read,
    path::{Component, Path},
};

use anyhow::{Context, Result, bail};
use kansoku_runs::publish::sha256;
use serde::Deserialize;

use super::{
    Recorded, forms,
    loose::Described,
    sources::{self, Recordings},
};

/// The index of a folder of recordings.
const INDEX: &str = "captures.json";
/// The most bytes of an index: a line has about 300.
const MAX_INDEX: u64 = 64 << 20;

/// A line of a folder's index.
#[derive(Deserialize)]
struct Entry {
    name: String,
    url: Option<String>,
    status: Option<u16>,
    date: Option<String>,
    sha256: Option<String>,
}

/// Opens a folder: its captures in the order in which they were recorded.
pub fn open(path: &Path, described: &Described) -> Result<Recordings> {
    let index = path.join(INDEX);
    let text = match File::open(&index) {
        Ok(file) => {
            let mut text = Vec::new();
            let read = file.take(MAX_INDEX + 1).read_to_end(&mut text);
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
    if text.len() as u64 > MAX_INDEX {
        bail!("{} has more than {} MiB: no index is that large", index.display(), MAX_INDEX >> 20);
    }
    let mut entries: Vec<Entry> =
        serde_json::from_slice(text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text))
            .with_context(|| format!("read {} as an index of captures", index.display()))?;
    if entries.is_empty() {
        bail!("{} names no capture", index.display());
    }
    entries.sort_by_key(|entry| entry.date.as_deref().and_then(|date| forms::instant(date).ok()));
    let (path, described) = (path.to_path_buf(), described.clone());
    Ok(Box::new(entries.into_iter().map(move |entry| read(&path, entry, &described).map(Into::into))))
}

fn read(folder: &Path, entry: Entry, described: &Described) -> Result<Recorded> {
    let inside = Path::new(&entry.name).components().all(|part| matches!(part, Component::Normal(_)));
    if !inside {
        bail!("{}: the index names a file outside its folder", entry.name);
    }
    let body =
        sources::body(&folder.join(&entry.name)).with_context(|| format!("{INDEX} names {}", entry.name))?;
    if let Some(expected) = &entry.sha256
        && !expected.eq_ignore_ascii_case(&sha256(&body))
    {
        bail!("{}: its SHA-256 is {} and the index says {expected}", entry.name, sha256(&body));
    }
    Ok(Recorded {
        url: entry.url,
        status: entry.status.unwrap_or(200),
        captured_at: entry.date,
        source: described.source.clone(),
        catalogue: described.catalogue,
        ..Recorded::new(entry.name, body)
    })
}
