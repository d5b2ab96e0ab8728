//! `archive import --csv`.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use kansoku_runs::{Open, is_unavailable};
use kansoku_schemas::RunEventKind;
use kansoku_service::{Context, count, say};

use super::{bars::spinner, print_table, publishing};
use crate::{
    cli,
    history::{Csv, History, Map, Table, map, refused},
    import::{self, Importer, importer::Report},
    settings::Settings,
};

/// The most instants of one import: each is a run, and RUN, which drops nothing, has to hold them.
const MAX_INSTANTS: usize = 50_000;
/// So many instants are looked at before they are published.
const INSTANTS: usize = 1_000;
/// Instants looked at at once.
const AT_ONCE: usize = 12;

/// Publishes a person's history.
pub(super) async fn history(
    context: Context<Settings>,
    path: &Path,
    map_path: &Path,
    what: &cli::Import,
) -> Result<()> {
    let now = context.clock.now();
    // All that may be wrong with the files is said before anything is published.
    let map_name = map_path.display().to_string();
    let text = std::fs::read_to_string(map_path).with_context(|| format!("read the map {map_name}"))?;
    let map = Map::parse(&text).with_context(|| format!("read the map {map_name}"))?;
    let Ok(source) = map::source(map.name.as_deref().unwrap_or(refused::name_of(path))) else {
        let path = path.display();
        bail!("{path}: the file's name is no name for a history; give it one in {map_name}: name = …");
    };
    let bar = spinner("rows read");
    let mut csv = Csv::read(path, (&map, &map_name), now, &mut |count| {
        bar.set_position(count);
        !context.stop.is_stopped()
    })?;
    let mut failures = csv.problems.len() as u64;
    for problem in csv.problems.drain(..) {
        bar.suspend(|| say(format!("{problem:#}")));
    }
    check(&csv, path)?;
    let left = csv.refused.len() as u64;
    let kept = (left > 0).then(|| refused::write(path, &csv, what.refused.as_deref())).transpose()?;
    if let Some(kept) = kept.as_ref().filter(|_| left == csv.lines()) {
        bail!(
            "none of the {left} lines of {} is a row: they stand in {}, each with the reason; if all are wrong in one way, \
             look whether {map_name} says how its instants are written",
            path.display(),
            kept.display(),
        );
    }
    let history = History { name: path.display().to_string(), source, catalogue: map.catalogue };
    let (ledger, publisher) = publishing(&context).await?;
    let importer = Importer { ledger, publisher, stop: context.stop.child(), again: false };
    bar.reset();
    let (instants, rows) = (csv.instants.len() as u64, std::mem::take(&mut csv.instants));
    let pages = publish(&history, rows, &importer, now, &mut |count| bar.set_position(count), &mut |error| {
        failures += 1;
        bar.suspend(|| say(format!("{error:#}")));
    })
    .await;
    bar.finish_and_clear();
    let stopped = context.stop.is_stopped() || importer.stop.is_stopped();
    let refused_lines = kept.map(|path| path.display().to_string());
    let table = Table { refused_lines, ..Table::of(&csv, instants, &pages, stopped) };
    print_table(&table, what.json)?;
    if stopped {
        let how = if context.stop.is_stopped() { "stopped" } else { "gave up" };
        bail!("{how} after {}; the same command goes on from there", count(table.rows, "row"));
    }
    let failed = count(table.failed, "row");
    if let Some(kept) = &table.refused_lines {
        bail!(
            "{} no rows, and {failed} failed. What is there stays. They stand in {kept}, each with the reason: mend them \
             there and import it with the same map, or mend {} and run the same command again",
            if left == 1 { "1 line is".to_owned() } else { format!("{left} lines are") },
            path.display()
        );
    }
    if failures > 0 {
        bail!(
            "not all went well, as said above: {failed} failed; what is there stays, so mend it and run the same command again"
        );
    }
    Ok(())
}

/// Publishes what of the instants is not there yet, some after the others.
async fn publish(
    history: &History,
    rows: BTreeMap<DateTime<Utc>, Vec<String>>,
    importer: &Importer,
    now: DateTime<Utc>,
    progress: &mut dyn FnMut(u64),
    problem: &mut dyn FnMut(&anyhow::Error),
) -> import::Table {
    let mut total = import::Table::default();
    let rows: Vec<_> = rows.into_iter().collect();
    for rows in rows.chunks(INSTANTS) {
        let plans = rows.iter().map(|(at, rows)| history.plan(*at, rows, &importer.ledger));
        let plans: Vec<_> = futures::stream::iter(plans).buffered(AT_ONCE).collect().await;
        let (mut pages, mut new_runs, mut left) = (Vec::new(), 0, Vec::new());
        for plan in plans {
            match plan {
                Ok(plan) => {
                    pages.extend(plan.pages);
                    new_runs += u64::from(plan.is_new);
                    left.extend(plan.left);
                }
                Err(error) => {
                    if is_unavailable(&error) {
                        importer.stop.stop();
                    }
                    problem(&error);
                }
            }
        }
        if let Err(error) = room_for(new_runs, importer).await {
            importer.stop.stop();
            problem(&error);
        }
        if importer.stop.is_stopped() {
            break;
        }
        let before = total.captures;
        let report = Report {
            progress: &mut |count| progress(before + count),
            problem: &mut *problem,
            notice: &mut |_| (),
        };
        let table = importer.run(pages.into_iter().map(|page| Ok(page.into())), now, report).await;
        total.captures += table.captures;
        total.add(table);
        if importer.stop.is_stopped() {
            break;
        }
        end(left, importer).await.unwrap_or_else(|error| problem(&error));
    }
    total
}

/// Ends runs that were begun by an import that died, and the rows of which are in other runs now.
async fn end(left: Vec<Open>, importer: &Importer) -> Result<()> {
    for mut open in left {
        let why = Some("its rows were changed before it was whole".to_owned());
        let appended = importer.ledger.append(&mut open, RunEventKind::Finished, why).await;
        appended.context("end a run that was left")?;
    }
    Ok(())
}

/// Each instant is a run, and RUN has to hold them all: half of it is left to captures.
async fn room_for(runs: u64, importer: &Importer) -> Result<()> {
    if runs > 0 && !importer.ledger.has_room_for(runs).await.context("look for room in RUN")? {
        bail!(
            "RUN would be more than half full: each instant is a run, and RUN drops none. Raise max_bytes in \
             nats/streams/RUN.json and run `make up`, or give the rows of one capture one instant"
        );
    }
    Ok(())
}

fn check(csv: &Csv, path: &Path) -> Result<()> {
    let path = path.display();
    if csv.lines() == 0 {
        bail!("{path} has a header and no row");
    }
    let instants = csv.instants.len();
    if instants > MAX_INSTANTS {
        let some: Vec<&DateTime<Utc>> = csv.instants.keys().take(3).collect();
        bail!(
            "{path} has {instants} instants ({some:?} …), and {MAX_INSTANTS} are the most of one import: each is a capture. \
             Give the rows of one capture one instant, or split the file"
        );
    }
    Ok(())
}
