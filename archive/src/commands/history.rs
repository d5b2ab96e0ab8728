//! `archive import --csv`.

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use kansoku_runs::{Open, is_unavailable};
use kansoku_schemas::RunEventKind;
use kansoku_service::{Context, count, say};

use super::{bars::spinner, print_table, publishing};
use crate::{
    cli,
    history::{
        Csv, Index, Map, Sheets,
        editions::History,
        map,
        pages::Sheet,
        refused,
        table::{Found, Table},
    },
    import::{self, work::Importer},
    settings::Settings,
};

/// The most instants of one import: each is a run, and RUN, which drops nothing, has to hold them.
const MOST_INSTANTS: usize = 50_000;
/// So many instants, or so many bytes of rows, are looked at before they are published.
const INSTANTS: usize = 1_000;
const BYTES: usize = 16 << 20;
/// Instants looked at at once.
const AT_ONCE: usize = 12;

/// Puts a person's history on the road.
pub(super) async fn history(
    context: Context<Settings>,
    csv: &Path,
    map: &Path,
    what: &cli::Import,
) -> Result<()> {
    let now = context.clock.now();
    // All that may be wrong with the files is said before anything is published.
    let Opened { csv: file, history } = open(csv, map)?;
    let bar = spinner("rows read");
    let mut index = Index::of(&file, now, &mut |count| {
        bar.set_position(count);
        !context.stop.is_stopped()
    })?;
    let mut failures = index.troubles.len() as u64;
    for trouble in index.troubles.drain(..) {
        bar.suspend(|| say(format!("{trouble:#}")));
    }
    let found = Found::of(&index);
    check(&index, failures, csv)?;
    let left = found.left();
    let told = what.refused.as_deref();
    let refused = (left > 0).then(|| refused::write(&file, now, told)).transpose()?;
    if let Some(kept) = refused.as_ref().filter(|_| left == index.lines()) {
        bail!(
            "none of the {left} lines of {} is a row: they stand in {}, each with the reason; if all are wrong in one way, \
             look whether {} says how its instants are written",
            csv.display(),
            kept.display(),
            map.display()
        );
    }
    let sheets = Sheets::of(file, Arc::new(index), now)?;
    let (ledger, publisher) = publishing(&context).await?;
    let importer = Importer { ledger, publisher, stop: context.stop.child(), again: false };
    bar.reset();
    let table =
        publish(&history, sheets, &importer, now, &mut |count| bar.set_position(count), &mut |error| {
            failures += 1;
            bar.suspend(|| say(format!("{error:#}")));
        })
        .await;
    bar.finish_and_clear();
    let stopped = context.stop.is_stopped() || importer.stop.is_stopped();
    let refused_lines = refused.map(|path| path.display().to_string());
    let table = Table { refused_lines, ..found.with(&table, stopped) };
    print_table(&table, what.json)?;
    if stopped {
        let how = if context.stop.is_stopped() { "stopped" } else { "gave up" };
        bail!("{how} after {}; the same command goes on from there", count(table.rows, "row"));
    }
    if let Some(path) = &table.refused_lines {
        bail!(
            "{} no rows, and {} failed. What is there stays. They stand in {path}, each with the \
             reason: mend them there and import it with the same map, or mend {} and run the same command again",
            if left == 1 { "1 line is".to_owned() } else { format!("{left} lines are") },
            count(table.failed, "row"),
            csv.display()
        );
    }
    if failures > 0 {
        bail!(
            "not all went well, as said above: {} failed; what is there stays, so mend it and run the same command again",
            count(table.failed, "row")
        );
    }
    Ok(())
}

