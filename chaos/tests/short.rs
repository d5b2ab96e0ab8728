//! A short run of drawn faults: the whole road of an experiment, from injection to oracle.

use std::time::Duration;

use kansoku_chaos::random;
use kansoku_stack::{tools, toxiproxy::PROGRAM};

/// A seed of its own: kills, pauses, toxics and an upstream that misbehaves are among its first faults.
const SEED: u64 = 13;
const FAULTS: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_row_is_lost_or_stored_twice_whatever_is_done_to_the_pipeline() {
    if tools::find(PROGRAM).is_err() {
        println!("SKIPPED: {PROGRAM} is not there; `scripts/setup.sh chaos` builds it");
        return;
    }
    let outcome = random::run(SEED, FAULTS, Duration::from_secs(60)).await.unwrap();
    assert!(outcome.refuted.is_empty(), "{:#?}", outcome.refuted);
    assert_eq!(outcome.faults, FAULTS);
    assert!(outcome.verdict.is_clean() && outcome.verdict.stored > 500, "{:?}", outcome.verdict);
}
