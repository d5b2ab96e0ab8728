//! The lines of a file that are no rows, in a file of their own: under the header of the first, so that they can be mended
//! there and imported.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::Csv;

/// Before the file's own columns: which line of it this was, and what is wrong.
const COLUMN: &str = "refused";
const MARK: &str = ".refused";

/// What a file is called without what is added for a file of refused lines: they belong to the same history.
pub fn name_of(csv: &Path) -> &str {
    let mut name = csv.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    while let Some(shorter) = name.strip_suffix(MARK).filter(|shorter| !shorter.is_empty()) {
        name = shorter;
    }
    name
}

/// Writes the lines that are no rows, and says where: into the file that was named, or into one beside theirs. What is there
/// is never written over.
pub fn write(path: &Path, csv: &Csv, named: Option<&Path>) -> Result<PathBuf> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let target = named.map_or_else(|| path.with_file_name(format!("{stem}{MARK}.csv")), Path::to_path_buf);
    let text = text(csv);
    if std::fs::read(&target).is_ok_and(|there| there == text) {
        return Ok(target);
    }
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(&text)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(&target).map_err(|error| error.error)?;
        Ok(())
    };
    match write() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => bail!(
            "{} is there already: move it away, or name another file for the lines that are refused (--refused)",
            target.display()
        ),
        written => written.with_context(|| format!("write {}", target.display()))?,
    }
    Ok(target)
}

/// Each line has its reason in quotes before it, so that an open quote stays where it is and swallows no more than one.
fn text(csv: &Csv) -> Vec<u8> {
    let header = csv.header.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&csv.header);
    let line = |reason: &str, text: &[u8]| {
        [b"\"", reason.as_bytes(), b"\"", &[csv.separator][..], text, b"\n"].concat()
    };
    let refused = csv
        .refused
        .iter()
        .map(|refused| line(&format!("line {}: {}", refused.line, refused.why.name()), &refused.text));
    [line(COLUMN, header)].into_iter().chain(refused).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_lines_belong_to_the_history_that_they_are_of() {
        for (file, name) in [
            ("a/notes.csv", "notes"),
            ("notes.refused.csv", "notes"),
            ("notes.refused.refused.csv", "notes"),
            ("notes.refused2.csv", "notes.refused2"),
            (".refused.csv", ".refused"),
            ("notes.2026.csv", "notes.2026"),
        ] {
            assert_eq!(name_of(Path::new(file)), name, "{file}");
        }
    }
}
