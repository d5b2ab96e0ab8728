//! How runs ended where an export comes from: runs that got no page, pages that were given up, what was noticed.

use anyhow::{Context, Result, bail};
use kansoku_runs::RunMeta;
use kansoku_schemas::RunEvent;

use super::{
    Table,
    work::{Done, Importer},
};

impl Importer {
    /// Tells how a run ended, as far as that is not known here.
    pub(super) async fn ended(&self, event: RunEvent, epoch: u64) -> Done {
        let run = event.run;
        let told = self.tell_end(event, epoch).await;
        let mut table = Table::default();
        table.runs += u64::from(told.as_ref().is_ok_and(|told| *told));
        let trouble = told.err().map(|error| error.context(format!("tell how run {run} ended")));
        Done { run, table, trouble }
    }

    async fn tell_end(&self, event: RunEvent, epoch: u64) -> Result<bool> {
        // What was exported from here is known here, and may have gone on since.
        if self.publisher.raw_epoch().await.context("ask for RAW")? == epoch {
            return Ok(false);
        }
        let meta = RunMeta::of(&event);
        let mut open = self.home(&meta).await?;
        if (RunMeta { run: meta.run, ..open.state.meta.clone() }) != meta {
            bail!("here it is {}, and there it was {meta}", open.state.meta);
        }
        let is_under_way = !open.is_new() && !open.state.has_ended();
        if is_under_way || !open.state.learn(&event) {
            return Ok(false);
        }
        self.ledger.append(&mut open, event.event, event.error).await.context("tell of the run")?;
        Ok(true)
    }
}
