//! The wiring of each command.

mod bars;
mod export;
mod history;
mod import;
mod keep;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use kansoku_runs::{Ledger, Publisher, Streams};
use kansoku_service::Context;

pub use self::{export::export, import::import, keep::keep};
use crate::settings::Settings;

/// The NATS user of all commands.
const USER: &str = "archiver";

async fn connect_soon(context: &Context<Settings>) -> Result<Arc<Streams>> {
    let archived = context.config.keep.dir.is_some();
    kansoku_runs::connect_soon(context, &context.config.nats, USER, archived).await
}

async fn publishing(context: &Context<Settings>) -> Result<(Ledger, Publisher)> {
    let (streams, clock) = (connect_soon(context).await?, &context.clock);
    let instance = &context.instance;
    let ledger = Ledger::new(Arc::clone(&streams), Arc::clone(clock), instance.clone());
    Ok((ledger, Publisher::new(streams, Arc::clone(clock), context.service, instance.clone())))
}

/// Prints a closing table, for a person or as JSON.
fn print_table(table: &(impl std::fmt::Display + serde::Serialize), json: bool) -> Result<()> {
    let text = if json {
        serde_json::to_string_pretty(table).context("write the table")? + "\n"
    } else {
        table.to_string()
    };
    kansoku_service::print(&text)?;
    Ok(())
}
