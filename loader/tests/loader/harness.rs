//! A real nats-server and a real Postgres, and clients that play the loader's neighbours.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use kansoku_nats::{Client, ClientContext, Outgoing, Stored, id, page, subject, topology};
use kansoku_schemas::{
    Catalogue, Dataset, Page, PageBody, PageCounts, PageMeta, Position, RowKind, Rows, RunEvent,
    RunEventKind, SnapshotRow,
};
use kansoku_service::{Health, Metrics, SystemClock};
use kansoku_stack::{nats, postgres::Database, process, until};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::common::{anime, noon, run_id};

pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Servers, and clients that play the loader's neighbours.
pub(crate) struct Harness {
    nats: nats::Server,
    pub(crate) database: Database,
    pub(crate) fetcher: Client,
    pub(crate) validator: Client,
    pub(crate) reader: Client,
}

impl Harness {
    pub(crate) async fn new(database: Database) -> Self {
        Self::with(database, topology::Overrides::default()).await
    }

    pub(crate) async fn with(database: Database, overrides: topology::Overrides) -> Self {
        let nats = nats::Server::temporary().await.unwrap();
        topology::apply(&settings(&nats, "admin"), &overrides).await.unwrap();
        let fetcher = client(&nats, "fetcher").await;
        let validator = client(&nats, "validator").await;
        let reader = client(&nats, "viewer").await;
        Self { nats, database, fetcher, validator, reader }
    }

    pub(crate) fn loader(&self) -> process::Running {
        self.loader_with(&[])
    }

    /// The loader's program with these arguments.
    pub(crate) fn loader_command(&self, arguments: &[&str]) -> process::Running {
        let service = process::Service::new("loader")
            .unwrap()
            .env("LOADER_NATS__URL", self.nats.url())
            .env("LOADER_NATS__NKEY_FILE", self.nats.key_file("loader"))
            .env("LOADER_POSTGRES__URL", self.database.url());
        arguments.iter().fold(service, |service, argument| service.arg(argument)).spawn().unwrap()
    }

    /// A loader with further variables in its environment.
    pub(crate) fn loader_with(&self, environment: &[(&str, &str)]) -> process::Running {
        let service = process::Service::new("loader")
            .unwrap()
            .env("LOADER_NATS__URL", self.nats.url())
            .env("LOADER_NATS__NKEY_FILE", self.nats.key_file("loader"))
            .env("LOADER_POSTGRES__URL", self.database.url());
        environment.iter().fold(service, |service, (name, value)| service.env(name, value)).spawn().unwrap()
    }

    pub(crate) async fn pool(&self) -> PgPool {
        PgPool::connect(self.database.url()).await.unwrap()
    }

    /// Publishes a page to RAW and what it is judged to be to VALID, as fetcher and validator would.
    pub(crate) async fn page(&self, number: u32, change: impl Fn(&mut Page)) {
        let id = id::raw(&meta(number).run, number);
        self.page_as(&id, number, change).await;
    }

    /// The same under a message id of its own.
    pub(crate) async fn page_as(&self, id: &str, number: u32, change: impl Fn(&mut Page)) {
        let body =
            json!({"data": [{"mal_id": 1, "row": 0}, {"mal_id": 2, "row": 1}, {"mal_id": 3, "row": 2}]});
        let raw = Outgoing { id: id.to_owned(), ..page::raw(&meta(number), Bytes::from(body.to_string())) };
        let seq = self.fetcher.publish(raw).await.unwrap().seq;
        let at = Position { epoch: self.validator.raw_epoch().await.unwrap(), seq };
        let mut judged = judged(number, at);
        change(&mut judged);
        self.validator.publish(page::valid(&judged).unwrap()).await.unwrap();
    }

    pub(crate) async fn event(&self, n: u32, event: &RunEvent) {
        let subject = subject::run(&event.dataset, &event.run);
        let id = id::run(&event.run, event.event.as_str(), n, &event.instance);
        let body = Bytes::from(serde_json::to_vec(event).unwrap());
        let message = Outgoing { subject, id, headers: Default::default(), body, expect_last: None };
        self.fetcher.publish(message).await.unwrap();
    }

    pub(crate) async fn dead_letters(&self) -> Vec<Stored> {
        let mut found = Vec::new();
        let mut next = 1;
        while let Some(dead_letter) = self.reader.next_on_subject("DLQ", ">", next).await.unwrap() {
            next = dead_letter.seq + 1;
            found.push(dead_letter);
        }
        found
    }

    pub(crate) async fn settled(&self, stream: &str, count: u64) {
        let floor = async || {
            self.reader.consumer_state(stream, "loader").await.is_ok_and(|state| state.ack_floor >= count)
        };
        until(&format!("{count} messages of {stream} to be settled"), SOON, floor).await.unwrap();
    }
}

pub(crate) fn settings(nats: &nats::Server, user: &str) -> kansoku_nats::Settings {
    kansoku_nats::Settings {
        url: nats.url(),
        nkey_file: Some(nats.key_file(user)),
        ..kansoku_nats::Settings::default()
    }
}

pub(crate) async fn client(nats: &nats::Server, user: &'static str) -> Client {
    let client_context = ClientContext {
        health: Health::default(),
        metrics: Metrics::default(),
        clock: Arc::new(SystemClock),
    };
    Client::connect(&settings(nats, user), user, client_context).await.unwrap()
}

pub(crate) fn meta(number: u32) -> PageMeta {
    PageMeta {
        catalogue: Catalogue::Sample,
        source: "jikan-sim".to_owned(),
        dataset: Dataset::TopScore,
        run: run_id(1),
        page: number,
        pages: Some(2),
        captured_at: noon(23),
        url: None,
        status: Some(200),
    }
}

pub(crate) fn judged(number: u32, raw: Position) -> Page {
    let row = |index: u32| {
        let place = (number - 1) * 25 + index;
        SnapshotRow { index, position: place, anime: anime(i32::try_from(place).unwrap() + 1, 5) }
    };
    let body = PageBody {
        contract: RowKind::Anime.contract().to_owned(),
        trace_id: None,
        limit: 25,
        stored_at: noon(23),
        judged_at: noon(23),
        counts: PageCounts { received: 3, accepted: 3, dead: 0, drift: BTreeMap::new() },
        warnings: Vec::new(),
        rows: Rows::Anime((0..3).map(row).collect()),
    };
    Page { meta: meta(number), replay: None, raw, judge: "judge".to_owned(), body }
}

pub(crate) fn event(kind: RunEventKind, pages_got: Vec<u32>) -> RunEvent {
    let PageMeta { catalogue, source, dataset, run, captured_at, .. } = meta(1);
    RunEvent {
        run,
        dataset,
        source,
        catalogue,
        captured_at,
        event: kind,
        n: 0,
        instance: "test".to_owned(),
        at: noon(23),
        started_at: None,
        pages_planned: Some(2),
        pages_got,
        pages_failed: Vec::new(),
        replays_got: Vec::new(),
        bodies_got: std::collections::BTreeMap::new(),
        bodies_dead: Vec::new(),
        released: false,
        taken_over: false,
        retries: 0,
        waited_ms: 0,
        rows: 6,
        census: None,
        warnings: Vec::new(),
        error: None,
    }
}

pub(crate) async fn value(pool: &PgPool, query: &'static str) -> Value {
    let query = format!("select coalesce(jsonb_agg(t), '[]') from ({query}) t");
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(pool).await.unwrap()
}
