//! Many faults, drawn from a seed, several at a time.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use kansoku_service::{Clock, SystemClock};
use kansoku_stack::until;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
};

use crate::{
    fault::{Fault, LINKS, SERVICES},
    inject::inject,
    oracle,
    probe::Probe,
    run::{Outcome, recover, steady},
    stage::Stage,
};

/// So many faults are on at once, at most.
const AT_ONCE: usize = 5;
/// After so many faults pages have to be stored before it goes on.
pub const WAVE: usize = 20;
/// How long that, and the recovery in the end, may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// Where services can be told to die: service, point, and a part of the subject of the message in hand.
pub const POINTS: [(&str, &str, &str); 12] = [
    ("fetcher", "fetcher::before_request", ""),
    ("fetcher", "fetcher::between_pages", ""),
    ("fetcher", "runs::after_answer", ""),
    ("fetcher", "runs::after_publish", ""),
    ("validator", "consume::handle", "raw."),
    ("validator", "consume::settle", "raw."),
    ("loader", "loader::before_commit", ""),
    ("loader", "loader::after_commit", ""),
    ("loader", "loader::after_runs", ""),
    ("loader", "consume::handle", "valid."),
    ("loader", "consume::settle", "valid."),
    ("loader", "consume::settle", "run."),
];

/// Faults that follow from a seed, each with how long it lasts.
pub fn draws(seed: u64) -> impl Iterator<Item = (Fault, Duration)> {
    let mut rng = StdRng::seed_from_u64(seed);
    std::iter::repeat_with(move || draw(&mut rng))
}

fn draw(rng: &mut StdRng) -> (Fault, Duration) {
    fn one(rng: &mut StdRng, of: &[&str]) -> String {
        of.choose(rng).copied().unwrap_or_default().to_owned()
    }
    let service = |rng: &mut StdRng| one(rng, &SERVICES);
    let link = |rng: &mut StdRng| one(rng, &LINKS);
    let (fault, longest) = match rng.random_range(0..100) {
        0..18 => (Fault::Kill { target: service(rng) }, 600),
        18..26 => (Fault::Restart { target: service(rng) }, 300),
        26..36 => (Fault::Pause { target: service(rng) }, 2_500),
        36..48 if cfg!(feature = "failpoints") => {
            let (target, point, subject) = POINTS.choose(rng).copied().unwrap_or(POINTS[0]);
            let after = rng.random_range(0..3);
            let [target, point, subject] = [target, point, subject].map(str::to_owned);
            (Fault::Failpoint { target, point, subject, after }, 100)
        }
        36..60 => (Fault::Latency { link: link(rng), ms: rng.random_range(10..600) }, 2_000),
        60..70 => (Fault::Reset { link: link(rng) }, 400),
        70..78 => (Fault::Gone { link: link(rng) }, 1_500),
        78..84 => (Fault::BlackHole { link: link(rng) }, 2_500),
        84..87 => (Fault::Bandwidth { link: link(rng), kib: rng.random_range(1..50) }, 2_000),
        87..92 => {
            let name = one(rng, &["score-text", "parser-exception", "error-null"]);
            (Fault::Upstream { name, every: Some(rng.random_range(1..5)), path: String::new() }, 1_500)
        }
        92..95 => (Fault::Kill { target: one(rng, &["redis", "nats", "postgres"]) }, 400),
        95..97 => (Fault::Restart { target: one(rng, &["redis", "nats", "postgres"]) }, 400),
        97..98 => (Fault::Pause { target: "nats".to_owned() }, 2_000),
        98..99 => (Fault::Second { target: one(rng, &["fetcher", "validator", "loader"]) }, 2_000),
        _ => (Fault::Full { stream: one(rng, &["RAW", "VALID"]) }, 1_500),
    };
    (fault, Duration::from_millis(rng.random_range(longest / 10..=longest)))
}

/// Does so many faults, or as many as come in the time, and asks the oracle.
///
/// # Errors
/// The run could not be made, which says nothing about the pipeline.
pub async fn run(seed: u64, faults: usize, limit: Duration) -> Result<Outcome> {
    let stage = Stage::start(seed, None).await.context("start the pipeline")?;
    steady(&stage, 20).await?;
    let probe = Probe::start(stage.listens("query-api"));
    let (begin, before) = (SystemClock.monotonic(), stage.stored().await?);
    let mut refuted = Vec::new();
    let mut draws = draws(seed);
    let mut stored = before;
    while stage.injected().len() < faults {
        let passed = SystemClock.monotonic().duration_since(begin);
        if passed > limit {
            println!("the time is over");
            break;
        }
        let wave = WAVE.min(faults - stage.injected().len());
        refuted.extend(all(&stage, draws.by_ref().take(wave).collect()).await);
        let more = || async { stage.stored().await.is_ok_and(|now| now > stored) };
        if let Err(error) = until("a page to be stored", PATIENCE, more).await {
            refuted.push(format!("after {} faults: {error:#}", stage.injected().len()));
            break;
        }
        stored = stage.stored().await?;
        println!("{:>5} s  {:>5} faults  {stored:>6} pages", passed.as_secs(), stage.injected().len());
    }
    let recovered = recover(&stage, PATIENCE).await;
    let recovered = recovered.map_err(|error| refuted.push(format!("it did not recover: {error:#}"))).ok();
    let answers = probe.answers();
    drop(probe);
    stage.settle().await.context("bring everything to rest")?;
    let committed = stage.stored().await? - before;
    let verdict = oracle::examine(&stage).await.context("ask the oracle")?;
    let faults = stage.injected().len();
    if faults == 0 || committed == 0 {
        refuted.push(format!("it shows nothing: {faults} faults, {committed} pages stored meanwhile"));
    }
    refuted.extend(stage.surprises());
    for (what, all) in [("lost", &verdict.lost), ("doubled", &verdict.doubled), ("odd", &verdict.other)] {
        refuted.extend(all.iter().map(|one| format!("{what}: {one}")));
    }
    Ok(Outcome {
        name: format!("seed {seed}"),
        faults,
        answers,
        recovered,
        verdict,
        alerts: Vec::new(),
        figures: None,
        refuted,
    })
}

/// Does a wave of faults, some at once; says what could not be done.
async fn all(stage: &Arc<Stage>, wave: Vec<(Fault, Duration)>) -> Vec<String> {
    let at_once = Arc::new(Semaphore::new(AT_ONCE));
    let (_keep, given_up) = watch::channel(false);
    let mut hands = JoinSet::new();
    for (fault, lasts) in wave {
        let (stage, at_once, given_up) = (stage.clone(), at_once.clone(), given_up.clone());
        hands.spawn(async move {
            let _one = at_once.acquire().await;
            inject(&stage, &fault, lasts, given_up).await
        });
    }
    let done = hands.join_all().await;
    done.into_iter().filter_map(Result::err).map(|error| format!("{error:#}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_says_all_and_every_fault_makes_sense() {
        let first: Vec<_> = draws(7).take(1_000).collect();
        assert_eq!(first, draws(7).take(1_000).collect::<Vec<_>>());
        assert_ne!(first, draws(8).take(1_000).collect::<Vec<_>>());
        for (fault, _) in &first {
            fault.check().unwrap();
            assert!(!fault.holds().is_empty(), "{fault}");
        }
        let kinds: BTreeSet<_> = first
            .iter()
            .map(|(fault, _)| serde_json::to_value(fault).unwrap()["kind"].clone().to_string())
            .collect();
        assert!(kinds.len() >= 10, "{kinds:?}");
    }
}
