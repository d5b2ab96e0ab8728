//! Every case of drift that was seen in real payloads goes through the whole pipeline, and meets the verdict that it demands: an
//! upstream that misbehaves, the fetcher, the streams, the validator, the loader, the tables.

mod cases;
mod journey;
mod verdict;

use std::{collections::BTreeSet, process::Command};

use kansoku_acceptance::{ledger_balances, upstream::Upstream};
use kansoku_stack::{pipeline::Pipeline, process::programs};

use self::cases::{BLANKS, CASES, OUT_OF_SCOPE, SLOW};

/// The list of drift has so many cases.
const LAST: u8 = 45;

#[tokio::test]
async fn every_drift_meets_its_verdict() {
    let pipeline = Pipeline::start().await.unwrap();
    let _services = [pipeline.ready("validator").await.unwrap(), pipeline.ready("loader").await.unwrap()];
    // It stands still, so that what is served twice is the same.
    let upstream = Upstream::start(&["--seed", "5", "--now", "2026-11-23T12:00:00Z"]).await.unwrap();
    let all = journey::travel(&pipeline, &upstream).await.unwrap();
    let letters = verdict::letters(&pipeline).await.unwrap();
    let mut wrong = Vec::new();
    for seen in &all {
        let case = seen.case;
        let name = format!("case {}, {} on {}", case.number, case.fault, case.dataset);
        if BLANKS.iter().any(|blank| blank.dataset == case.dataset) {
            assert!(seen.injected().is_err(), "{name} injects nothing, and nobody noticed");
            continue;
        }
        let faults = verdict::faults(&pipeline, seen, &letters).await.unwrap();
        println!("{name}: {}", if faults.is_empty() { "as demanded" } else { "WRONG" });
        wrong.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), all.len(), wrong.join("\n"));
    let dead = all.iter().filter(|seen| !matches!(seen.case.demand.outcome, cases::Outcome::Stored)).count();
    assert_eq!(letters.len(), dead, "a dead letter of which no case tells");
    ledger_balances(&pipeline).await.unwrap();
}

/// Each case stands in the table or says why not, and in every form that the upstream can play.
#[test]
fn the_table_is_complete() {
    let played: BTreeSet<u8> = CASES.iter().chain([&SLOW]).map(|case| case.number).collect();
    let excused: BTreeSet<u8> = OUT_OF_SCOPE.iter().map(|(number, _)| *number).collect();
    for number in 1..=LAST {
        assert!(
            played.contains(&number) != excused.contains(&number),
            "case {number} stands once or is excused"
        );
    }
    assert_eq!(played.len() + excused.len(), usize::from(LAST));
    assert!(OUT_OF_SCOPE.iter().all(|(_, why)| !why.is_empty()));

    let listed = Command::new(programs().unwrap().join("jikan-sim")).arg("faults").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let forms: BTreeSet<(u8, &str)> = listed
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.split_once(' ')?;
            Some((rest.split_whitespace().next()?.parse().ok()?, name))
        })
        .collect();
    let in_table: Vec<_> = CASES.iter().chain([&SLOW]).map(|case| (case.number, case.fault)).collect();
    assert_eq!(in_table.iter().copied().collect::<BTreeSet<_>>(), forms);
    assert_eq!(in_table.len(), forms.len(), "a form stands twice");
}
