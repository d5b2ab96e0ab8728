//! The file of a history: read whole, its lines sorted into rows by instant, lines without a number, and lines that are no
//! rows.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use csv::ByteRecord;

use super::{
    map::Map,
    row::{Layout, is_spread},
};
use crate::{counts::add, import::Report};

/// The largest file: it is read into memory.
const MAX_FILE: u64 = 512 << 20;
/// How many lines of each kind that is left out are said; the report names more of them.
const MAX_SAID: u64 = 5;
/// What a record is called in the closing table that goes over several lines.
const SPREAD: &str = "one row over several lines";
/// How many records are read between two looks at whether to go on.
const RECORDS: u64 = 10_000;

/// The rows of a file.
#[derive(Debug, Default)]
pub(crate) struct Csv {
    /// The rows of each instant, in the order of the file.
    pub(crate) instants: BTreeMap<DateTime<Utc>, Vec<String>>,
    /// How many lines were left out that are no rows.
    pub(crate) left_out: u64,
    /// How many records of each kind those are.
    said: BTreeMap<&'static str, u64>,
}

impl Csv {
    /// Reads a file, and reports of the lines that are no rows; `map_name` names the map where they do not fit.
    pub(crate) fn read(
        path: &Path,
        (map, map_name): (&Map, &str),
        now: DateTime<Utc>,
        report: &mut Report,
        is_stopped: impl Fn() -> bool,
    ) -> Result<Self> {
        let name = path.display();
        let meta = path.metadata().with_context(|| format!("open {name}"))?;
        ensure!(meta.is_file(), "{name} is no file: a history is no folder and no pipe");
        ensure!(meta.len() <= MAX_FILE, "{name} has more than {} MiB: split it", MAX_FILE >> 20);
        let text = std::fs::read(path).with_context(|| format!("read {name}"))?;
        // A line of another length is a bad row, not the end of the reading.
        let mut builder = csv::ReaderBuilder::new();
        let mut reader = builder.delimiter(map.separator).flexible(true).from_reader(&text[..]);
        let header = reader.byte_headers().with_context(|| format!("read the header of {name}"))?.clone();
        ensure!(!header.is_empty(), "{name} is empty");
        // Its byte order mark, or zeros between its letters.
        if [&b"\xff\xfe"[..], b"\xfe\xff"].iter().any(|mark| header.as_slice().starts_with(mark))
            || header.as_slice().contains(&0)
        {
            bail!("{name} is UTF-16, and this reads UTF-8: save it as that, or `iconv -f UTF-16 -t UTF-8`");
        }
        ensure!(!is_spread(&header), "the header of {name} goes over several lines: is a quote left open?");
        let layout = Layout::bind(map, &header);
        let layout = layout.map_err(Error::msg).with_context(|| format!("lay {map_name} over {name}"))?;
        let (mut csv, mut record, mut records) = (Self::default(), ByteRecord::new(), 0_u64);
        let mut start = reader.position().clone();
        while reader.read_byte_record(&mut record).with_context(|| format!("read {name}"))? {
            let end = reader.position().clone();
            let at = if is_spread(&record) { None } else { Some(layout.instant(&record, now)) };
            if let Some(Ok(at)) = at {
                match layout.row(&record, at) {
                    Some(row) => csv.instants.entry(at).or_default().push(row),
                    None => add(&mut report.not_taken, "no number", 1),
                }
            } else {
                let bytes = usize::try_from(start.byte())?..usize::try_from(end.byte())?;
                let (blank, lines) = lines(&text[bytes]);
                let line = start.line() + blank;
                let (kind, words) = match at {
                    Some(Err(why)) => (why.name(), format!(": {}", layout.no_instant(&record))),
                    _ => (SPREAD, format!(", from {line} to {}: is a quote left open?", line + lines - 1)),
                };
                csv.leave_out(kind, lines, &anyhow!("{name}:{line}: {kind}{words}"), report);
            }
            start = end;
            records += 1;
            if records.is_multiple_of(RECORDS) {
                report.show(records);
                ensure!(!is_stopped(), "stopped before anything was published");
            }
        }
        ensure!(records > 0, "{name} has a header and no row");
        Ok(csv)
    }

    fn leave_out(&mut self, kind: &'static str, lines: u64, error: &Error, report: &mut Report) {
        self.left_out += lines;
        add(&mut report.not_taken, kind, lines);
        let count = self.said.entry(kind).or_default();
        *count += 1;
        report.note(error, *count <= MAX_SAID);
    }
}

/// How many ends of lines stand before a record, and over how many lines it goes.
fn lines(bytes: &[u8]) -> (u64, u64) {
    let ends = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    let is_text = |byte: &u8| !b"\r\n".contains(byte);
    let first = bytes.iter().position(is_text).unwrap_or(bytes.len());
    let last = bytes.iter().rposition(is_text).unwrap_or(first);
    (ends(&bytes[..first]), ends(&bytes[first..last]) + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_line_is_a_row_or_left_out(
            lines in proptest::collection::vec("(5,2026-02-15T00:00:00Z,8)|[5\",;TZ ]{1,12}|5,2026-02-15T00:00:00Z,\"", 1..30),
            (end, bom) in (prop_oneof![Just("\n"), Just("\r\n")], prop_oneof![Just(""), Just("\u{feff}")]),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("mine.csv");
            let head = format!("{bom}id,at,score");
            std::fs::write(&path, [head].into_iter().chain(lines.iter().cloned()).collect::<Vec<_>>().join(end)).unwrap();
            let map = Map::parse("[columns]\ntime = \"at\"\nmal_id = \"id\"\nscore = \"score\"").unwrap();
            let now = "2026-11-01T00:00:00Z".parse().unwrap();
            let mut report = Report::default();
            let csv = Csv::read(&path, (&map, "map.toml"), now, &mut report, || false).unwrap();
            let rows = csv.instants.values().map(|rows| rows.len() as u64).sum::<u64>();
            prop_assert_eq!(rows + report.read(), lines.len() as u64);
            prop_assert!(csv.left_out <= report.read());
        }
    }
}
