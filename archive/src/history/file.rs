//! The file of a history: read whole, its lines sorted into rows by instant, lines without a number, and lines that are no
//! rows.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, anyhow, bail, ensure};
use chrono::{DateTime, Utc};
use csv::ByteRecord;

use super::{
    map::Map,
    row::{Layout, NoRow, is_spread},
};

/// The largest file: it is read into memory.
const MAX_FILE: u64 = 512 << 20;
/// How many lines of each kind that are refused are named.
const MAX_NAMED: u64 = 5;

/// What the lines of a file are.
#[derive(Debug, Default)]
pub struct Csv {
    /// Its header, as it stands there.
    pub header: Vec<u8>,
    /// What stands between its cells.
    pub separator: u8,
    /// The rows of each instant, in the order of the file.
    pub instants: BTreeMap<DateTime<Utc>, Vec<String>>,
    /// Lines with an instant and something to keep.
    pub taken: u64,
    /// Lines that hold no number at all.
    pub silent: u64,
    /// Lines that are no rows.
    pub refused: Vec<Refused>,
    /// The first of those, in words.
    pub problems: Vec<anyhow::Error>,
}

/// A line that is no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its number, from 1.
    pub line: u64,
    /// Why.
    pub why: NoRow,
    /// As it stands there.
    pub text: Vec<u8>,
}

impl Csv {
    /// Reads a file; `map_name` names the map where they do not fit. `progress` hears of each line and says whether to go on.
    pub fn read(
        path: &Path,
        (map, map_name): (&Map, &str),
        now: DateTime<Utc>,
        progress: &mut dyn FnMut(u64) -> bool,
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
        if header.is_empty() {
            bail!("{name} is empty");
        }
        // Its byte order mark, or zeros between its letters.
        if [&b"\xff\xfe"[..], b"\xfe\xff"].iter().any(|mark| header.as_slice().starts_with(mark))
            || header.as_slice().contains(&0)
        {
            bail!("{name} is UTF-16, and this reads UTF-8: save it as that, or `iconv -f UTF-16 -t UTF-8`");
        }
        if is_spread(&header) {
            bail!("the header of {name} goes over several lines: is a quote left open?");
        }
        let layout = Layout::bind(map, &header).with_context(|| format!("lay {map_name} over {name}"))?;
        let (mut record, mut start) = (ByteRecord::new(), reader.position().clone());
        let first = usize::try_from(start.byte()).context("read the header")?;
        let mut csv =
            Self { header: raw(&text[..first]).1.to_vec(), separator: map.separator, ..Self::default() };
        while reader.read_byte_record(&mut record).with_context(|| format!("read {name}"))? {
            let end = reader.position().clone();
            match layout.instant(&record, now) {
                Ok(at) => {
                    let row = layout.row(&record, at);
                    if row.says_something {
                        csv.taken += 1;
                        csv.instants.entry(at).or_default().push(row.json);
                    } else {
                        csv.silent += 1;
                    }
                }
                Err(why) => {
                    let bytes = usize::try_from(start.byte())?..usize::try_from(end.byte())?;
                    let (ends, text) = raw(&text[bytes]);
                    csv.refuse(
                        &path.display().to_string(),
                        start.line() + ends,
                        why,
                        text,
                        &layout.no_instant(&record),
                    );
                }
            }
            start = end;
            ensure!(progress(csv.lines()), "stopped before anything was published");
        }
        Ok(csv)
    }

    fn refuse(&mut self, file: &str, line: u64, why: NoRow, text: &[u8], instant: &str) {
        if self.refused.iter().filter(|refused| refused.why == why).count() < MAX_NAMED as usize {
            let name = why.name();
            let lines = text.split(|byte| *byte == b'\n').count() as u64;
            let words = match why {
                NoRow::SeveralLines => {
                    format!("{name}, from {line} to {}: is a quote left open?", line + lines - 1)
                }
                NoRow::Instant(_) => format!("{name}: {instant}"),
            };
            self.problems.push(anyhow!("{file}:{line}: {words}"));
        }
        for (line, text) in (line..).zip(text.split(|byte| *byte == b'\n')) {
            let text = text.strip_suffix(b"\r").unwrap_or(text).to_vec();
            self.refused.push(Refused { line, why, text });
        }
    }

    /// How many lines there are.
    pub fn lines(&self) -> u64 {
        self.taken + self.silent + self.refused.len() as u64
    }
}

/// How many ends of lines stand before a record, and the record without them and its own end.
fn raw(bytes: &[u8]) -> (u64, &[u8]) {
    let is_end = |byte: &u8| b"\r\n".contains(byte);
    let start = bytes.iter().position(|byte| !is_end(byte)).unwrap_or(bytes.len());
    let stop = bytes.iter().rposition(|byte| !is_end(byte)).map_or(start, |last| last + 1);
    let ends = bytes[..start].iter().filter(|byte| **byte == b'\n').count() as u64;
    (ends, &bytes[start..stop])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_line_is_a_row_or_refused_as_it_is(
            lines in proptest::collection::vec("(5,2026-02-15T00:00:00Z,8)|[5\",;TZ ]{0,12}|5,2026-02-15T00:00:00Z,\"", 1..30),
            (end, bom) in (prop_oneof![Just("\n"), Just("\r\n")], prop_oneof![Just(""), Just("\u{feff}")]),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("mine.csv");
            let head = format!("{bom}id,at,score");
            let text = [head].into_iter().chain(lines.iter().cloned()).collect::<Vec<_>>().join(end);
            std::fs::write(&path, text).unwrap();
            let map = Map::parse("[columns]\ntime = \"at\"\nmal_id = \"id\"\nscore = \"score\"").unwrap();
            let now = "2026-11-01T00:00:00Z".parse().unwrap();
            let csv = Csv::read(&path, (&map, "map.toml"), now, &mut |_| true).unwrap();
            let mut refused = csv.refused.iter().filter(|line| !line.text.is_empty()).peekable();
            let mut rows = 0;
            for (number, line) in (2..).zip(&lines).filter(|(_, line)| !line.is_empty()) {
                match refused.next_if(|refused| refused.text == line.as_bytes()) {
                    Some(refused) => prop_assert_eq!(refused.line, number),
                    None => rows += 1,
                }
            }
            prop_assert!(refused.next().is_none());
            prop_assert_eq!(rows, csv.taken + csv.silent);
        }
    }
}
