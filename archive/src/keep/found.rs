//! A finished file that nobody has announced: its writer died in between.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use kansoku_schemas::ArchiveReader;
use sha2::{Digest, Sha256};

use super::names;
use crate::draft::Written;

/// The file in the folder that begins at this position, with where it ends.
pub fn find(dir: &Path, epoch: u64, first: u64) -> io::Result<Option<(String, u64)>> {
    let mut found = None;
    for entry in std::fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(last) = names::last(&name, epoch, first) {
            found = found.max(Some((last, name)));
        }
    }
    Ok(found.map(|(last, name)| (name, last)))
}

/// Reads a file to its end: every line is a capture of this part of RAW, in order. How many there are, and what the file is.
pub fn verify(path: &Path, epoch: u64, first: u64, last: u64) -> Result<(u64, Written)> {
    let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
    let mut hashing = Hashing { file, hash: Sha256::new(), bytes: 0 };
    let plain = zstd::Decoder::new(&mut hashing).context("read it as zstd")?;
    let (mut captures, mut before) = (0, 0);
    for line in ArchiveReader::new(BufReader::new(plain)) {
        let capture = line?.into_capture().context("find a message of RAW in each line")?;
        let seq = capture.seq.unwrap_or_default();
        let fits = capture.epoch == Some(epoch) && (first..=last).contains(&seq) && seq > before;
        ensure!(fits, "message {seq} of RAW is not one of {first} to {last} in their order");
        (captures, before) = (captures + 1, seq);
    }
    // The decoder may leave what follows the last frame.
    io::copy(&mut hashing, &mut io::sink()).context("read it to its end")?;
    Ok((captures, Written { bytes: hashing.bytes, sha256: hex::encode(hashing.hash.finalize()) }))
}

struct Hashing {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
