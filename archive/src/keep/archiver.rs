//! Writes RAW into files as it grows, and announces each on RUN. A file is announced once, and the next one begins where
//! the last announced one ended: whatever happens in between, no message is left out and none is in two files.

use std::{convert::Infallible, fs, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use futures::TryStreamExt;
use kansoku_nats::{Outgoing, PublishError, Stored, StreamState, id, page, subject};
use kansoku_runs::Streams;
use kansoku_schemas::{ArchiveEvent, ArchiveLine};
use kansoku_service::{Clock, Dependency, Stop};

use super::{
    cut::{self, Span},
    found, names,
};
use crate::{
    draft::{Draft, Written},
    export::{Line, Walk},
};

/// How long it waits before it looks again for what has come, or tries again what did not work.
const PAUSE: Duration = Duration::from_secs(1);

/// Archives RAW into a folder.
pub struct Archiver {
    /// The connection.
    pub streams: Arc<Streams>,
    /// The folder.
    pub dir: PathBuf,
    /// Tells when a day is over.
    pub clock: Arc<dyn Clock>,
    /// The name of this process.
    pub instance: String,
    /// Where it is said whether this works.
    pub health: Dependency,
}

/// The file that is being written.
type Begun = Option<(Draft, Span)>;

impl Archiver {
    /// Archives until it is stopped. What goes wrong is said once and tried again from the last announced file on.
    pub async fn run(self, stop: Stop) -> Result<()> {
        let mut said = String::new();
        while let Some(kept) = stop.run_until(self.keep()).await {
            let Err(error) = kept;
            let why = format!("{error:#}");
            if why != said {
                tracing::warn!("archive RAW into {}: {why}; trying on", self.dir.display());
            }
            self.health.unavailable(why.as_str());
            said = why;
            stop.run_until(tokio::time::sleep(PAUSE)).await;
        }
        Ok(())
    }

    async fn keep(&self) -> Result<Infallible> {
        fs::create_dir_all(&self.dir).with_context(|| format!("make the folder {}", self.dir.display()))?;
        let epoch = self.raw().await?.epoch();
        let mut next = self.announced(epoch).await? + 1;
        while let Some(last) = self.announce_found(epoch, next).await? {
            next = last + 1;
        }
        let mut walk = Walk::new(Arc::clone(&self.streams), epoch);
        let mut begun: Begun = None;
        loop {
            let raw = self.raw().await?;
            if raw.epoch() != epoch {
                bail!("RAW was made anew");
            }
            if raw.first_seq > next {
                let dropped = raw.first_seq - next;
                tracing::error!(dropped, "RAW has dropped {dropped} messages that no archive file has");
                next = raw.first_seq;
            }
            let most = cut::most(raw.max_bytes);
            let mut messages = std::pin::pin!(walk.messages(next..=raw.last_seq));
            while let Some((seq, stored)) = messages.try_next().await.context("read RAW")? {
                if let Some(stored) = stored {
                    self.add(&mut walk, &mut begun, epoch, stored, most).await?;
                }
                next = seq + 1;
            }
            let is_over = |(_, span): &(Draft, Span)| span.is_over(self.clock.now(), most);
            // Who publishes waits for the archive and the archive for more to come: so the file ends here.
            let is_waited_for = async || {
                Ok::<_, PublishError>(self.streams.unread().await?.headroom() < StreamState::LARGEST)
            };
            if begun.as_ref().is_some_and(is_over)
                || begun.is_some() && is_waited_for().await.context("look for room in RAW")?
            {
                self.close(epoch, begun.take()).await?;
            }
            self.health.ready();
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn raw(&self) -> Result<StreamState> {
        self.streams.stream_state("RAW").await.context("ask for RAW")
    }

    /// The last sequence that an announced file has.
    async fn announced(&self, epoch: u64) -> Result<u64> {
        let last =
            self.streams.last_on_subject("RUN", subject::ARCHIVES).await.context("ask for the last file")?;
        let Some(last) = last else { return Ok(0) };
        let event: ArchiveEvent = serde_json::from_slice(&last.body)
            .with_context(|| format!("read message {} of RUN, which announces a file", last.seq))?;
        Ok(if event.epoch == epoch { event.last } else { 0 })
    }

    /// Announces a whole file that begins here and was not announced; one that is not whole is written anew.
    async fn announce_found(&self, epoch: u64, first: u64) -> Result<Option<u64>> {
        let found = found::find(&self.dir, epoch, first);
        let Some((file, last)) = found.with_context(|| format!("look into {}", self.dir.display()))? else {
            return Ok(None);
        };
        let path = self.dir.join(&file);
        let verified = tokio::task::spawn_blocking(move || found::verify(&path, epoch, first, last)).await?;
        match verified {
            Ok((captures, written)) => {
                tracing::info!(file, "{file} is whole and not announced yet");
                self.announce(epoch, (first, last), captures, written).await?;
                Ok(Some(last))
            }
            Err(error) => {
                tracing::warn!(file, "{file} is not whole and is written anew: {error:#}");
                fs::remove_file(self.dir.join(&file)).with_context(|| format!("remove {file}"))?;
                Ok(None)
            }
        }
    }

    async fn add(
        &self,
        walk: &mut Walk,
        begun: &mut Begun,
        epoch: u64,
        stored: Stored,
        most: u64,
    ) -> Result<()> {
        let (seq, time) = (stored.seq, stored.time);
        let bytes = (stored.headers.wire_len() + stored.body.len()) as u64;
        let line = walk.line(Some(stored)).await.context("read what a run planned")?;
        if let Some((_, span)) = begun
            && !span.add(seq, bytes, time, most)
        {
            self.close(epoch, begun.take()).await?;
        }
        if begun.is_none() {
            let draft = Draft::begin(&self.dir.join(names::beginning(epoch, seq)))?;
            *begun = Some((draft, Span::begin(seq, bytes, time)));
        }
        match (line, begun) {
            (Line::Capture(capture), Some((draft, _))) => draft.write(&ArchiveLine::Capture(capture))?,
            (Line::NoPage(why), _) => {
                tracing::warn!(
                    seq,
                    "message {seq} of RAW is in no archive, its headers tell of no page: {why}"
                );
            }
            _ => {}
        }
        Ok(())
    }

    async fn close(&self, epoch: u64, begun: Begun) -> Result<()> {
        let Some((draft, Span { first, last, .. })) = begun else { return Ok(()) };
        let (captures, file) = (draft.lines(), names::name(epoch, first, last));
        fail::fail_point!("archive::before_rename", |_| kansoku_service::kill_this_process());
        let written = tokio::task::spawn_blocking(move || draft.finish_as(&file)).await??;
        fail::fail_point!("archive::after_rename", |_| kansoku_service::kill_this_process());
        self.announce(epoch, (first, last), captures, written).await?;
        fail::fail_point!("archive::after_announce", |_| kansoku_service::kill_this_process());
        Ok(())
    }

    /// Says on RUN that a file is there. Only one file that begins at a position is ever announced.
    async fn announce(
        &self,
        epoch: u64,
        (first, last): (u64, u64),
        captures: u64,
        written: Written,
    ) -> Result<()> {
        let (file, at) = (names::name(epoch, first, last), self.clock.now());
        let Written { bytes, sha256 } = written;
        let event = ArchiveEvent {
            epoch,
            first,
            last,
            file,
            captures,
            bytes,
            sha256,
            instance: self.instance.clone(),
            at,
        };
        let (subject, id) = (subject::archive(epoch, first), id::archive(epoch, first, last));
        let headers = page::event(page::Kind::Archive, &id, "archive", &event.file, at);
        let body = Bytes::from(serde_json::to_vec(&event).context("write an event")?);
        let message = Outgoing { subject: subject.clone(), id, headers, body, expect_last: Some(0) };
        match self.streams.publish(message).await {
            Ok(ack) if !ack.duplicate => {}
            Ok(_) | Err(PublishError::WrongLastSequence { .. }) => {
                let stored = self.streams.last_on_subject("RUN", &subject).await.context("ask for a file")?;
                let told =
                    stored.and_then(|stored| serde_json::from_slice::<ArchiveEvent>(&stored.body).ok());
                let same = |told: &ArchiveEvent| (told.last, &told.sha256) == (event.last, &event.sha256);
                if !told.as_ref().is_some_and(same) {
                    let by = told.map_or_else(String::new, |told| format!(" ({})", told.instance));
                    bail!("another process{by} has announced a file that begins with message {first} of RAW");
                }
            }
            Err(error) => return Err(error).context("announce a file"),
        }
        let file = &event.file;
        tracing::info!(file, captures, bytes, "messages {first} to {last} of RAW are archived in {file}");
        Ok(())
    }
}
