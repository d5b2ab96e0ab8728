//! Runs one experiment on a fresh stage.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use kansoku_service::{Clock, SystemClock};
use kansoku_stack::{process, until};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    alerts::{Fired, Watch},
    experiment::{Alert, Experiment},
    figures::draw,
    inject::inject,
    oracle::{self, Verdict},
    probe::{Answers, KNOWN, Probe},
    stage::Stage,
};

/// How long the steady state may take to come.
const STEADY: Duration = Duration::from_secs(60);
/// So many pages more have to be stored after all is undone.
const NEW_PAGES: i64 = 5;

/// What came of an experiment.
#[derive(Debug)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// How many faults were done.
    pub faults: usize,
    /// What the API answered from the steady state to the recovery.
    pub answers: Answers,
    /// How long all took to be well again.
    pub recovered: Option<Duration>,
    /// What became of every row.
    pub verdict: Verdict,
    /// The alerts that fired, where somebody watched.
    pub alerts: Vec<Fired>,
    /// What it looked like (SVG), where somebody watched.
    pub figures: Option<String>,
    /// Why the hypothesis did not hold; empty when it did.
    pub refuted: Vec<String>,
}

/// Runs it: steady state, injection, recovery, oracle.
///
/// # Errors
/// It could not be run at all: that says nothing about the hypothesis.
pub async fn run(experiment: &Experiment, seed: u64, is_watched: bool) -> Result<Outcome> {
    let stage = Stage::start(seed, Some(experiment)).await.context("start the pipeline")?;
    let watch = match is_watched {
        true => Some(Watch::start(&stage, experiment).await.context("start Prometheus")?),
        false => None,
    };
    let mut refuted = Vec::new();
    steady(&stage, experiment.steady.pages).await?;
    let probe = Probe::start(stage.listens("query-api"));
    if let Some(watch) = &watch {
        watch.warm().await?;
    }
    let (before, since) = (stage.stored().await?, SystemClock.now());

    let given_up = all(&stage, experiment, &probe, &mut refuted).await?;
    let recovered = recover(&stage, experiment.recovery.within).await;
    let recovered = recovered.map_err(|error| refuted.push(format!("it did not recover: {error:#}"))).ok();
    let alerts = match &watch {
        Some(watch) => watch.fired(since, &experiment.alert).await.context("ask for the alerts")?,
        None => Vec::new(),
    };
    let mut figures = None;
    if let Some(watch) = &watch {
        figures = Some(draw(watch.prometheus(), &experiment.title, since, &stage.injected()).await?);
        alarmed(experiment, &alerts, &mut refuted);
        if let Some(road) = &watch.road {
            told(experiment, &road.heard(since), &road.inhibited(), &mut refuted);
        }
    }
    let answers = probe.answers();
    drop(probe);

    stage.settle().await.context("bring everything to rest")?;
    let committed = stage.stored().await? - before;
    let verdict = oracle::examine(&stage).await.context("ask the oracle")?;
    let faults = stage.injected().len();
    if given_up {
        refuted.push(format!("it was given up: the API was silent for {:?}", experiment.abort.silent_for));
    }
    if faults == 0 || committed == 0 {
        refuted.push(format!("it shows nothing: {faults} faults, {committed} pages stored meanwhile"));
    }
    refuted.extend(stage.surprises());
    judge(experiment, &verdict, &answers, &mut refuted);
    Ok(Outcome {
        name: experiment.name.clone(),
        faults,
        answers,
        recovered,
        verdict,
        alerts,
        figures,
        refuted,
    })
}

/// Waits until captures come through and the API answers.
///
/// # Errors
/// They do not.
pub async fn steady(stage: &Stage, pages: i64) -> Result<()> {
    let stored = || async { stage.stored().await.is_ok_and(|stored| stored >= pages) };
    until(&format!("{pages} pages to be stored"), STEADY, stored).await?;
    let port = stage.listens("query-api");
    let answers = || async move { matches!(process::get(port, KNOWN).await, Ok((200, _))) };
    until("the API to answer", STEADY, answers).await
}

