//! Counts every row in the end: what the upstream says it sent, against what streams and tables have.
//!
//! The witnesses are independent of what they judge: the simulator hashes each answer as it sends it, and the archive exports
//! RAW byte for byte. [`judge`] compares them with what was [found](found) in streams and tables; it is pure.

pub mod found;
pub mod judge;
pub mod witness;

use anyhow::Result;
use kansoku_acceptance::ledger_balances;

pub use self::judge::Verdict;
use crate::stage::Stage;

/// Examines a stage that has come to rest.
///
/// # Errors
/// Something cannot be read.
pub async fn examine(stage: &Stage) -> Result<Verdict> {
    let witness = witness::hear(stage).await?;
    let mut found = found::look(&stage.pipeline).await?;
    if !witness.replays.is_empty() {
        found.without(&witness.replays);
    }
    let mut verdict = judge::judge(&witness, &found);
    if let Err(error) = ledger_balances(&stage.pipeline).await {
        verdict.other.push(format!("the ledger does not balance: {error:#}"));
    }
    let in_flight = kansoku_stack::pipeline::in_flight(stage.pipeline.nats.monitor()).await?;
    if in_flight > 0 {
        verdict.other.push(format!("{in_flight} messages wait in consumers"));
    }
    Ok(verdict)
}
