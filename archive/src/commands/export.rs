//! `archive export`.

use std::{
    io::{self, BufWriter, Stdout, Write},
    path::Path,
    pin::pin,
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};
use futures::{StreamExt, TryStreamExt};
use kansoku_nats::Stored;
use kansoku_schemas::{ArchiveLine, RunEvent, write_line};
use kansoku_service::{Context, count, say};

use super::connect_soon;
use crate::{
    cli::Export,
    draft::Draft,
    export::{Line, Period, Table, Walk, beside},
    settings::Settings,
};

/// Where the captures go.
enum Target {
    File(Box<Draft>),
    Out(BufWriter<Stdout>),
}

impl Target {
    fn open(what: &Export) -> Result<Self> {
        if what.output == "-" {
            return Ok(Self::Out(BufWriter::new(io::stdout())));
        }
        let path = Path::new(&what.output);
        if ![".jsonl", ".jsonl.zst"].iter().any(|ending| what.output.ends_with(ending)) {
            bail!("{}: name it .jsonl, or .jsonl.zst to have it compressed", what.output);
        }
        if path.exists() && !what.force {
            bail!("{} is there already; --force replaces it", what.output);
        }
        Ok(Self::File(Box::new(Draft::begin(path)?)))
    }

    fn write(&mut self, line: &ArchiveLine) -> Result<()> {
        match self {
            Self::File(draft) => draft.write(line),
            Self::Out(out) => Ok(write_line(line, out)?),
        }
    }

    fn finish(self, force: bool) -> Result<()> {
        match self {
            Self::File(draft) => draft.finish(force).map(drop),
            Self::Out(mut out) => Ok(out.flush()?),
        }
    }
}

/// What an export goes through.
enum Found {
    /// What stands at a sequence of RAW.
    Raw(u64, Option<Stored>),
    /// A dead letter of the stage `fetch`.
    Letter(Stored),
    /// How a run ended.
    End(Box<RunEvent>),
}

/// Writes what is in RAW into an archive, with the answers that were no pages and how the runs ended.
pub async fn export(context: Context<Settings>, what: Export) -> Result<()> {
    let period = Period::new(what.from, what.to)?;
    let mut target = Target::open(&what)?;
    let streams = connect_soon(&context).await?;
    let state = streams.stream_state("RAW").await.context("ask for RAW")?;
    let epoch = state.epoch();
    let mut walk = Walk::new(Arc::clone(&streams), epoch);
    let bar = super::bars::progress_of(state.messages, "messages read");
    let mut table = Table::default();
    let pages = walk
        .messages(state.first_seq.max(1)..=state.last_seq)
        .map_ok(|(seq, stored)| Found::Raw(seq, stored));
    let letters = beside::letters(&streams).map_ok(Found::Letter);
    let ends = beside::ends(&streams).map_ok(|event| Found::End(Box::new(event)));
    let mut all = pin!(pages.chain(letters).chain(ends));
    loop {
        let Some(read) = context.stop.run_until(all.try_next()).await else {
            // What waits in memory goes out too; a file that is not whole gets no name.
            if let Target::Out(out) = &mut target {
                out.flush().map_err(anyhow::Error::from).or_else(unless_nobody_reads)?;
            }
            bail!(stopped(&what.output, &table));
        };
        let line = match read.context("read the streams")? {
            None => break,
            Some(Found::Raw(seq, stored)) => {
                bar.inc(1);
                match walk.line(stored).await.context("read what a run planned")? {
                    Line::Capture(capture) if !period.has(capture.captured_at) => {
                        table.outside += 1;
                        continue;
                    }
                    Line::Capture(capture) => {
                        table.exported(&capture);
                        ArchiveLine::Capture(capture)
                    }
                    Line::Gone => {
                        table.gone += 1;
                        continue;
                    }
                    Line::NoPage(why) => {
                        bar.suspend(|| {
                            say(format!(
                                "message {seq} of RAW is left out, its headers tell of no page: {why}"
                            ))
                        });
                        table.no_page += 1;
                        continue;
                    }
                }
            }
            Some(Found::Letter(stored)) => {
                match walk.letter(stored).await.context("read what a run planned")? {
                    Line::Capture(capture) if period.has(capture.captured_at) => {
                        table.put_aside(&capture);
                        ArchiveLine::Capture(capture)
                    }
                    _ => continue,
                }
            }
            Some(Found::End(event)) if period.has(event.captured_at) => {
                table.runs += 1;
                ArchiveLine::Run { run_event: event, epoch }
            }
            Some(Found::End(_)) => continue,
        };
        if let Err(error) = target.write(&line) {
            return unless_nobody_reads(error);
        }
    }
    bar.finish_and_clear();
    if table.is_empty() {
        bail!("no captures{} in RAW; nothing was written\n{table}", period.words());
    }
    target.finish(what.force).or_else(unless_nobody_reads)?;
    let text = if what.json { serde_json::to_string_pretty(&table)? + "\n" } else { table.to_string() };
    if what.output == "-" {
        say(text.trim_end());
    } else {
        kansoku_service::print(&text)?;
    }
    Ok(())
}

fn stopped(output: &str, table: &Table) -> String {
    let went = count(table.written(), "capture");
    if output == "-" {
        format!("stopped: {went} of the export went to standard output, the rest did not")
    } else {
        "stopped; nothing was written".to_owned()
    }
}

/// `export - | head` is not an error.
fn unless_nobody_reads(error: anyhow::Error) -> Result<()> {
    let is_pipe = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    if error.downcast_ref().is_some_and(is_pipe) { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_that_is_stopped_says_what_was_written() {
        let table = Table { pages: [("genres".to_owned(), 3)].into(), ..Table::default() };
        assert_eq!(stopped("a.jsonl", &table), "stopped; nothing was written");
        assert!(
            stopped("-", &table).starts_with("stopped: 3 captures of the export went to standard output")
        );
    }
}
