//! Servers with validator, loader and replayer, and dead letters in the tables.

use std::{path::PathBuf, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_nats::{Client, Stored, page};
use kansoku_schemas::{Catalogue, Dataset, PageMeta, RunId};
use kansoku_stack::{
    pipeline::Pipeline,
    process::{Running, Service},
    until,
    world::user,
};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const LIMIT: Duration = Duration::from_secs(30);
pub(crate) const PLAN: &str = "00000000-0000-4000-8000-000000000001";
pub(crate) const JOB: &str = "00000000-0000-4000-8000-000000000002";

pub(crate) struct World {
    pub(crate) pipeline: Pipeline,
    fetcher: Client,
    viewer: Client,
    folder: TempDir,
    validator: Option<Running>,
    _loader: Running,
}

/// The deployed schema of genres, which refuses those with fewer titles.
fn schema(least: u32) -> String {
    let text = include_str!("../../../schemas/json/genre.v1.json");
    let changed = text.replace("\"minimum\": 0", &format!("\"minimum\": {least}"));
    assert_ne!(changed, text);
    changed
}

/// A genre with so many titles, as nobody would write it.
pub(crate) fn genre(id: u32, count: u32) -> String {
    format!(
        "{{ \"name\":\"Genre \\u3042 {id}\", \"count\" : {count},\n\"mal_id\":{id}, \"url\":\"u\", \"large\":12345678901234567890123}}"
    )
}

impl World {
    /// With a deployed schema that refuses genres with fewer titles than this.
    pub(crate) async fn start(least: u32) -> Self {
        Self::with(Pipeline::start().await.unwrap(), least).await
    }

    /// The same on servers of the caller's.
    pub(crate) async fn with(pipeline: Pipeline, least: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let loader = pipeline.ready("loader").await.unwrap();
        let [fetcher, viewer] = [user(&pipeline.nats, "fetcher").await, user(&pipeline.nats, "viewer").await];
        let mut world = Self { pipeline, fetcher, viewer, folder, validator: None, _loader: loader };
        world.deploy("validator", least);
        world.validate().await;
        world
    }

    fn overlay(&self, service: &str) -> PathBuf {
        let overlay = self.folder.path().join(service);
        std::fs::create_dir_all(&overlay).unwrap();
        overlay
    }

    /// Deploys the schema that refuses genres with fewer titles; 0 takes the built-in one.
    pub(crate) fn deploy(&self, service: &str, least: u32) {
        let file = self.overlay(service).join("genre.v1.json");
        match least {
            0 => std::fs::remove_file(file).unwrap(),
            least => std::fs::write(file, schema(least)).unwrap(),
        }
    }

    /// Starts the validator with the schemas that are deployed, anew where it runs.
    pub(crate) async fn validate(&mut self) {
        if let Some(mut running) = self.validator.take() {
            running.terminate().await.unwrap();
        }
        let service = self.pipeline.service("validator").unwrap();
        let mut running =
            service.env("VALIDATOR_SCHEMAS__OVERLAY", self.overlay("validator")).spawn().unwrap();
        running.ready().await.unwrap();
        self.validator = Some(running);
    }

    /// A replayer, not started yet.
    pub(crate) fn replayer(&self) -> Service {
        let service = self.pipeline.service("replayer").unwrap();
        service.env("REPLAYER_SCHEMAS__OVERLAY", self.overlay("replayer"))
    }

    /// Publishes a page of genres and waits until those of them that the validator refuses are in the tables.
    pub(crate) async fn page(&self, rows: &[String], dead: i64) {
        let body = format!("{{\"data\":[{}]}}", rows.join(" , "));
        self.fetcher.publish(page::raw(&meta(), Bytes::from(body))).await.unwrap();
        self.until("the dead letters", &format!("select (select count(*) from dead_letter) = {dead}")).await;
    }

    pub(crate) async fn until(&self, what: &str, query: &str) {
        let number = format!("({query})::int");
        let holds = || async { self.pipeline.number(&number).await.is_ok_and(|number| number == 1) };
        if let Err(error) = until(what, LIMIT, holds).await {
            let jobs = self.pipeline.json("select * from dlq_job").await;
            let plans = self.pipeline.json("select plan, state, error, judge, deployed from dlq_plan").await;
            panic!("{error}; jobs {jobs:?}, plans {plans:?}");
        }
    }

    /// Freezes all dead letters as the members of a plan.
    pub(crate) async fn plan(&self, schema_of: Option<u32>, steps: Option<Value>) {
        self.freeze(schema_of.map(schema).as_deref(), steps).await;
        self.until("the plan", "select (select state from dlq_plan) in ('ready', 'failed')").await;
    }

    /// The same by the text of a schema, and without waiting for the verdicts.
    pub(crate) async fn freeze(&self, schema: Option<&str>, steps: Option<Value>) {
        let quoted = |text: String| format!("'{}'", text.replace('\'', "''"));
        let (name, text) = match schema {
            Some(text) => ("'genre.v1'".to_owned(), quoted(text.to_owned())),
            None => ("null".to_owned(), "null".to_owned()),
        };
        let steps = steps.map_or("null".to_owned(), |steps| quoted(steps.to_string()));
        self.pipeline
            .execute(&format!(
                "delete from dlq_job; delete from dlq_plan_member; delete from dlq_plan;
                 insert into dlq_plan (plan, created_at, created_by, filter, schema_name, schema_text, steps)
                 values ('{PLAN}', now(), 'night-shift', '', {name}, {text}, {steps});
                 insert into dlq_plan_member (plan, root, version) select '{PLAN}', root, version from dead_letter;
                 notify kansoku_replayer"
            ))
            .await
            .unwrap();
    }

    pub(crate) async fn job(&self, rate: u32, canary: u32) {
        self.job_by(rate, canary, false).await;
    }

    pub(crate) async fn job_by(&self, rate: u32, canary: u32, force: bool) {
        self.pipeline
            .execute(&format!(
                "insert into dlq_job (job, plan, created_at, created_by, reason, members, rate, canary, stop_share, force)
                 values ('{JOB}', '{PLAN}', now(), 'night-shift', 'the schema is mended', 'pass', {rate}, {canary}, 0.05, {force});
                 notify kansoku_replayer"
            ))
            .await
            .unwrap();
    }

    pub(crate) async fn ask(&self, what: &str) {
        self.pipeline
            .execute(&format!("update dlq_job set asked = '{what}'; notify kansoku_replayer"))
            .await
            .unwrap();
    }

    pub(crate) async fn job_is(&self, state: &str) {
        self.until(
            &format!("the job to be {state}"),
            &format!("select (select state from dlq_job) = '{state}'"),
        )
        .await;
    }

    /// Rows of a query as JSON.
    pub(crate) async fn json(&self, query: &str) -> Value {
        self.pipeline.json(query).await.unwrap().into()
    }

    /// All messages of a stream.
    pub(crate) async fn all(&self, stream: &str) -> Vec<Stored> {
        let mut found = Vec::new();
        let mut next = 1;
        while let Some(stored) = self.viewer.next_on_subject(stream, ">", next).await.unwrap() {
            next = stored.seq + 1;
            found.push(stored);
        }
        found
    }

    /// The message ids of the replays in RAW.
    pub(crate) async fn replays(&self) -> Vec<String> {
        let raw = self.all("RAW").await;
        let ids = raw.iter().filter_map(|stored| stored.headers.get("Nats-Msg-Id").map(str::to_owned));
        ids.filter(|id| id.starts_with("replay:")).collect()
    }
}

fn meta() -> PageMeta {
    let captured_at: DateTime<Utc> = "2026-11-28T12:00:00Z".parse().unwrap();
    PageMeta {
        catalogue: Catalogue::Sample,
        source: "jikan-sim".to_owned(),
        dataset: Dataset::Genres,
        run: RunId::scheduled("jikan-sim", &Dataset::Genres, captured_at),
        page: 1,
        pages: Some(1),
        captured_at,
        url: None,
        status: Some(200),
    }
}
