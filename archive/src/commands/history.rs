//! `archive import --csv`.

use std::path::Path;

use anyhow::{Context as _, Error, Result, bail, ensure};
use chrono::{DateTime, Utc};
use futures::StreamExt;
use kansoku_runs::Ledger;
use kansoku_schemas::RunEventKind;
use kansoku_service::{Context, count};

use super::{close, importer};
use crate::{
    cli,
    history::{Csv, History, Map},
    import::{Importer, Report},
    settings::Settings,
};

/// The most instants of one import: each is a run, and RUN, which drops nothing, has to hold them.
const MAX_INSTANTS: usize = 50_000;
/// Instants looked at at once.
const AT_ONCE: usize = 12;

/// Publishes a person's history.
pub(super) async fn history(
    context: Context<Settings>,
    path: &Path,
    map_path: &Path,
    what: &cli::Import,
) -> Result<()> {
    // All that may be wrong with the files is said before anything is published.
    let (now, name, map_name) = (context.clock.now(), path.display(), map_path.display().to_string());
    let read = || format!("read the map {map_name}");
    let map = Map::parse(&std::fs::read_to_string(map_path).with_context(read)?);
    let map = map.map_err(Error::msg).with_context(read)?;
    let source = map.source(path).map_err(Error::msg).with_context(read)?;
    let mut report = Report::shown("rows read");
    let csv = Csv::read(path, (&map, &map_name), now, &mut report, || context.stop.is_stopped())?;
    let (left_out, instants) = (csv.left_out, csv.instants.len());
    ensure!(
        instants > 0 || left_out == 0,
        "none of the {left_out} lines of {name} is a row: if all are wrong in one way, look whether {map_name} says how its \
         instants are written"
    );
    ensure!(
        instants <= MAX_INSTANTS,
        "{name} has {instants} instants ({:?} …), and {MAX_INSTANTS} are the most of one import: each is a capture. Give the \
         rows of one capture one instant, or split the file",
        csv.instants.keys().take(3).collect::<Vec<&DateTime<Utc>>>()
    );
    report.instants = Some(instants as u64);
    let history = History { name: name.to_string(), source, catalogue: map.catalogue };
    let importer = importer(&context, false).await?;
    publish(&history, csv, &importer, now, &mut report).await;
    let report = close(&context, &importer, report, "row", what.json)?;
    if left_out > 0 {
        let lines = if left_out == 1 { "1 line is".to_owned() } else { format!("{left_out} lines are") };
        bail!(
            "{lines} no rows, and {} failed. What is there stays: mend {name} and run the same command again",
            count(report.failed, "row")
        );
    }
    ensure!(
        report.problems == 0,
        "not all went well, as said above: {} failed; what is there stays, so mend it and run the same command again",
        count(report.failed, "row")
    );
    Ok(())
}

/// Publishes what of the instants is not there yet.
async fn publish(history: &History, csv: Csv, importer: &Importer, now: DateTime<Utc>, report: &mut Report) {
    let (mut pages, mut left, mut new_runs) = (Vec::new(), Vec::new(), 0);
    let plans = csv.instants.into_iter().map(async |(at, rows)| {
        let counts = rows.len() as u64;
        history.plan(at, rows, &importer.ledger).await.map_err(|error| (counts, error))
    });
    let mut plans = std::pin::pin!(futures::stream::iter(plans).buffered(AT_ONCE));
    while let Some(Some(plan)) = importer.stop.run_until(plans.next()).await {
        match plan {
            Ok(plan) => {
                pages.extend(plan.pages);
                left.extend(plan.left);
                new_runs += u64::from(plan.is_new);
            }
            Err((counts, error)) => {
                report.failed += counts;
                importer.problem(error, report);
            }
        }
    }
    if let Err(error) = room_for(new_runs, &importer.ledger).await {
        importer.stop.stop();
        report.problem(&error);
    }
    importer.run(pages.into_iter().map(|page| Ok(page.into())), now, report).await;
    for mut open in left {
        if importer.stop.is_stopped() {
            return;
        }
        // Begun by an import that died; its rows are in another run now.
        let why = Some("its rows were changed before it was whole".to_owned());
        let appended = importer.ledger.append(&mut open, RunEventKind::Finished, why).await;
        if let Err(error) = appended.context("end a run that was left") {
            importer.problem(error, report);
        }
    }
}

/// Each instant is a run, and RUN has to hold them all: half of it is left to captures.
async fn room_for(runs: u64, ledger: &Ledger) -> Result<()> {
    ensure!(
        runs == 0 || ledger.has_room_for(runs).await.context("look for room in RUN")?,
        "RUN would be more than half full: each instant is a run, and RUN drops none. Raise max_bytes in \
         nats/streams/RUN.json and run `make up`, or give the rows of one capture one instant"
    );
    Ok(())
}
