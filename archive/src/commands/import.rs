//! `archive import`.

use anyhow::{Result, bail};
use kansoku_service::{Context, count, say};

use super::{bars::spinner, history::history, print_table, publishing};
use crate::{
    cli::Import,
    import::{Importer, importer::Report, loose::Described, sources},
    settings::Settings,
};

/// Publishes recordings to RAW.
pub async fn import(context: Context<Settings>, what: Import) -> Result<()> {
    if let (Some(csv), Some(map)) = (&what.csv, &what.map) {
        return history(context, csv, map, &what).await;
    }
    let described = Described {
        dataset: what.dataset,
        captured_at: what.captured_at,
        url: what.url,
        page: what.page,
        source: what.source,
        catalogue: what.catalogue,
    };
    let recordings = sources::open_all(&what.paths, &described)?;
    let (ledger, publisher) = publishing(&context).await?;
    let importer = Importer { ledger, publisher, stop: context.stop.child(), again: what.again };
    let bar = spinner("captures read");
    let mut failures = 0_u64;
    let report = Report {
        progress: &mut |count| bar.set_position(count),
        problem: &mut |error| {
            failures += 1;
            bar.suspend(|| say(format!("{error:#}")));
        },
        notice: &mut |notice| bar.suspend(|| say(notice)),
    };
    let table = importer.run(recordings, context.clock.now(), report).await;
    bar.finish_and_clear();
    print_table(&table, what.json)?;
    let captures = count(table.captures, "capture");
    if context.stop.is_stopped() {
        bail!("stopped after {captures}; the same command goes on from there");
    }
    if importer.stop.is_stopped() {
        bail!("gave up after {captures}; the same command goes on from there");
    }
    if failures > 0 {
        let things = if failures == 1 { "one thing".to_owned() } else { format!("{failures} things") };
        bail!(
            "{things} went wrong, as said above; what is there stays, so mend it and run the same command again"
        );
    }
    if table.captures == 0 && table.ends == 0 {
        bail!("no captures in {}", what.paths.join(", "));
    }
    Ok(())
}
