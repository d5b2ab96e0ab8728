//! `fetcher plan`.

use anyhow::Result;
use kansoku_service::Context;

use crate::{
    schedule::plan::{Shown, plan},
    settings::Settings,
};

/// Prints what is captured when, and what that costs an upstream. A schedule that cannot be kept was refused before.
pub async fn show_plan(context: Context<Settings>) -> Result<()> {
    let now = context.config.fast.map_or_else(|| context.clock.now(), |fast| fast.clock().now());
    let plan = plan(&context.config.schedule, now);
    Ok(kansoku_service::print(&Shown(&plan, context.config.allowed()).to_string())?)
}
