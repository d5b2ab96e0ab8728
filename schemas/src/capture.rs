//! A line of an archive: one recorded answer with all that is known of it.

use std::{
    collections::BTreeMap,
    io::{BufRead, Read, Write},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Catalogue, Dataset, RunId};

/// One recorded answer, its body byte for byte: as a string, or in base64 where it is no UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// The address that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The HTTP headers of the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// When it was recorded.
    pub captured_at: DateTime<Utc>,
    /// Where the bytes came from.
    pub source: String,
    /// Which family of titles.
    pub catalogue: Catalogue,
    /// The capture it is a page of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// What it is a page of; read off the address where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataset: Option<Dataset>,
    /// Its number, from 1.
    #[serde(default = "first")]
    pub page: u32,
    /// How many pages its run planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// The epoch of the RAW it was exported from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// Its sequence in that RAW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Its headers in that RAW.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nats_headers: Option<BTreeMap<String, String>>,
    /// The body, where it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body in base64, where it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
}

/// Why a capture has no body.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Neither, or both.
    #[error("a capture has body or body_base64, one of them")]
    NotOne,
    /// Not base64.
    #[error("read body_base64: {0}")]
    Base64(#[from] base64::DecodeError),
}

impl Capture {
    /// The same with this body.
    #[must_use]
    pub fn with_body(self, body: Vec<u8>) -> Self {
        match String::from_utf8(body) {
            Ok(text) => Self { body: Some(text), body_base64: None, ..self },
            Err(error) => Self { body: None, body_base64: Some(STANDARD.encode(error.as_bytes())), ..self },
        }
    }

    /// Takes the body out.
    pub fn take_body(&mut self) -> Result<Vec<u8>, BodyError> {
        match (self.body.take(), self.body_base64.take()) {
            (Some(text), None) => Ok(text.into_bytes()),
            (None, Some(text)) => Ok(STANDARD.decode(text)?),
            _ => Err(BodyError::NotOne),
        }
    }
}

fn first() -> u32 {
    1
}

/// The most bytes of a line: a page has about 100 kB, and a line that never ends must not fill the memory.
const MOST_LINE: u64 = 32 << 20;

/// Why a line of an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
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
    /// The line is too long for a capture.
    #[error("line {line} (byte {byte}): more than {} MiB, which no capture has", MOST_LINE >> 20)]
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
pub struct CaptureReader<R> {
    reader: R,
    line: u64,
    byte: u64,
    buffer: Vec<u8>,
    any: bool,
    broken: bool,
}

impl<R: BufRead> CaptureReader<R> {
    /// Reads from `reader`.
    pub fn new(reader: R) -> Self {
        Self { reader, line: 0, byte: 0, buffer: Vec::new(), any: false, broken: false }
    }

    /// The number of the line that was read last, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }
}

impl<R: BufRead> Iterator for CaptureReader<R> {
    type Item = Result<Capture, CaptureError>;

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
                    return Some(Err(CaptureError::TooLong { line, byte }));
                }
                Ok(_) if self.buffer.trim_ascii().is_empty() => {}
                Ok(_) => {
                    let last = self.buffer.last() != Some(&b'\n');
                    let parsed = serde_json::from_slice(&self.buffer);
                    self.broken = parsed.is_err() && (last || !self.any);
                    self.any |= parsed.is_ok();
                    return Some(parsed.map_err(|source| CaptureError::Parse { line, byte, last, source }));
                }
                Err(source) => {
                    self.broken = true;
                    return Some(Err(CaptureError::Read { line, byte, source }));
                }
            }
        }
        None
    }
}

/// Writes one line of an archive.
pub fn write_capture(capture: &Capture, mut writer: impl Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut writer, capture)?;
    writer.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

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
            write_capture(capture, &mut archive).unwrap();
        }
        let read: Vec<_> = CaptureReader::new(&archive[..]).map(Result::unwrap).collect();
        assert_eq!(read, captures);
    }

    #[test]
    fn a_body_that_is_no_text_survives() {
        for body in [&b"{\"data\":[]}"[..], b"\xff\xfe\0", b""] {
            let mut archive = Vec::new();
            write_capture(&capture("").with_body(body.to_vec()), &mut archive).unwrap();
            let mut read = CaptureReader::new(&archive[..]).next().unwrap().unwrap();
            assert_eq!(read.take_body().unwrap(), body);
            assert!(matches!(read.take_body(), Err(BodyError::NotOne)));
        }
    }

    #[test]
    fn a_cut_archive_names_line_and_byte_and_ends_the_reading() {
        let mut archive = Vec::new();
        write_capture(&capture("{}"), &mut archive).unwrap();
        let begins = archive.len() + 1;
        archive.extend(b"\n{\"status\":200,\"cap");
        let mut reader = CaptureReader::new(&archive[..]);
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
        write_capture(&capture("{}"), &mut line).unwrap();
        let archive = [&line[..], b"no json\n", &line].concat();
        let read: Vec<_> = CaptureReader::new(&archive[..]).map(|read| read.is_ok()).collect();
        assert_eq!(read, [true, false, true]);
        let no_archive = CaptureReader::new(&b"{\n\"data\": []\n}\n"[..]);
        assert_eq!(no_archive.count(), 1);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        let error = CaptureReader::new(endless).next().unwrap().unwrap_err();
        assert!(matches!(error, CaptureError::TooLong { line: 1, byte: 0 }), "{error}");
    }

    #[test]
    fn unknown_keys_are_refused() {
        let line = br#"{"status":200,"captured_at":"2026-01-01T00:00:00Z","source":"s","catalogue":"mal","body":"","bdy":""}"#;
        let error = CaptureReader::new(&line[..]).next().unwrap().unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("bdy"), "{cause}");
    }
}
