//! Writes RAW into files as it grows, and announces each on RUN. A file is announced once, and the next one begins where
//! the last announced one ended: whatever happens in between, no message is left out and none is in two announced files.

use std::{
    convert::Infallible,
    fs, io,
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use futures::TryStreamExt;
use kansoku_nats::{Outgoing, PublishError, Stored, StreamState, id, page, subject};
use kansoku_runs::Streams;
use kansoku_schemas::ArchiveEvent;
use kansoku_service::{Clock, Dependency, LogThrottle, Stop};

use super::{
    metrics::ArchiverMetrics,
    span::{self, Span},
};
use crate::{
    atomic_file::{AtomicFile, remove_parts},
    export::{Captures, raw},
};

/// How long it waits before it looks again for what has come, or tries again what did not work.
const PAUSE: Duration = Duration::from_secs(1);

/// Archives RAW into a folder.
pub(crate) struct Archiver {
    pub(crate) streams: Arc<Streams>,
    pub(crate) dir: PathBuf,
    /// Tells when a day is over.
    pub(crate) clock: Arc<dyn Clock>,
    /// The name of this process.
    pub(crate) instance: String,
    /// Where it is said whether this works.
    pub(crate) health: Dependency,
    /// What is counted.
    pub(crate) metrics: ArchiverMetrics,
}

impl Archiver {
    /// Archives until it is stopped. What goes wrong is said once a minute and tried again from the last announced file on.
    pub(crate) async fn run(self, stop: Stop) -> Result<()> {
        let cleared = fs::create_dir_all(&self.dir).and_then(|()| remove_parts(&self.dir));
        let throttle = LogThrottle::default();
        if let Err(error) = cleared {
            self.say(&throttle, &error.to_string());
        }
        while let Some(kept) = stop.run_until(self.keep()).await {
            let Err(error) = kept;
            let why = format!("{error:#}");
            self.health.unavailable(why.as_str());
            self.say(&throttle, &why);
            stop.run_until(tokio::time::sleep(PAUSE)).await;
        }
        Ok(())
    }

    fn say(&self, throttle: &LogThrottle, why: &str) {
        if let Some(left_out) = throttle.should_log(why, self.clock.monotonic()) {
            tracing::warn!(left_out, "archive RAW into {}: {why}; trying on", self.dir.display());
        }
    }

    async fn keep(&self) -> Result<Infallible> {
        fs::create_dir_all(&self.dir).with_context(|| format!("make the folder {}", self.dir.display()))?;
        let epoch = self.raw().await?.epoch();
        let mut next = self.announced(epoch).await? + 1;
        self.metrics.behind(self.raw().await?.last_seq, next);
        let mut captures = Captures::new(Arc::clone(&self.streams), epoch);
        let mut begun = None;
        loop {
            let state = self.raw().await?;
            ensure!(state.epoch() == epoch, "RAW was made anew");
            if state.first_seq > next {
                let dropped = state.first_seq - next;
                tracing::error!(dropped, "RAW has dropped {dropped} messages that no announced file has");
                next = state.first_seq;
            }
            let max = span::max_bytes(state.max_bytes);
            // As it goes: whoever reads slowly, or hangs, is behind meanwhile.
            self.metrics.behind(state.last_seq, next);
            let mut messages = pin!(raw(&self.streams, next..=state.last_seq));
            while let Some((seq, stored)) = messages.try_next().await.context("read RAW")? {
                if let Some(stored) = stored {
                    self.add(&mut captures, &mut begun, epoch, stored, max).await?;
                }
                next = seq + 1;
                self.metrics.behind(state.last_seq, next);
            }
            let is_over = |(_, span): &(AtomicFile, Span)| span.is_over(self.clock.now(), max);
            // Publishers wait for the archive and the archive for more to come: so the file ends here.
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
        self.streams.stream_state("RAW").await.context("look at RAW")
    }

    /// The last sequence that an announced file has.
    async fn announced(&self, epoch: u64) -> Result<u64> {
        let last =
            self.streams.last_on_subject("RUN", subject::ARCHIVES).await.context("read the last file")?;
        let Some(last) = last else { return Ok(0) };
        let event: ArchiveEvent = serde_json::from_slice(&last.body)
            .with_context(|| format!("read message {} of RUN, which announces a file", last.seq))?;
        Ok(if event.epoch == epoch { event.last } else { 0 })
    }

    async fn add(
        &self,
        captures: &mut Captures,
        begun: &mut Option<(AtomicFile, Span)>,
        epoch: u64,
        stored: Stored,
        max: u64,
    ) -> Result<()> {
        let (seq, time) = (stored.seq, stored.time);
        let bytes = (stored.headers.wire_len() + stored.body.len()) as u64;
        let capture = captures.raw(stored).await.context("read what a run planned")?;
        if let Some((_, span)) = begun
            && !span.add(seq, bytes, time, max)
        {
            self.close(epoch, begun.take()).await?;
        }
        let (file, _) = match begun {
            Some(begun) => begun,
            None => {
                let file = AtomicFile::begin(&self.dir.join(span::name(epoch, seq, seq)))?;
                begun.insert((file, Span::begin(seq, bytes, time)))
            }
        };
        match capture {
            Ok(capture) => {
                file.write(&capture.into())?;
                self.metrics.page();
            }
            Err(why) => {
                tracing::warn!(
                    seq,
                    "message {seq} of RAW is in no archive, its headers tell of no page: {why}"
                );
            }
        }
        Ok(())
    }

    /// Ends a file and announces it on RUN. Only one file that begins at a position is ever announced.
    async fn close(&self, epoch: u64, begun: Option<(AtomicFile, Span)>) -> Result<()> {
        let Some((file, Span { first, last, .. })) = begun else { return Ok(()) };
        let (captures, name) = (file.lines(), span::name(epoch, first, last));
        fail::fail_point!("archive::before_rename", |_| kansoku_service::kill_this_process());
        let path = self.dir.join(&name);
        let written = tokio::task::spawn_blocking(move || file.finish(&path, true)).await??;
        fail::fail_point!("archive::after_rename", |_| kansoku_service::kill_this_process());
        let (bytes, instance, at) = (written.bytes, self.instance.clone(), self.clock.now());
        let event = ArchiveEvent {
            epoch,
            first,
            last,
            file: name,
            captures,
            bytes,
            sha256: written.sha256,
            instance,
            at,
        };
        self.announce(&event).await?;
        fail::fail_point!("archive::after_announce", |_| kansoku_service::kill_this_process());
        let file = &event.file;
        tracing::info!(file, captures, bytes, "messages {first} to {last} of RAW are archived in {file}");
        remove_older(&self.dir, &event).with_context(|| format!("look into {}", self.dir.display()))
    }

    async fn announce(&self, event: &ArchiveEvent) -> Result<()> {
        let (first, last) = (event.first, event.last);
        let (subject, id) = (subject::archive(event.epoch, first), id::archive(event.epoch, first, last));
        let headers = page::event(page::Kind::Archive, &id, "archive", &event.file, event.at);
        let body = serde_json::to_vec(&event).context("write an event")?.into();
        let message = Outgoing { subject, id, headers, body, expect_last: Some(0) };
        let Err(stored) = self.streams.publish_next(message).await.context("announce a file")? else {
            return Ok(());
        };
        let there = stored.and_then(|stored| serde_json::from_slice::<ArchiveEvent>(&stored.body).ok());
        let same = |there: &ArchiveEvent| (there.last, &there.sha256) == (last, &event.sha256);
        if !there.as_ref().is_some_and(same) {
            let by = there.map_or_else(String::new, |there| format!(" ({})", there.instance));
            bail!("another process{by} has announced a file that begins with message {first} of RAW");
        }
        Ok(())
    }
}

/// Removes what a process left that was killed before it announced its file: all of that is in the announced one.
fn remove_older(dir: &Path, event: &ArchiveEvent) -> io::Result<()> {
    let beginning = span::beginning(event.epoch, event.first);
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&beginning) && name.ends_with(span::ENDING) && name < event.file {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
