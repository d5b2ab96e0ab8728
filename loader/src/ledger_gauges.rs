//! Whether every row that was received is stored, a duplicate or dead, read from the tables now and then.

use std::{convert::Infallible, sync::Arc, time::Duration};

use anyhow::Result;
use kansoku_service::{Clock, Metrics, Stop};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
};

use crate::store::Store;

/// Between two looks, at least.
const INTERVAL: Duration = Duration::from_secs(60);
/// Until commits work.
const WAIT: Duration = Duration::from_secs(1);
/// The pause is as many times longer than the look, so that looking takes a fiftieth of one session's time, however many
/// pages there are.
const SHARE: u32 = 50;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

/// What the ledger says.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Ledger {
    /// Rows that were judged.
    pub received: i64,
    /// Of these, rows whose numbers are kept.
    pub stored: i64,
    /// Rows that another one had already told.
    pub duplicate: i64,
    /// Rows that were rejected.
    pub dead: i64,
    /// Rows of pages that are in RAW and neither stored nor dead as a whole.
    pub in_flight: i64,
    /// Places that the ledger misses, or has too often; `None` while dead letters are on their way into the tables.
    pub imbalance: Option<i64>,
}

/// Shows the ledger.
pub(crate) struct LedgerGauges {
    store: Arc<Store>,
    clock: Arc<dyn Clock>,
    rows: Family<InState, Gauge>,
    imbalance: Family<[(&'static str, &'static str); 0], Gauge>,
}

impl LedgerGauges {
    /// Adds the numbers to those of the process. There is no sample before the first look.
    pub(crate) fn register(metrics: &Metrics, store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        let rows = "Rows of all runs: received = stored + duplicate + dead, in_flight are not judged yet; as of the last minute";
        let imbalance = "Rows of the last 1,000 runs that were received and are neither stored nor dead, or are both; as of the \
            last minute";
        let rows = metrics.register("kansoku_ledger_rows", rows, Family::default());
        let imbalance = metrics.register("kansoku_ledger_imbalance_places", imbalance, Family::default());
        Self { store, clock, rows, imbalance }
    }

    /// Looks until the process is to stop. A look that fails is tried again, as the next one.
    ///
    /// # Errors
    /// None.
    pub(crate) async fn keep(&self, stop: &Stop) -> Result<()> {
        let forever = async {
            loop {
                // While commits do not work, the sessions there are belong to who tries to mend that.
                if !self.store.works() {
                    tokio::time::sleep(WAIT).await;
                    continue;
                }
                let started = self.clock.monotonic();
                match self.store.look_at_ledger().await {
                    Ok(ledger) => self.show(ledger),
                    Err(error) => tracing::debug!("the ledger cannot be read, trying again: {error:#}"),
                }
                let took = self.clock.monotonic().duration_since(started);
                tokio::time::sleep((took * SHARE).max(INTERVAL)).await;
            }
        };
        let _: Option<Infallible> = stop.run_until(forever).await;
        Ok(())
    }

    fn show(&self, ledger: Ledger) {
        let Ledger { received, stored, duplicate, dead, in_flight, imbalance } = ledger;
        for (state, count) in [
            ("received", received),
            ("stored", stored),
            ("duplicate", duplicate),
            ("dead", dead),
            ("in_flight", in_flight),
        ] {
            self.rows.get_or_create(&InState { state }).set(count);
        }
        if let Some(imbalance) = imbalance {
            self.imbalance.get_or_create(&[]).set(imbalance);
        }
    }
}
