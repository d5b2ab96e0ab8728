//! `archive import`.

use anyhow::{Result, bail};
use kansoku_service::{Context, count, say};

use super::{bars::spinner, history::history, print_table, publishing};
use crate::{
    cli::Import,
    import::{loose::Told, sources, work::Importer},
    settings::Settings,
};

/// Puts recordings on the road.
pub async fn import(context: Context<Settings>, what: Import) -> Result<()> {
    if let (Some(csv), Some(map)) = (&what.csv, &what.map) {
        return history(context, csv, map, &what).await;
    }
    let told = Told {
        dataset: what.dataset,
        captured_at: what.captured_at,
        url: what.url,
        page: what.page,
        source: what.source,
        catalogue: what.catalogue,
    };
    // All are opened before the first is published: a wrong name among them changes nothing.
    let opened: Vec<_> = what.paths.iter().map(|path| sources::open(path, &told)).collect::<Result<_>>()?;
    let (ledger, publisher) = publishing(&context).await?;
    let importer = Importer { ledger, publisher, stop: context.stop.child(), again: what.again };
    let bar = spinner("captures read");
    let mut failures = 0_u64;
    let recordings = Box::new(opened.into_iter().flatten());
    let table = importer
        .run(recordings, context.clock.now(), &mut |count| bar.set_position(count), &mut |error| {
            failures += 1;
            bar.suspend(|| say(format!("{error:#}")));
        })
        .await;
    bar.finish_and_clear();
    print_table(&table, what.json)?;
    if context.stop.is_stopped() {
        bail!("stopped after {}; the same command goes on from there", count(table.captures, "capture"));
    }
    if importer.stop.is_stopped() {
        bail!("gave up after {}; the same command goes on from there", count(table.captures, "capture"));
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
