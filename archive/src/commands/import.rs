//! `archive import`.

use anyhow::{Result, bail, ensure};
use kansoku_service::Context;

use super::{close, history::history, importer};
use crate::{
    cli::Import,
    import::{Report, sources},
    settings::Settings,
};

/// Publishes recordings to RAW.
pub async fn import(context: Context<Settings>, what: Import) -> Result<()> {
    if let (Some(csv), Some(map)) = (&what.csv, &what.map) {
        return history(context, csv, map, &what).await;
    }
    let items = sources::open_all(&what.paths, &what.described)?;
    let importer = importer(&context, what.again).await?;
    let mut report = Report::shown("captures");
    importer.run(items, context.clock.now(), &mut report).await;
    let report = close(&context, &importer, report, "capture", what.json)?;
    if report.problems > 0 {
        let things =
            if report.problems == 1 { "one thing".to_owned() } else { format!("{} things", report.problems) };
        bail!(
            "{things} went wrong, as said above; what is there stays, so mend it and run the same command again"
        );
    }
    ensure!(!report.is_empty(), "no captures in {}", what.paths.join(", "));
    Ok(())
}