/// Publishes what of the pages is not there yet, some instants after the others.
async fn publish(
    history: &History,
    mut sheets: Sheets,
    importer: &Importer,
    now: DateTime<Utc>,
    progress: &mut dyn FnMut(u64),
    trouble: &mut dyn FnMut(&anyhow::Error),
) -> import::Table {
    let mut total = import::Table::default();
    let mut next = None;
    while !importer.stop.is_stopped() {
        let (instants, broken) = some(&mut sheets, &mut next);
        if let Some(error) = &broken {
            trouble(error);
        }
        if instants.is_empty() {
            break;
        }
        let plans = instants.iter().map(|sheets| history.plan(sheets, importer));
        let plans: Vec<_> = futures::stream::iter(plans).buffered(AT_ONCE).collect().await;
        let (mut pages, mut absorbed, mut new_runs, mut left) = (Vec::new(), 0, 0, Vec::new());
        for plan in plans {
            match plan {
                Ok(plan) => {
                    pages.extend(plan.pages.into_iter().map(|page| Ok(page.into())));
                    absorbed += plan.absorbed;
                    new_runs += plan.new_runs;
                    left.extend(plan.left);
                }
                Err(error) => {
                    if is_unavailable(&error) {
                        importer.stop.stop();
                    }
                    trouble(&error);
                }
            }
        }
        if new_runs > 0
            && let Err(error) = room_for(new_runs, importer).await
        {
            importer.stop.stop();
            trouble(&error);
            break;
        }
        let before = total.captures + absorbed;
        let pages = Box::new(pages.into_iter());
        let table = importer.run(pages, now, &mut |count| progress(before + count), trouble).await;
        if !importer.stop.is_stopped() {
            end(left, importer).await.unwrap_or_else(|error| trouble(&error));
        }
        total.captures += absorbed + table.captures;
        total.absorbed += absorbed;
        total.add(table);
        if broken.is_some() {
            break;
        }
    }
    total
}

/// Ends runs that were begun by an import that died, and the rows of which are in other runs now.
async fn end(left: Vec<Open>, importer: &Importer) -> Result<()> {
    for mut open in left {
        let why = Some("its rows were changed before it was whole".to_owned());
        let told = importer.ledger.append(&mut open, RunEventKind::Finished, why).await;
        told.context("end a run that was left")?;
    }
    Ok(())
}

/// Each instant is a run, and RUN has to hold them all: half of it is left to captures.
async fn room_for(runs: u64, importer: &Importer) -> Result<()> {
    if !importer.ledger.has_room_for(runs).await.context("look for room in RUN")? {
        bail!(
            "RUN would be more than half full: each instant is a run, and RUN drops none. Raise max_bytes in \
             nats/streams/RUN.json and run `make up`, or give the rows of one capture one instant"
        );
    }
    Ok(())
}

/// The pages of the next instants, each instant whole; and why there are no more, where the file can no longer be read.
fn some(sheets: &mut Sheets, next: &mut Option<Sheet>) -> (Vec<Vec<Sheet>>, Option<anyhow::Error>) {
    let (mut instants, mut bytes): (Vec<Vec<Sheet>>, usize) = (Vec::new(), 0);
    loop {
        let sheet = match next.take().map(Ok).or_else(|| sheets.next()) {
            Some(Ok(sheet)) => sheet,
            Some(Err(error)) => return (instants, Some(error)),
            None => return (instants, None),
        };
        let size = sheet.rows.iter().map(String::len).sum::<usize>();
        let is_full = instants.len() == INSTANTS || bytes > BYTES;
        match instants.last_mut() {
            Some(last) if last[0].at == sheet.at => last.push(sheet),
            _ if is_full => {
                *next = Some(sheet);
                return (instants, None);
            }
            _ => instants.push(vec![sheet]),
        }
        bytes += size;
    }
}

struct Opened {
    csv: Csv,
    history: History,
}

fn open(csv: &Path, map: &Path) -> Result<Opened> {
    let name = map.display().to_string();
    let text = std::fs::read_to_string(map).with_context(|| format!("read the map {name}"))?;
    let map = Map::parse(&text).with_context(|| format!("read the map {name}"))?;
    let source = map::source(map.name.as_deref().unwrap_or(refused::name_of(csv)));
    let Ok(source) = source else {
        bail!("{}: the file's name is no name for a history; give it one in {name}: name = …", csv.display());
    };
    let csv = Csv::open(csv, &map, &name)?;
    let history = History { name: csv.name(), source, catalogue: map.catalogue };
    Ok(Opened { csv, history })
}

fn check(index: &Index, failures: u64, csv: &Path) -> Result<()> {
    let csv = csv.display();
    if index.lines() == 0 && failures == 0 {
        bail!("{csv} has a header and no row");
    }
    let instants = index.instants.len();
    if instants > MOST_INSTANTS {
        let some: Vec<&DateTime<Utc>> = index.instants.keys().take(3).collect();
        bail!(
            "{csv} has {instants} instants ({some:?} …), and {MOST_INSTANTS} are the most of one import: each is a capture. \
             Give the rows of one capture one instant, or split the file"
        );
    }
    Ok(())
}
