//! `fetcher once`.

use anyhow::{Result, bail};
use kansoku_service::Context;

use super::{ClientContext, connect_soon, sources::Sources};
use crate::{capture::RunOutcome, cli::Once, settings::Settings, upstream::Upstream};

/// Captures datasets now, all their pages.
pub async fn once(mut context: Context<Settings>, what: Once) -> Result<()> {
    let mut upstreams = context.config.upstream.clone();
    if let Some(url) = what.base_url {
        let source = what.source.unwrap_or_else(|| url.trim_end_matches('/').to_owned());
        let upstream = Upstream::new(url, source, what.catalogue);
        if let Err((key, problem)) = upstream.check() {
            bail!("{}: {problem}", if key == "url" { "--base-url" } else { "--source" });
        }
        upstreams = vec![upstream];
    }
    for upstream in &upstreams {
        upstream.check_contact(&context.config.client)?;
    }
    let streams = connect_soon(&context).await?;
    let client_context = ClientContext::new(&mut context, &upstreams, streams);
    let sources = Sources::new(&context, &upstreams, &client_context)?.once();
    let mut missing = Vec::new();
    for dataset in what.datasets {
        let now = context.clock.now();
        match sources.capture((dataset, now), now, what.pages, &context.stop).await? {
            RunOutcome::Complete | RunOutcome::AlreadyComplete => {
                kansoku_service::print(&format!("{dataset}: complete\n"))?
            }
            RunOutcome::Partial => {
                kansoku_service::print(&format!("{dataset}: incomplete\n"))?;
                missing.push(dataset.to_string());
            }
            RunOutcome::HeldElsewhere => {
                bail!("another process works on this run of {dataset}; `fetcher runs` shows it")
            }
            RunOutcome::Stopped => bail!("stopped in the middle of {dataset}; its run stays incomplete"),
        }
    }
    if !missing.is_empty() {
        bail!("pages are missing of {}; `fetcher runs` says which", missing.join(", "));
    }
    Ok(())
}
