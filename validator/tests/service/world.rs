//! A server with our streams, a validator, and what the tests do with them.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_nats::{Client, ClientContext, Outgoing, PubAck, Settings, Stored, page, topology};
use kansoku_schemas::{Catalogue, Dataset, Page, PageMeta, RunId};
use kansoku_service::{Health, Metrics, SystemClock};
use kansoku_stack::{
    nats::Server,
    process::{Running, Service},
};
use serde_json::{Value, json};

/// The longest that anything in these tests may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// A server with streams, a fetcher that feeds them and a person who looks at them.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) fetcher: Client,
    pub(crate) viewer: Client,
}

impl World {
    pub(crate) async fn start(overrides: topology::Overrides) -> Self {
        let server = Server::temporary().await.unwrap();
        topology::apply(&settings(&server, "admin"), &overrides).await.unwrap();
        let fetcher = user(&server, "fetcher").await;
        let viewer = user(&server, "viewer").await;
        Self { server, fetcher, viewer }
    }

    pub(crate) fn settings(&self, user: &str) -> Settings {
        settings(&self.server, user)
    }

    pub(crate) async fn user(&self, name: &'static str) -> Client {
        user(&self.server, name).await
    }

    /// A validator that may not be ready yet.
    pub(crate) fn spawn(&self) -> Running {
        self.spawn_with("FAILPOINTS", "")
    }

    /// The same, with a variable of its environment.
    pub(crate) fn spawn_with(&self, name: &str, value: &str) -> Running {
        let service = Service::new("validator").unwrap().env(name, value);
        let service = service.env("VALIDATOR_NATS__URL", self.server.url());
        service.env("VALIDATOR_NATS__NKEY_FILE", self.server.key_file("validator")).spawn().unwrap()
    }

    /// A validator that is ready.
    pub(crate) async fn validator(&self) -> Running {
        let mut validator = self.spawn();
        validator.ready().await.unwrap();
        validator
    }

    /// A page as the fetcher publishes it.
    pub(crate) async fn feed(&self, meta: &PageMeta, body: impl Into<Bytes>) -> PubAck {
        self.fetcher.publish(page::raw(meta, body.into())).await.unwrap()
    }

    pub(crate) async fn publish(&self, message: Outgoing) -> PubAck {
        self.fetcher.publish(message).await.unwrap()
    }

    pub(crate) async fn messages(&self, stream: &str) -> u64 {
        self.viewer.stream_state(stream).await.unwrap().messages
    }

    /// All messages of a stream.
    pub(crate) async fn all(&self, stream: &str) -> Vec<Stored> {
        let mut all = Vec::new();
        for seq in 1..=self.viewer.stream_state(stream).await.unwrap().last_seq {
            all.extend(self.viewer.get(stream, seq).await.unwrap());
        }
        all
    }

    /// The pages in VALID.
    pub(crate) async fn judged(&self) -> Vec<Page> {
        self.all("VALID").await.iter().map(|stored| page::judged(stored).unwrap()).collect()
    }

    /// Waits until RAW is read to its end and all of it is settled.
    pub(crate) async fn settled(&self) {
        until("every page to be settled", || async {
            // The server tells the consumer of a new message a moment after it has acknowledged it: until then it counts none.
            let stored = self.viewer.stream_state("RAW").await.unwrap().last_seq;
            let state = self.viewer.consumer_state("RAW", "validator").await.unwrap();
            state.ack_floor >= stored && state.num_ack_pending == 0
        })
        .await;
    }
}

fn settings(server: &Server, user: &str) -> Settings {
    Settings { url: server.url(), nkey_file: Some(server.key_file(user)), ..Settings::default() }
}

async fn user(server: &Server, name: &'static str) -> Client {
    let clock = Arc::new(SystemClock);
    let client_context = ClientContext { health: Health::default(), metrics: Metrics::default(), clock };
    Client::connect(&settings(server, name), name, client_context).await.unwrap()
}

pub(crate) async fn until<F: Future<Output = bool>>(what: &str, condition: impl FnMut() -> F) {
    kansoku_stack::until(what, LIMIT, condition).await.unwrap();
}

pub(crate) fn meta(number: u32) -> PageMeta {
    let captured_at: DateTime<Utc> = "2026-10-20T06:00:00Z".parse().unwrap();
    PageMeta {
        catalogue: Catalogue::Sample,
        source: "jikan-sim".to_owned(),
        dataset: Dataset::TopScore,
        run: RunId::scheduled("jikan-sim", &Dataset::TopScore, captured_at),
        page: number,
        pages: Some(2),
        captured_at,
        url: Some("http://127.0.0.1:7450/v4/top/anime?q=観測".to_owned()),
        status: Some(200),
    }
}

/// A row that passes, with its own white space.
pub(crate) fn row(mal_id: u32) -> String {
    let row = json!({
        "mal_id": mal_id, "url": "https://jikan-sim.invalid/anime/1", "title": "Toudai no Chizushi",
        "title_japanese": "灯台の地図師", "title_synonyms": [], "airing": false, "aired": {}, "members": 10, "favorites": 1,
        "score": 8.25, "producers": [], "licensors": [], "studios": [], "genres": [], "explicit_genres": [],
        "themes": [], "demographics": [],
    });
    format!(" {} ", serde_json::to_string_pretty(&row).unwrap())
}

/// The row with another score, as text.
pub(crate) fn scored(mal_id: u32, score: &str) -> String {
    row(mal_id).replace("8.25", score)
}

pub(crate) fn page_of(rows: &[String]) -> String {
    format!("{{\"pagination\":{{\"items\":{{\"per_page\":25}}}},\"data\":[{}]}}", rows.join(","))
}

/// `/readyz`: its status and what it says of the dependencies; 0 while nobody listens yet.
pub(crate) async fn readiness(validator: &Running) -> (u16, Value) {
    match validator.get("/readyz").await {
        Ok((status, body)) => (status, serde_json::from_str(&body).unwrap()),
        Err(_) => (0, Value::Null),
    }
}
