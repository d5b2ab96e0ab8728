//! Services that are killed, at chosen points and at any, and start again as a supervisor would start them.

use std::{
    os::unix::process::ExitStatusExt as _,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kansoku_stack::{
    pipeline::Pipeline,
    port,
    process::{Running, Service},
    until,
};
use tempfile::TempDir;

pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// A point at which a service kills itself: its name, and a part of the subject of the message in hand.
pub(crate) type Point = (&'static str, &'static str);

pub(crate) const LOADER: [Point; 13] = [
    ("loader::before_commit", ""),
    ("loader::after_commit", ""),
    ("loader::after_dead_letters", ""),
    ("loader::after_runs", ""),
    ("loader::after_projection", ""),
    ("consume::handle", "valid."),
    ("consume::handle", "dlq."),
    ("consume::handle", "audit."),
    ("consume::result", "valid."),
    ("consume::settle", "valid."),
    ("consume::settle", "run."),
    ("consume::settle", "dlq."),
    ("consume::settle", "audit."),
];
pub(crate) const VALIDATOR: [Point; 3] =
    [("consume::handle", "raw."), ("consume::result", "raw."), ("consume::settle", "raw.")];
pub(crate) const REPLAYER: [Point; 3] =
    [("replayer::after_intent", ""), ("replayer::after_publish", ""), ("replayer::after_audit", "")];

/// The servers, and all that was done to those who use them.
pub(crate) struct Stage {
    pub(crate) pipeline: Pipeline,
    pub(crate) schemas: TempDir,
    /// The API keeps its address.
    api: u16,
    injected: Mutex<Vec<String>>,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        let pipeline = Pipeline::with_own_database(&["--ack-wait", "1"]).await.unwrap();
        let (schemas, api) = (tempfile::tempdir().unwrap(), port::free().unwrap());
        Self { pipeline, schemas, api, injected: Mutex::default() }
    }

    fn service(&self, name: &str) -> Service {
        let service = self.pipeline.service(name).unwrap();
        let overlay = |service: Service, variable: &str| service.env(variable, self.schemas.path());
        match name {
            "validator" => overlay(service, "VALIDATOR_SCHEMAS__OVERLAY"),
            "replayer" => overlay(service, "REPLAYER_SCHEMAS__OVERLAY"),
            "query-api" => overlay(service.listen(self.api), "QUERY_API_SCHEMAS__OVERLAY"),
            _ => service,
        }
    }

    /// Starts a service; it is ready.
    pub(crate) async fn ready(&self, name: &str) -> Running {
        let mut running = self.service(name).spawn().unwrap();
        running.ready().await.unwrap();
        running
    }

    /// Starts a service that kills itself when it has come to a point so many times.
    pub(crate) fn doomed(&self, name: &str, (point, subject): Point, after: u64) -> Running {
        let action = format!("{point}={after}*off->return({subject})");
        self.service(name).env("FAILPOINTS", action).spawn().unwrap()
    }

    /// Something was done to somebody.
    pub(crate) fn note(&self, what: String) {
        println!("{what}");
        self.injected.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    /// All that was done.
    pub(crate) fn injected(&self) -> Vec<String> {
        self.injected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Kills a service in the middle of its work, then at each of the points, in the order of the seed; it lives again.
    pub(crate) async fn torment(
        &self,
        seed: u64,
        name: &str,
        mut running: Running,
        points: &[Point],
    ) -> Running {
        running.kill().await.unwrap();
        self.note(format!("{name} killed"));
        let mut points = points.to_vec();
        shuffle(&mut points, seed);
        for (point, draw) in points.into_iter().zip(draws(seed)) {
            let mut dying = self.doomed(name, point, 1 + draw % 4);
            self.dies(name, point, &mut dying).await;
        }
        self.ready(name).await
    }

    /// Waits until a doomed service has killed itself.
    pub(crate) async fn dies(&self, name: &str, (point, subject): Point, dying: &mut Running) {
        let ended = dying
            .wait(LIMIT)
            .await
            .unwrap_or_else(|_| panic!("{name} never came to {point}: {}", dying.logs()));
        assert_eq!(ended.signal(), Some(9), "{name} did not die at {point}: {}", dying.logs());
        self.note(format!("{name} died at {point} {subject}"));
    }

    /// The one `text` that a query gives.
    pub(crate) async fn text(&self, query: &str) -> String {
        self.pipeline.json(query).await.unwrap()[0]["text"].as_str().unwrap().to_owned()
    }

    /// Waits until a query gives a number above this.
    pub(crate) async fn above(&self, query: &str, least: i64) {
        let there = async || self.pipeline.number(query).await.is_ok_and(|number| number > least);
        until(&format!("more than {least} of {query}"), LIMIT, there).await.unwrap();
    }
}

/// Numbers that follow from a seed: SplitMix64.
pub(crate) fn draws(seed: u64) -> impl Iterator<Item = u64> {
    (1..).map(move |step: u64| {
        let mixed = seed.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

fn shuffle<T>(things: &mut [T], seed: u64) {
    for (last, draw) in (1..things.len()).rev().zip(draws(!seed)) {
        let place = usize::try_from(draw % (last as u64 + 1)).unwrap_or_default();
        things.swap(last, place);
    }
}
