//! `archive export`.

use std::{
    io::{self, BufWriter, Stdout, Write},
    path::Path,
    pin::pin,
    sync::Arc,
};

use anyhow::{Context as _, Result, bail, ensure};
use futures::TryStreamExt;
use kansoku_schemas::{ArchiveLine, write_line};
use kansoku_service::{Context, count, say};

use super::connect_soon;
use crate::{
    atomic_file::AtomicFile,
    cli::Export,
    export::{Captures, Entry, Period, Table, entries},
    progress::Progress,
    settings::Settings,
};

/// Where the captures go.
enum Target {
    File(Box<AtomicFile>),
    Out(BufWriter<Stdout>),
}

impl Target {
    fn open(what: &Export) -> Result<Self> {
        let name = &what.output;
        if name == "-" {
            return Ok(Self::Out(BufWriter::new(io::stdout())));
        }
        let is_named = [".jsonl", ".jsonl.zst"].iter().any(|ending| name.ends_with(ending));
        ensure!(is_named, "{name}: name it .jsonl, or .jsonl.zst to have it compressed");
        let path = Path::new(name);
        ensure!(what.force || !path.exists(), "{name} is there already; --force replaces it");
        Ok(Self::File(Box::new(AtomicFile::begin(path)?)))
    }

    fn write(&mut self, line: &ArchiveLine) -> Result<()> {
        match self {
            Self::File(file) => file.write(line),
            Self::Out(out) => Ok(write_line(line, out)?),
        }
    }

    fn finish(self, what: &Export) -> Result<()> {
        match self {
            Self::File(file) => file.finish(Path::new(&what.output), what.force).map(drop),
            Self::Out(mut out) => Ok(out.flush()?),
        }
    }
}

/// Writes what is in RAW into an archive, with the answers that were no pages and how the runs ended.
pub async fn export(context: Context<Settings>, what: Export) -> Result<()> {
    let period = Period::new(what.from, what.to)?;
    let target = Target::open(&what)?;
    let mut table = Table::default();
    match write(&context, target, &what, period, &mut table).await {
        // `export - | head` is not an error.
        Err(error) if error.downcast_ref().is_some_and(is_pipe) => return Ok(()),
        written => written?,
    }
    let text = if what.json { serde_json::to_string_pretty(&table)? + "\n" } else { table.to_string() };
    match what.output.as_str() {
        "-" => say(text.trim_end()),
        _ => kansoku_service::print(&text)?,
    }
    Ok(())
}

async fn write(
    context: &Context<Settings>,
    mut target: Target,
    what: &Export,
    period: Period,
    table: &mut Table,
) -> Result<()> {
    let streams = connect_soon(context).await?;
    let raw = streams.stream_state("RAW").await.context("look at RAW")?;
    let run = streams.stream_state("RUN").await.context("look at RUN")?;
    let progress = Progress::of("messages read");
    let mut read = 0;
    let mut captures = Captures::new(Arc::clone(&streams), raw.epoch());
    let mut entries =
        pin!(entries(&streams, raw.first_seq.max(1)..=raw.last_seq, run.first_seq.max(1)..=run.last_seq));
    loop {
        let Some(next) = context.stop.run_until(entries.try_next()).await else {
            // What waits in memory goes out too; a file that is not whole gets no name.
            if let Target::Out(out) = &mut target {
                out.flush().or_else(|error| if is_pipe(&error) { Ok(()) } else { Err(error) })?;
            }
            bail!(stopped(&what.output, table));
        };
        let Some(entry) = next.context("read the streams")? else { break };
        let line = match entry {
            Entry::Raw(seq, stored) => {
                read += 1;
                progress.set(read);
                let Some(stored) = stored else {
                    table.gone += 1;
                    continue;
                };
                match captures.raw(stored).await.context("read what a run planned")? {
                    Ok(capture) if period.has(capture.captured_at) => {
                        table.exported(&capture);
                        capture.into()
                    }
                    Ok(_) => {
                        table.outside += 1;
                        continue;
                    }
                    Err(why) => {
                        table.no_page += 1;
                        let words = "is left out, its headers tell of no page";
                        progress.say(&format!("message {seq} of RAW {words}: {why}"));
                        continue;
                    }
                }
            }
            Entry::DeadLetter(stored) => {
                let capture = captures.dead_letter(stored).await.context("read what a run planned")?;
                let Some(capture) = capture.filter(|capture| period.has(capture.captured_at)) else {
                    continue;
                };
                table.dead_letter(&capture);
                capture.into()
            }
            Entry::End(event) if period.has(event.captured_at) => {
                table.runs += 1;
                ArchiveLine::Run { run_event: event, epoch: raw.epoch() }
            }
            Entry::End(_) => continue,
        };
        target.write(&line)?;
    }
    drop(progress);
    ensure!(!table.is_empty(), "no captures{} in RAW; nothing was written\n{table}", period.words());
    target.finish(what)
}

fn stopped(output: &str, table: &Table) -> String {
    let written = count(table.written(), "capture");
    match output {
        "-" => format!("stopped: {written} of the export went to standard output, the rest did not"),
        _ => "stopped; nothing was written".to_owned(),
    }
}

/// Whether nobody reads what is written.
fn is_pipe(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_that_is_stopped_says_what_was_written() {
        let mut table = Table::default();
        table.pages.insert("genres".to_owned(), 3);
        assert_eq!(stopped("a.jsonl", &table), "stopped; nothing was written");
        let words = "stopped: 3 captures of the export went to standard output";
        assert!(stopped("-", &table).starts_with(words));
    }
}
