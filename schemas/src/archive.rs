//! An archive: captures line by line, and how runs ended.

use std::io::{BufRead, Read, Write};

use serde::{Deserialize, Serialize};

use crate::{Capture, RunEvent};

/// A line of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ArchiveLine {
    /// A recorded answer.
    Capture(Box<Capture>),
    /// How a run ended, as its fetcher told it: what its captures alone do not say.
    Run {
        /// Its last event.
        run_event: Box<RunEvent>,
        /// The epoch of the RAW that it was exported beside.
        epoch: u64,
    },
}

impl ArchiveLine {
    /// The recorded answer, if it is one.
    pub fn into_capture(self) -> Option<Capture> {
        match self {
            Self::Capture(capture) => Some(*capture),
            Self::Run { .. } => None,
        }
    }
}

impl From<Capture> for ArchiveLine {
    fn from(capture: Capture) -> Self {
        Self::Capture(Box::new(capture))
    }
}

/// The most bytes of a line: a page has about 100 kB, and a line that never ends must not fill the memory.
const MOST_LINE: u64 = 32 << 20;

/// Why a line of an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file ends or fails in the middle: what came before this line is good.
    #[error("line {line} (byte {byte}): the archive breaks off")]
    Read {
        /// The line, from 1.
        line: u64,
        /// Where the line begins, in uncompressed bytes from 0.
        byte: u64,
        /// What the reader says.
        source: std::io::Error,
    },
    /// The line is too long for a capture, or so are the blank lines before it.
    #[error("line {line} (byte {byte}): more than {} MiB without a capture", MOST_LINE >> 20)]
    TooLong {
        /// The line, from 1.
        line: u64,
        /// Where the line begins, in uncompressed bytes from 0.
        byte: u64,
    },
    /// The line is not a capture.
    #[error("line {line} (byte {byte}): {}", if *last { "the last line has no end, the archive is cut off" } else { "no capture" })]
    Parse {
        /// The line, from 1.
        line: u64,
        /// Where the line begins, in uncompressed bytes from 0.
        byte: u64,
        /// Whether the line has no end.
        last: bool,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Reads an archive line by line; blank lines are passed over. A line that is no capture does not hide those after it,
/// but after a first line that is none (then this is no archive), a line that breaks off or one that is too long nothing
/// more is read.
#[derive(Debug)]
pub struct ArchiveReader<R> {
    reader: R,
    line: u64,
    byte: u64,
    buffer: Vec<u8>,
    /// Bytes of blank lines since the last that was none.
    blank: u64,
    any: bool,
    broken: bool,
}

impl<R: BufRead> ArchiveReader<R> {
    /// Reads from `reader`.
    pub fn new(reader: R) -> Self {
        Self { reader, line: 0, byte: 0, buffer: Vec::new(), blank: 0, any: false, broken: false }
    }

    /// The number of the line that was read last, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }
}

impl<R: BufRead> Iterator for ArchiveReader<R> {
    type Item = Result<ArchiveLine, ArchiveError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.broken {
            self.byte += self.buffer.len() as u64;
            self.buffer.clear();
            self.line += 1;
            let (line, byte) = (self.line, self.byte);
            match self.reader.by_ref().take(MOST_LINE).read_until(b'\n', &mut self.buffer) {
                Ok(0) => return None,
                Ok(read) if read as u64 == MOST_LINE => {
                    self.broken = true;
                    return Some(Err(ArchiveError::TooLong { line, byte }));
                }
                Ok(read) if self.buffer.trim_ascii().is_empty() => {
                    self.blank += read as u64;
                    if self.blank >= MOST_LINE {
                        self.broken = true;
                        return Some(Err(ArchiveError::TooLong { line, byte }));
                    }
                }
                Ok(_) => {
                    self.blank = 0;
                    let last = self.buffer.last() != Some(&b'\n');
                    let parsed = parse(&self.buffer);
                    self.broken = parsed.is_err() && (last || !self.any);
                    self.any |= parsed.is_ok();
                    return Some(parsed.map_err(|source| ArchiveError::Parse { line, byte, last, source }));
                }
                Err(source) => {
                    self.broken = true;
                    return Some(Err(ArchiveError::Read { line, byte, source }));
                }
            }
        }
        None
    }
}

/// Reads a line; which kind it is of, its first key says.
fn parse(line: &[u8]) -> serde_json::Result<ArchiveLine> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Run {
        run_event: Box<RunEvent>,
        epoch: u64,
    }
    let inside = line.trim_ascii_start().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    if inside.is_some_and(|inside| inside.starts_with(b"\"run_event\"")) {
        let Run { run_event, epoch } = serde_json::from_slice(line)?;
        return Ok(ArchiveLine::Run { run_event, epoch });
    }
    serde_json::from_slice(line).map(ArchiveLine::Capture)
}

