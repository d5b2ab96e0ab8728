//! The lines of a file that are no rows, in a file of their own: under the header of the first, so that they can be mended
//! there and imported.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use csv::{ByteRecord, Position};

use super::Csv;

/// Before the file's own columns: which line of it this was, and what is wrong.
const COLUMN: &str = "refused";
const MARK: &str = ".refused";

/// What a file is called without what is added for a file of refused lines: they belong to the same history.
pub fn name_of(csv: &Path) -> &str {
    let stem = csv.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_number = |rest: &str| rest.strip_prefix('-').is_some_and(|number| number.parse::<u32>().is_ok());
    match stem.rsplit_once(MARK) {
        Some((name, rest)) if !name.is_empty() && (rest.is_empty() || is_number(rest)) => name,
        _ => stem,
    }
}

/// Writes the lines that are no rows, and says where: into the file that was told, or into a new one beside theirs. What is
/// there is never written over; the same lines a second time make no second file.
pub fn write(csv: &Csv, now: DateTime<Utc>, told: Option<&Path>) -> Result<PathBuf> {
    let first = told.map_or_else(|| beside(csv.path(), 1), Path::to_path_buf);
    let part = first.with_file_name(format!(".refused.{}.part", std::process::id()));
    let written = lines(csv, now, &part).with_context(|| format!("write {}", part.display()));
    let named = written.and_then(|()| name(csv.path(), &part, told));
    // What it was written to has its own name now, or is of no use.
    let _ = fs::remove_file(&part);
    named
}

fn name(csv: &Path, part: &Path, told: Option<&Path>) -> Result<PathBuf> {
    for number in 1.. {
        let path = told.map_or_else(|| beside(csv, number), Path::to_path_buf);
        // A link is refused where the name is taken.
        match fs::hard_link(part, &path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("write {}", path.display())),
        }
        if is_same(part, &path).with_context(|| format!("read {}", path.display()))? {
            return Ok(path);
        }
        if told.is_some() {
            bail!("{} is there already: name another file for the lines that are refused", path.display());
        }
    }
    bail!("no name is left for the lines that are refused")
}

fn beside(csv: &Path, number: u32) -> PathBuf {
    let number = if number == 1 { String::new() } else { format!("-{number}") };
    csv.with_file_name(format!("{}{MARK}{number}.csv", name_of(csv)))
}

fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    if fs::metadata(one)?.len() != fs::metadata(other)?.len() {
        return Ok(false);
    }
    let bytes = |path| Ok::<_, io::Error>(BufReader::new(File::open(path)?).bytes());
    for (one, other) in bytes(one)?.zip(bytes(other)?) {
        if one? != other? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn lines(csv: &Csv, now: DateTime<Utc>, path: &Path) -> Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let (mut lines, mut record) = (csv.lines()?, ByteRecord::new());
    let mut is_first = true;
    // Where the file breaks off, the reading of it has said so.
    while lines.read(&mut record).unwrap_or(false) {
        let place = record.position().cloned().unwrap_or_else(Position::new);
        if is_first {
            let head = csv.raw(&Position::new(), place.byte())?;
            let head = head.text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&head.text);
            line(&mut out, COLUMN, csv.separator(), head)?;
            is_first = false;
        }
        if let Err(why) = csv.layout.instant(&record, now) {
            let raw = csv.raw(&place, lines.end())?;
            for (number, text) in (raw.line..).zip(raw.lines()) {
                line(&mut out, &format!("line {number}: {}", why.name()), csv.separator(), text)?;
            }
        }
    }
    out.flush()?;
    out.get_ref().sync_all()?;
    Ok(())
}

/// Each line has its reason in quotes before it, so that an open quote stays where it is and swallows no more than one.
fn line(out: &mut impl Write, reason: &str, separator: u8, text: &[u8]) -> io::Result<()> {
    out.write_all(format!("\"{reason}\"").as_bytes())?;
    out.write_all(&[separator])?;
    out.write_all(text)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::history::{Index, Map};

    #[test]
    fn refused_lines_belong_to_the_history_that_they_are_of() {
        for (file, name) in [
            ("a/notes.csv", "notes"),
            ("notes.refused.csv", "notes"),
            ("notes.refused-12.csv", "notes"),
            ("notes.refused-a.csv", "notes.refused-a"),
            ("notes.refused2.csv", "notes.refused2"),
            (".refused.csv", ".refused"),
            ("notes.2026.csv", "notes.2026"),
        ] {
            assert_eq!(name_of(Path::new(file)), name, "{file}");
        }
        assert_eq!(beside(Path::new("a/notes.refused-2.csv"), 3), Path::new("a/notes.refused-3.csv"));
    }

    proptest! {
        #[test]
        fn every_line_is_a_row_or_kept_as_it_is(
            lines in proptest::collection::vec("(5,2026-02-15T00:00:00Z,8)|[5\",;TZ ]{0,12}|5,2026-02-15T00:00:00Z,\"", 1..30),
            (end, bom) in (prop_oneof![Just("\n"), Just("\r\n")], prop_oneof![Just(""), Just("\u{feff}")]),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("mine.csv");
            let head = format!("{bom}id,at,score");
            let text = [head].into_iter().chain(lines.iter().cloned()).collect::<Vec<_>>().join(end);
            std::fs::write(&path, text).unwrap();
            let map = Map::parse("[columns]\ntime = \"at\"\nmal_id = \"id\"\nscore = \"score\"").unwrap();
            let csv = Csv::open(&path, &map, "map.toml").unwrap();
            let now = "2026-11-01T00:00:00Z".parse().unwrap();
            let index = Index::of(&csv, now, &mut |_| true).unwrap();
            let kept = std::fs::read_to_string(write(&csv, now, None).unwrap()).unwrap();
            let mut kept: Vec<&str> = kept.lines().map(|line| line.split_once("\",").unwrap().1).collect();
            if index.lines() > 0 {
                prop_assert_eq!(kept.remove(0), "id,at,score");
            }
            prop_assert_eq!(kept.len() as u64, index.left.values().sum::<u64>());
            let mut rest = kept.iter().filter(|line| !line.is_empty()).peekable();
            let mut rows = 0;
            for line in lines.iter().filter(|line| !line.is_empty()) {
                if rest.next_if(|kept| **kept == line).is_none() {
                    rows += 1;
                }
            }
            prop_assert!(rest.next().is_none());
            prop_assert_eq!(rows, index.taken + index.silent);
        }
    }
}
