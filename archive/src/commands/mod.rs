//! The wiring of each command.

mod export;
mod history;
mod import;
mod keep;

use std::sync::Arc;

use anyhow::{Result, bail};
use kansoku_runs::{Ledger, Publisher, Streams};
use kansoku_service::{Context, count};

pub use self::{export::export, import::import, keep::keep};
use crate::{
    import::{Importer, Report},
    settings::Settings,
};

/// The NATS user of all commands.
const USER: &str = "archiver";

async fn connect_soon(context: &Context<Settings>) -> Result<Arc<Streams>> {
    let archived = context.config.keep.dir.is_some();
    kansoku_runs::connect_soon(context, &context.config.nats, USER, archived).await
}

async fn importer(context: &Context<Settings>, again: bool) -> Result<Importer> {
    let (streams, clock) = (connect_soon(context).await?, &context.clock);
    let instance = &context.instance;
    let ledger = Ledger::new(Arc::clone(&streams), Arc::clone(clock), instance.clone());
    let publisher = Publisher::new(streams, Arc::clone(clock), context.service, instance.clone());
    Ok(Importer { ledger, publisher, stop: context.stop.child(), again })
}

/// Prints the closing table of an import of these units, and ends it where it did not come to its end.
fn close(
    context: &Context<Settings>,
    importer: &Importer,
    mut report: Report,
    unit: &str,
    json: bool,
) -> Result<Report> {
    report.progress = None;
    let text = if json { format!("{:#}\n", report.json()?) } else { report.to_string() };
    kansoku_service::print(&text)?;
    let how = match (context.stop.is_stopped(), importer.stop.is_stopped()) {
        (true, _) => "stopped",
        (false, true) => "gave up",
        (false, false) => return Ok(report),
    };
    bail!("{how} after {}; the same command goes on from there", count(report.read(), unit))
}