/// Writes one line of an archive.
pub fn write_line(line: &ArchiveLine, mut writer: impl Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut writer, line)?;
    writer.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;

    use super::*;
    use crate::{BodyError, Catalogue, Dataset, RunEventKind, RunId};

    fn capture(body: &str) -> Capture {
        Capture {
            url: Some("https://api.example.org/v4/genres/anime".to_owned()),
            status: 200,
            headers: BTreeMap::new(),
            captured_at: DateTime::UNIX_EPOCH,
            source: "https://api.example.org/v4".to_owned(),
            catalogue: Catalogue::Mal,
            run: None,
            dataset: Some(Dataset::Genres),
            page: 1,
            pages: None,
            epoch: None,
            seq: None,
            nats_headers: None,
            body: Some(body.to_owned()),
            body_base64: None,
        }
    }

    #[test]
    fn what_is_written_is_read_again_byte_for_byte() {
        let captures =
            [capture("{\"data\":[]}"), capture("{ \"a\" : \"\\u3042\\/\" }\n"), capture("あ\u{0}")];
        let mut archive = Vec::new();
        for capture in &captures {
            write_line(&capture.clone().into(), &mut archive).unwrap();
        }
        let read: Vec<_> =
            ArchiveReader::new(&archive[..]).map(|line| line.unwrap().into_capture().unwrap()).collect();
        assert_eq!(read, captures);
    }

    #[test]
    fn a_body_that_is_no_text_survives() {
        for body in [&b"{\"data\":[]}"[..], b"\xff\xfe\0", b""] {
            let mut archive = Vec::new();
            write_line(&capture("").with_body(body.to_vec()).into(), &mut archive).unwrap();
            let mut read = ArchiveReader::new(&archive[..]).next().unwrap().unwrap().into_capture().unwrap();
            assert_eq!(read.take_body().unwrap(), body);
            assert!(matches!(read.take_body(), Err(BodyError::NotOne)));
        }
    }

    #[test]
    fn a_cut_archive_names_line_and_byte_and_ends_the_reading() {
        let mut archive = Vec::new();
        write_line(&capture("{}").into(), &mut archive).unwrap();
        let begins = archive.len() + 1;
        archive.extend(b"\n{\"status\":200,\"cap");
        let mut reader = ArchiveReader::new(&archive[..]);
        assert!(reader.next().unwrap().is_ok());
        let error = reader.next().unwrap().unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("line 3 (byte {begins}):")) && error.contains("cut off"),
            "{error}"
        );
        assert!(reader.next().is_none());
    }

    #[test]
    fn a_bad_line_does_not_hide_those_after_it() {
        let mut line = Vec::new();
        write_line(&capture("{}").into(), &mut line).unwrap();
        let archive = [&line[..], b"no json\n", &line].concat();
        let read: Vec<_> = ArchiveReader::new(&archive[..]).map(|read| read.is_ok()).collect();
        assert_eq!(read, [true, false, true]);
        let no_archive = ArchiveReader::new(&b"{\n\"data\": []\n}\n"[..]);
        assert_eq!(no_archive.count(), 1);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        let error = ArchiveReader::new(endless).next().unwrap().unwrap_err();
        assert!(matches!(error, ArchiveError::TooLong { line: 1, byte: 0 }), "{error}");
        let blank = std::io::BufReader::new(std::io::repeat(b'\n'));
        let error = ArchiveReader::new(blank).next().unwrap().unwrap_err();
        assert!(matches!(error, ArchiveError::TooLong { line: MOST_LINE, .. }), "{error}");
    }

    #[test]
    fn how_a_run_ended_is_a_line_of_its_own() {
        let event = RunEvent {
            run: RunId::scheduled("s", &Dataset::Genres, DateTime::UNIX_EPOCH),
            dataset: Dataset::Genres,
            source: "s".to_owned(),
            catalogue: Catalogue::Mal,
            captured_at: DateTime::UNIX_EPOCH,
            event: RunEventKind::Failed,
            n: 3,
            instance: "a".to_owned(),
            at: DateTime::UNIX_EPOCH,
            started_at: None,
            pages_planned: None,
            pages_got: Vec::new(),
            pages_failed: Vec::new(),
            replays_got: Vec::new(),
            bodies_got: BTreeMap::new(),
            bodies_dead: Vec::new(),
            rows: 0,
            census: None,
            retries: 2,
            waited_ms: 5,
            warnings: vec!["page 1: 504".to_owned()],
            released: false,
            taken_over: false,
            error: Some("no page came".to_owned()),
        };
        let line = ArchiveLine::Run { run_event: Box::new(event), epoch: 7 };
        let mut archive = Vec::new();
        write_line(&line, &mut archive).unwrap();
        let spaced =
            String::from_utf8(archive.clone()).unwrap().replace("{\"run_event\":", " { \"run_event\" : ");
        archive.extend(spaced.as_bytes());
        let read: Vec<_> = ArchiveReader::new(&archive[..]).map(Result::unwrap).collect();
        assert_eq!(read, [line.clone(), line]);
        let error = ArchiveReader::new(&b"{\"run_event\":{},\"more\":1}\n"[..]).next().unwrap().unwrap_err();
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("missing field"), "{error}");
    }

    #[test]
    fn unknown_keys_are_refused() {
        let line = br#"{"status":200,"captured_at":"2026-01-01T00:00:00Z","source":"s","catalogue":"mal","body":"","bdy":""}"#;
        let error = ArchiveReader::new(&line[..]).next().unwrap().unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("bdy"), "{cause}");
    }
}