/// Does all injections at their times; says whether it was given up.
async fn all(
    stage: &Arc<Stage>,
    experiment: &Experiment,
    probe: &Probe,
    refuted: &mut Vec<String>,
) -> Result<bool> {
    let (give_up, given_up) = watch::channel(false);
    let mut injections = JoinSet::new();
    for one in experiment.injection.clone() {
        let (stage, given_up) = (stage.clone(), given_up.clone());
        injections.spawn(async move {
            tokio::time::sleep(one.after).await;
            inject(&stage, &one.fault, one.lasts, given_up).await
        });
    }
    let mut look = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            done = injections.join_next() => match done {
                None => break,
                Some(done) => {
                    if let Err(error) = done.context("inject")? {
                        refuted.push(format!("{error:#}"));
                    }
                }
            },
            _ = look.tick() => {
                if probe.silent_for() > experiment.abort.silent_for {
                    // They undo what they did, and end.
                    give_up.send_replace(true);
                }
            }
        }
    }
    Ok(*give_up.borrow())
}

/// Waits until every service is ready, new pages are stored and the API answers afresh; says how long that took.
///
/// # Errors
/// Something of it does not come in time.
pub async fn recover(stage: &Stage, within: Duration) -> Result<Duration> {
    let begin = SystemClock.monotonic();
    stage.ready(within).await?;
    let stored = stage.stored().await?;
    let more = || async { stage.stored().await.is_ok_and(|now| now >= stored + NEW_PAGES) };
    until(&format!("{NEW_PAGES} new pages to be stored"), within, more).await?;
    let port = stage.listens("query-api");
    let fresh = || async move {
        matches!(process::get(port, KNOWN).await, Ok((200, body)) if body.contains("\"stale\":false"))
    };
    until("a fresh answer of the API", within, fresh).await?;
    Ok(SystemClock.monotonic().duration_since(begin))
}

/// The alerts that were expected fired in time, those that must be silent did not, and none fires any more.
fn alarmed(experiment: &Experiment, alerts: &[Fired], refuted: &mut Vec<String>) {
    for expected in &experiment.alert {
        match alerts.iter().find(|fired| fired.name == expected.name) {
            None => refuted.push(format!("the alert {} did not fire", expected.name)),
            Some(fired) if fired.after > expected.within.as_secs() as i64 => {
                refuted.push(format!("{fired}, and was expected within {:?}", expected.within));
            }
            Some(_) => {}
        }
    }
    for fired in alerts.iter().filter(|fired| experiment.silent.contains(&fired.name)) {
        refuted.push(format!("{fired}, and should not"));
    }
    refuted.extend(alerts.iter().filter(|fired| !fired.is_resolved).map(ToString::to_string));
}

/// Somebody was told what they should be, and not what follows from it, which another alert silences.
fn told(experiment: &Experiment, heard: &[String], silenced: &BTreeSet<String>, refuted: &mut Vec<String>) {
    for Alert { name, told, inhibited, .. } in &experiment.alert {
        if *inhibited && !silenced.contains(name) {
            refuted.push(format!("nothing silenced {name}; these were silenced: {silenced:?}"));
        }
        let is_told = heard.iter().any(|title| title.contains(&format!(" {name}:")));
        if told.is_some_and(|should| should != is_told) {
            let what = if is_told { "somebody was told" } else { "nobody was told" };
            refuted.push(format!("{what} of {name}; these messages came: {heard:?}"));
        }
    }
}

/// Holds what was found against what was expected.
fn judge(experiment: &Experiment, verdict: &Verdict, answers: &Answers, refuted: &mut Vec<String>) {
    for (what, all) in [("lost", &verdict.lost), ("doubled", &verdict.doubled), ("odd", &verdict.other)] {
        refuted.extend(all.iter().take(5).map(|one| format!("{what}: {one}")));
        if all.len() > 5 {
            refuted.push(format!("{what}: and {} more", all.len() - 5));
        }
    }
    let expected = &experiment.oracle;
    let mut same = |what: &str, is: bool, should: bool| {
        if is != should {
            refuted
                .push(format!("{what}: {}", if should { "none came" } else { "some came, and none should" }));
        }
    };
    same("dead rows", verdict.dead_rows > 0, expected.dead_rows);
    same("dead pages", verdict.dead_pages.0 > 0, expected.dead_pages);
    same("answers of the upstream that are no 200", verdict.answers.1 > 0, expected.refused);
    if !experiment.api.may_fail && answers.failed + answers.silent + answers.other > 0 {
        let Answers { failed, silent, other, asked, .. } = answers;
        refuted.push(format!(
            "of {asked} questions that the API had answered before, {failed} got a 5xx, {silent} no answer, {other} another"
        ));
    }
    if experiment.api.stale && answers.stale == 0 {
        refuted.push("no answer of the API was marked as stale".to_owned());
    }
}
