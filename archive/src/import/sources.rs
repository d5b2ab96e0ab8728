//! Opening what a person names: a folder with an index, an archive, a file of one page, standard input.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, stdin},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use kansoku_schemas::{ArchiveLine, ArchiveReader};

use super::{
    address, index,
    recording::{Item, Recording},
};
use crate::cli::Described;

const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Items one by one; an error is about one, and others may follow it.
pub type Items = Box<dyn Iterator<Item = Result<Item>> + Send>;

/// Opens what was named; `-` is standard input.
pub fn open(path: &str, described: &Described) -> Result<Items> {
    if path == "-" {
        return file("standard input", stdin(), described);
    }
    let meta = std::fs::metadata(path).with_context(|| format!("open {path}"))?;
    if meta.is_dir() {
        ensure!(
            !described.is_loose(),
            "{path} is a folder, and its index says what --dataset, --captured-at, --url and --page would: leave them out"
        );
        return Ok(Box::new(index::open(Path::new(path), described)?.map(|read| read.map(Into::into))));
    }
    // A pipe has no length.
    ensure!(!meta.is_file() || meta.len() > 0, "{path} is empty");
    file(path, File::open(path).with_context(|| format!("open {path}"))?, described)
}

/// Opens all that was named, one after the other when its turn comes. A wrong name among them is found before: only what
/// can be read but once is not looked into.
pub(crate) fn open_all(paths: &[String], described: &Described) -> Result<Items> {
    let is_pipe = |path: &str| {
        let meta = std::fs::metadata(path);
        path == "-" || meta.is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
    };
    for path in paths.iter().filter(|path| !is_pipe(path)) {
        drop(open(path, described)?);
    }
    let (paths, described) = (paths.to_vec(), described.clone());
    Ok(Box::new(paths.into_iter().flat_map(move |path| match open(&path, &described) {
        Ok(items) => items,
        Err(error) => Box::new(std::iter::once(Err(error))),
    })))
}

/// One page, where a person describes it, or an archive.
fn file(name: &str, reader: impl Read + Send + 'static, described: &Described) -> Result<Items> {
    if !described.is_loose() {
        return archive(name.to_owned(), BufReader::new(reader));
    }
    if described.dataset.is_none() && described.url.is_none() {
        bail!("{name}: say what it is a page of, with --dataset or --url");
    }
    let Some(captured_at) = described.captured_at else {
        bail!("{name}: say when it was recorded, with --captured-at");
    };
    if let Some(url) = described.url.as_ref().filter(|url| address::read(url).is_none()) {
        bail!("--url: {url:?} is no address such as {}", address::FORMS);
    }
    let body = index::body(reader).with_context(|| format!("read {name}"))?;
    ensure!(!body.is_empty(), "{name} is empty");
    let described = described.clone();
    let recording = Recording {
        captured_at: Ok(captured_at),
        source: described.source.or_else(|| described.url.is_none().then(|| "file".to_owned())),
        url: described.url,
        catalogue: described.catalogue,
        dataset: described.dataset,
        page: described.page,
        ..Recording::new(name.to_owned(), body)
    };
    Ok(Box::new(std::iter::once(Ok(recording.into()))))
}

/// An archive, plain or zstd by its first bytes.
fn archive(name: String, mut reader: impl BufRead + Send + 'static) -> Result<Items> {
    let start = reader.fill_buf().with_context(|| format!("read {name}"))?;
    ensure!(!start.is_empty(), "{name} is empty");
    if start.starts_with(&ZSTD) {
        let plain = zstd::Decoder::with_buffer(reader).with_context(|| format!("read {name} as zstd"))?;
        return Ok(lines(name, BufReader::new(plain)));
    }
    ensure!(
        start.starts_with(b"{"),
        "{name} is no archive of captures (JSON Lines, plain or zstd): it does not begin with {{"
    );
    Ok(lines(name, reader))
}

fn lines(name: String, reader: impl BufRead + Send + 'static) -> Items {
    let mut reader = ArchiveReader::new(reader);
    Box::new(std::iter::from_fn(move || {
        let read = reader.next()?;
        let line = reader.line();
        Some(match read {
            Ok(ArchiveLine::Run { run_event, epoch }) => Ok(Item::End(run_event, epoch)),
            Ok(ArchiveLine::Capture(capture)) => Recording::from_capture(format!("{name}:{line}"), *capture)
                .map(Item::from)
                .with_context(|| format!("read line {line} of {name}")),
            Err(error) => Err(error).with_context(|| {
                format!(
                    "read {name} as an archive of captures (a single page needs --dataset and --captured-at)"
                )
            }),
        })
    }))
}

#[cfg(test)]
mod tests {
    use kansoku_runs::publish::sha256;

    use super::*;

    const INDEX: &str = "captures.json";

    fn error(path: &Path) -> String {
        match open(&path.display().to_string(), &Described::default()) {
            Err(error) => format!("{error:#}"),
            Ok(mut items) => format!("{:#}", items.next().unwrap().unwrap_err()),
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
        assert!(open(&inner_path, &Described::default()).unwrap().next().unwrap().is_ok());
        let described = Described { page: Some(3), ..Described::default() };
        let refused = open(&inner_path, &described).err().unwrap().to_string();
        assert!(refused.contains("leave them out"), "{refused}");
        File::create(inner.join(INDEX)).unwrap().set_len(1 << 40).unwrap();
        assert!(error(&inner).contains("no index is that large"));
    }
}
