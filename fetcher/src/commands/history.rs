//! `fetcher import --csv`.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use kansoku_service::Context;

use super::{import::spinner, print_table, soon};
use crate::{
    history::{Csv, Index, Map, Pages, map, table::Found},
    import::work::Importer,
    settings::Settings,
};

/// The most instants of one import: each is a run, and RUN, which drops nothing, has to hold them.
const MOST_INSTANTS: usize = 50_000;

/// Puts a person's history on the road.
pub async fn history(context: Context<Settings>, csv: &Path, map: &Path, json: bool) -> Result<()> {
    let now = context.clock.now();
    // All that may be wrong with the files is said before anything is published.
    let Opened { csv: file, map, source } = open(csv, map)?;
    let bar = spinner("rows read");
    let mut index = Index::of(&file, now, &mut |count| {
        bar.set_position(count);
        !context.stop.is_stopped()
    })?;
    check(&index, csv)?;
    let mut failures = index.troubles.len() as u64;
    for trouble in index.troubles.drain(..) {
        bar.suspend(|| eprintln!("{trouble:#}"));
    }
    let found = Found::of(&index);
    let left = found.left();
    let pages = Pages::of(file, index, source, map.catalogue, now)?;
    let (ledger, publisher) = soon(&context).await?;
    let importer = Importer { ledger, publisher, stop: context.stop.child(), again: false };
    bar.reset();
    let table = importer
        .run(Box::new(pages), now, &mut |count| bar.set_position(count), &mut |error| {
            failures += 1;
            bar.suspend(|| eprintln!("{error:#}"));
        })
        .await;
    bar.finish_and_clear();
    let stopped = context.stop.is_stopped() || importer.stop.is_stopped();
    let table = found.with(&table, stopped);
    print_table(&table, json)?;
    if stopped {
        let how = if context.stop.is_stopped() { "stopped" } else { "gave up" };
        bail!("{how} after {} rows; the same command goes on from there", table.rows);
    }
    if left > 0 || failures > 0 {
        bail!(
            "not all went well, as said above: {left} rows have no instant that they could be kept at, {} failed; what is \
             there stays, so mend the rest and run the same command again",
            table.failed
        );
    }
    Ok(())
}

struct Opened {
    csv: Csv,
    map: Map,
    source: String,
}

fn open(csv: &Path, map: &Path) -> Result<Opened> {
    let name = map.display().to_string();
    let text = std::fs::read_to_string(map).with_context(|| format!("read the map {name}"))?;
    let map = Map::parse(&text).with_context(|| format!("read the map {name}"))?;
    let stem = csv.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let source = map::source(map.name.as_deref().unwrap_or(stem));
    let Ok(source) = source else {
        bail!("{}: the file's name is no name for a history; give it one in {name}: name = …", csv.display());
    };
    Ok(Opened { csv: Csv::open(csv, &map, &name)?, map, source })
}

fn check(index: &Index, csv: &Path) -> Result<()> {
    let csv = csv.display();
    if index.lines() == 0 && index.troubles.is_empty() {
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
