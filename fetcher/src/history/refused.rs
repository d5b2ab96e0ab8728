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
