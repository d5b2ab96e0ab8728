//! The loader as a process, between a real nats-server and a real Postgres.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use kansoku_nats::{Client, Outgoing, Stored, Surroundings, id, page, subject, topology};
use kansoku_schemas::{
    Accounts, Catalogue, Dataset, PageMeta, Position, Replay, Root, RowKind, RunEvent, RunEventKind, RunId,
    SnapshotPage, SnapshotRow,
};
use kansoku_service::{Health, Metrics, SystemClock};
use kansoku_stack::{nats, postgres::Database, process, until};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    common::{anime, noon, run_id},
    silence::BlackHole,
};

pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Servers, and clients that play the loader's neighbours.
pub(crate) struct Harness {
    nats: nats::Server,
    pub(crate) database: Database,
    fetcher: Client,
    validator: Client,
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

    /// Publishes a page to RAW and its contract to VALID, as fetcher and validator would.
    pub(crate) async fn page(&self, number: u32, change: impl Fn(&mut SnapshotPage)) {
        let id = id::raw(&meta(number).run, number);
        self.page_as(&id, number, change).await;
    }

    /// The same under a message id of its own.
    pub(crate) async fn page_as(&self, id: &str, number: u32, change: impl Fn(&mut SnapshotPage)) {
        let body =
            json!({"data": [{"mal_id": 1, "row": 0}, {"mal_id": 2, "row": 1}, {"mal_id": 3, "row": 2}]});
        let raw = Outgoing { id: id.to_owned(), ..page::raw(&meta(number), Bytes::from(body.to_string())) };
        let seq = self.fetcher.publish(raw).await.unwrap().seq;
        let at = Position { epoch: self.validator.raw_epoch().await.unwrap(), seq };
        let mut contract = contract(number, at);
        change(&mut contract);
        let bytes = Bytes::from(serde_json::to_vec(&contract).unwrap());
        self.validator.publish(page::valid(&meta(number), None, at, "judge", bytes)).await.unwrap();
    }

    pub(crate) async fn event(&self, n: u32, event: &RunEvent) {
        let subject = subject::run(&event.dataset, &event.run);
        let id = id::run(&event.run, event.event.as_str(), n, &event.instance);
        let body = Bytes::from(serde_json::to_vec(event).unwrap());
        let message = Outgoing { subject, id, headers: Default::default(), body, expect_last: None };
        self.fetcher.publish(message).await.unwrap();
    }

    pub(crate) async fn letters(&self) -> Vec<Stored> {
        let mut found = Vec::new();
        let mut next = 1;
        while let Some(letter) = self.reader.next_on_subject("DLQ", ">", next).await.unwrap() {
            next = letter.seq + 1;
            found.push(letter);
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

fn settings(nats: &nats::Server, user: &str) -> kansoku_nats::Settings {
    kansoku_nats::Settings { url: nats.url(), nkey_file: Some(nats.key_file(user)), monitor: None }
}

async fn client(nats: &nats::Server, user: &'static str) -> Client {
    let surroundings =
        Surroundings { health: Health::default(), metrics: Metrics::default(), clock: Arc::new(SystemClock) };
    Client::connect(&settings(nats, user), user, surroundings).await.unwrap()
}

fn meta(number: u32) -> PageMeta {
    PageMeta {
        catalogue: Catalogue::Sample,
        source: "jikan-sim".to_owned(),
        dataset: Dataset::TopScore,
        run: RunId(run_id(1)),
        page: number,
        pages: Some(2),
        captured_at: noon(23),
        url: None,
        status: Some(200),
    }
}

fn contract(number: u32, raw: Position) -> SnapshotPage {
    let row = |index: u32| {
        let place = (number - 1) * 25 + index;
        SnapshotRow { index, position: place, anime: anime(i32::try_from(place).unwrap() + 1, 5) }
    };
    SnapshotPage {
        contract: RowKind::Anime.contract().to_owned(),
        judge: "judge".to_owned(),
        meta: meta(number),
        raw,
        trace_id: None,
        limit: 25,
        stored_at: noon(23),
        judged_at: noon(23),
        accounts: Accounts { received: 3, accepted: 3, dead: 0, drift: BTreeMap::new() },
        warnings: Vec::new(),
        replay: None,
        rows: (0..3).map(row).collect(),
    }
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

#[tokio::test]
async fn pages_and_events_become_rows_and_sigterm_ends_it_well() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    pipeline.page(1, |_| ()).await;
    pipeline.page(2, |_| ()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    pipeline.settled("VALID", 2).await;
    let pool = pipeline.pool().await;
    let counts =
        "select r.state, p.page, p.stored, p.duplicate from page p join run r using (run_id) order by page";
    let stored = |state: &str| {
        json!([
            {"state": state, "page": 1, "stored": 3, "duplicate": 0},
            {"state": state, "page": 2, "stored": 3, "duplicate": 0},
        ])
    };
    assert_eq!(value(&pool, counts).await, stored("stub"));
    pipeline.event(0, &event(RunEventKind::Started, vec![])).await;
    pipeline.event(1, &event(RunEventKind::Finished, vec![1, 2])).await;
    pipeline.settled("RUN", 2).await;
    assert_eq!(value(&pool, counts).await, stored("complete"));
    let balance = "select received, stored, dead, pages_in_flight, balanced from balance";
    assert_eq!(
        value(&pool, balance).await,
        json!([{"received": 6, "stored": 6, "dead": 0, "pages_in_flight": 0, "balanced": true}])
    );
    let (status, ready) = loader.get("/readyz").await.unwrap();
    assert_eq!(status, 200);
    assert!(ready.contains("postgres") && ready.contains("nats"), "{ready}");
    let (_, metrics) = loader.get("/metrics").await.unwrap();
    for line in
        ["kansoku_loader_rows_total{outcome=\"stored\"} 6", "kansoku_data_version{catalogue=\"sample\"}"]
    {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    assert!(loader.terminate().await.unwrap().success(), "{}", loader.logs());
    assert_eq!(pipeline.letters().await, []);
}

#[tokio::test]
async fn a_row_that_does_not_fit_is_dead_with_its_own_bytes() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    pipeline.page(1, |page| page.rows[1].anime.members = -5).await;
    pipeline.page(2, |_| ()).await;
    pipeline.settled("VALID", 2).await;
    let letters = pipeline.letters().await;
    assert_eq!(letters.len(), 1, "{}", loader.logs());
    let letter = &letters[0];
    assert_eq!(letter.subject, "dlq.load.db_data.top.score");
    assert_eq!(letter.body, "{\"mal_id\":2,\"row\":1}");
    let header = |name| letter.headers.get(name).unwrap();
    assert_eq!(header("Dlq-Root"), format!("{}:1:1:load", run_id(1)));
    assert_eq!(header("Dlq-Pointer"), "/members");
    assert_eq!((header("Kansoku-Row"), header("Kansoku-Position")), ("1", "1"));
    assert_eq!(header("ce-type"), "moe.kansoku.page.fetched.v1");
    assert_eq!(letter.headers.get("Dlq-Body"), None);
    let pages = "select page, accepted, load_dead, stored from page order by page";
    assert_eq!(
        value(&pipeline.pool().await, pages).await,
        json!([
            {"page": 1, "accepted": 3, "load_dead": 1, "stored": 2},
            {"page": 2, "accepted": 3, "load_dead": 0, "stored": 3},
        ])
    );
}

#[tokio::test]
async fn an_unreadable_message_is_rejected_and_its_neighbours_go_on() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    pipeline.page(1, |page| page.contract = "snapshot-page.v9".to_owned()).await;
    pipeline.page(2, |_| ()).await;
    let garbage = Outgoing {
        subject: subject::run(&Dataset::TopScore, &RunId(run_id(1))),
        id: "garbage".to_owned(),
        headers: Default::default(),
        body: Bytes::from_static(b"{\"event\":"),
        expect_last: None,
    };
    pipeline.fetcher.publish(garbage).await.unwrap();
    let archive = Outgoing {
        subject: subject::archive(1, 1),
        id: "archive".to_owned(),
        headers: Default::default(),
        body: Bytes::from_static(
            br#"{"epoch":1,"first":1,"last":9,"file":"raw-1.jsonl.zst","captures":9,"bytes":70,"sha256":"ab","instance":"x",
                "at":"2026-11-24T00:00:00Z"}"#,
        ),
        expect_last: None,
    };
    pipeline.fetcher.publish(archive).await.unwrap();
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    pipeline.settled("VALID", 2).await;
    pipeline.settled("RUN", 2).await;
    let letters = pipeline.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "dlq.load.envelope.top.score");
    assert!(letters[0].body.starts_with(b"{\"data\":"), "the page's own bytes");
    assert_eq!(letters[0].headers.get("Dlq-Root").unwrap(), format!("{}:1:page:load", run_id(1)));
    let pool = pipeline.pool().await;
    assert_eq!(value(&pool, "select page, stored from page").await, json!([{"page": 2, "stored": 3}]));
    assert_eq!(
        value(&pool, "select stream, seq from unreadable").await,
        json!([{"stream": "RUN", "seq": 1}])
    );
    assert_eq!(
        value(&pool, "select epoch, first, last, file from archive_file").await,
        json!([{"epoch": 1, "first": 1, "last": 9, "file": "raw-1.jsonl.zst"}])
    );
}

#[tokio::test]
async fn while_postgres_is_unavailable_nothing_is_lost_and_readiness_says_so() {
    let pipeline = Harness::new(Database::alone().await.unwrap()).await;
    pipeline.database.server().stop().await.unwrap();
    let mut loader = pipeline.loader();
    let away = async |loader: &process::Running| {
        loader.get("/readyz").await.is_ok_and(|(status, body)| status == 503 && body.contains("postgres"))
    };
    until("readiness to name Postgres", SOON, || away(&loader)).await.unwrap();
    pipeline.page(1, |_| ()).await;
    pipeline.database.server().start_again().await.unwrap();
    loader.ready().await.unwrap();
    pipeline.settled("VALID", 1).await;
    pipeline.database.server().stop().await.unwrap();
    pipeline.page(2, |_| ()).await;
    until("readiness to name Postgres", SOON, || away(&loader)).await.unwrap();
    pipeline.database.server().start_again().await.unwrap();
    pipeline.settled("VALID", 2).await;
    loader.ready().await.unwrap();
    assert_eq!(
        value(&pipeline.pool().await, "select count(*) from observation").await,
        json!([{"count": 6}])
    );
    assert_eq!(pipeline.letters().await, []);
}

#[tokio::test]
async fn a_silent_postgres_makes_the_loader_unready_and_its_return_lets_it_go_on() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    let way = BlackHole::to(pipeline.database.url()).await;
    let mut loader = pipeline.loader_with(&[("LOADER_POSTGRES__URL", &way.url)]);
    loader.ready().await.unwrap();
    way.swallow(true);
    pipeline.page(1, |_| ()).await;
    pipeline.event(0, &event(RunEventKind::Started, vec![])).await;
    let unready = || async {
        let Ok((503, body)) = loader.get("/readyz").await else { return false };
        serde_json::from_str::<Value>(&body)
            .is_ok_and(|report| report["dependencies"]["postgres"]["ready"] == false)
    };
    until("readiness to name the silence", Duration::from_secs(30), unready).await.unwrap();
    way.swallow(false);
    let stored = "select page, stored from page";
    let pool = pipeline.pool().await;
    let back = || async { value(&pool, stored).await == json!([{"page": 1, "stored": 3}]) };
    until("the loader to go on", Duration::from_secs(60), back).await.unwrap();
    pipeline.settled("VALID", 1).await;
    pipeline.settled("RUN", 1).await;
    loader.ready().await.unwrap();
}

#[tokio::test]
async fn a_capture_on_a_leap_second_is_stored_and_what_follows_as_well() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    let loader = pipeline.loader();
    pipeline.page(1, |page| page.meta.captured_at = "2019-06-30T23:59:60Z".parse().unwrap()).await;
    pipeline.settled("VALID", 1).await;
    let stored = "select captured_at at time zone 'UTC' as at, stored from page";
    let expected = json!([{"at": "2019-07-01T00:00:00", "stored": 3}]);
    assert_eq!(value(&pipeline.pool().await, stored).await, expected, "{}", loader.logs());
    assert_eq!(pipeline.letters().await, []);
}

#[tokio::test]
async fn a_row_published_by_hand_as_a_page_does_not_displace_the_first_of_the_ranking() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    let _loader = pipeline.loader();
    pipeline.page(1, |_| ()).await;
    let by_hand = |page: &mut SnapshotPage| {
        page.rows.drain(..2);
        (page.rows[0].index, page.rows[0].position) = (0, 0);
        (page.accounts.received, page.accounts.accepted) = (1, 1);
    };
    pipeline.page_as("by hand", 1, by_hand).await;
    pipeline.settled("VALID", 2).await;
    let [letter] = &pipeline.letters().await[..] else { panic!("one letter") };
    assert_eq!(letter.subject, "dlq.load.envelope.top.score");
    let header = |name| letter.headers.get(name).unwrap();
    assert_eq!((header("Dlq-Row"), header("Dlq-Pointer")), ("page", "/data"));
    assert!(header("Dlq-Error").contains("send the headers Dlq-Root, Kansoku-Row and Kansoku-Position"));
    let ranking = "select position, mal_id from ranking order by position limit 1";
    assert_eq!(value(&pipeline.pool().await, ranking).await, json!([{"position": 0, "mal_id": 1}]));
}

#[tokio::test]
async fn a_row_that_only_the_tables_find_wrong_takes_its_page_and_no_other() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    let stricter = "alter table anime add constraint short check (length(title) < 40)";
    sqlx::query(stricter).execute(&pipeline.pool().await).await.unwrap();
    pipeline.page(1, |page| page.rows[1].anime.title = "long ".repeat(40)).await;
    pipeline.page(2, |_| ()).await;
    pipeline.settled("VALID", 2).await;
    let [letter] = &pipeline.letters().await[..] else { panic!("one letter: {}", loader.logs()) };
    assert_eq!(letter.subject, "dlq.load.db_data.top.score");
    assert!(letter.headers.get("Dlq-Error").unwrap().contains("violates check constraint \"short\""));
    let pages = "select page, stored from page order by page";
    assert_eq!(value(&pipeline.pool().await, pages).await, json!([{"page": 2, "stored": 3}]));
}

#[tokio::test]
async fn texts_too_long_for_the_tables_are_rejected() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    pipeline.page(1, |page| page.meta.source = "x".repeat(6_000)).await;
    pipeline.page(2, |_| ()).await;
    pipeline.event(0, &RunEvent { source: "x".repeat(6_000), ..event(RunEventKind::Started, vec![]) }).await;
    let loader = pipeline.loader();
    pipeline.settled("VALID", 2).await;
    pipeline.settled("RUN", 1).await;
    let letters = pipeline.letters().await;
    assert_eq!(letters.len(), 1, "{}", loader.logs());
    assert_eq!(letters[0].headers.get("Dlq-Error"), Some("/source cannot be stored: the text is too long"));
    let pool = pipeline.pool().await;
    assert_eq!(value(&pool, "select page, stored from page").await, json!([{"page": 2, "stored": 3}]));
    assert_eq!(
        value(&pool, "select stream, seq from unreadable").await,
        json!([{"stream": "RUN", "seq": 1}])
    );
}

#[tokio::test]
async fn a_page_of_another_run_is_rejected_whole() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    pipeline.page(1, |_| ()).await;
    pipeline.page(2, |page| page.meta.source = "elsewhere".to_owned()).await;
    let loader = pipeline.loader();
    pipeline.settled("VALID", 2).await;
    let [letter] = &pipeline.letters().await[..] else { panic!("one letter: {}", loader.logs()) };
    assert_eq!(letter.subject, "dlq.load.envelope.top.score");
    assert!(letter.body.starts_with(b"{\"data\":"), "the page's own bytes");
    let header = |name| letter.headers.get(name).unwrap();
    assert_eq!((header("Dlq-Row"), header("Dlq-Pointer")), ("page", "/source"));
    let words = format!("the source is \"elsewhere\", and \"jikan-sim\" in run {}: ", run_id(1));
    assert!(header("Dlq-Error").starts_with(&words), "{}", header("Dlq-Error"));
    assert_eq!(
        value(&pipeline.pool().await, "select page, stored from page").await,
        json!([{"page": 1, "stored": 3}])
    );
}

#[tokio::test]
async fn the_replay_of_a_row_that_dies_here_keeps_its_root() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    let root: Root = format!("{}:1:1:validate", run_id(1)).parse().unwrap();
    let replay = Replay { root, parent: None, row: Some(1), position: Some(1), attempt: 2 };
    let at = Position { epoch: 1, seq: 9 };
    let mut page = contract(1, at);
    page.replay = Some(replay.clone());
    page.rows.truncate(1);
    page.rows[0].index = 1;
    page.rows[0].anime.members = -5;
    let bytes = Bytes::from(serde_json::to_vec(&page).unwrap());
    pipeline.validator.publish(page::valid(&meta(1), Some(&replay), at, "judge", bytes)).await.unwrap();
    let loader = pipeline.loader();
    pipeline.settled("VALID", 1).await;
    let letters = pipeline.letters().await;
    assert_eq!(letters.len(), 1, "{}", loader.logs());
    let header = |name| letters[0].headers.get(name).unwrap();
    assert_eq!(letters[0].subject, "dlq.load.db_data.top.score");
    assert_eq!(
        (header("Dlq-Root"), header("Dlq-Stage"), header("Dlq-Replays")),
        (&*root.to_string(), "load", "2")
    );
}

#[tokio::test]
async fn restarts_while_the_tables_are_broken_count_as_no_deliveries() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    assert!(loader.terminate().await.unwrap().success());
    let pool = pipeline.pool().await;
    sqlx::query("alter table genre_observation rename to gone").execute(&pool).await.unwrap();
    pipeline.page(1, |_| ()).await;
    pipeline.event(0, &event(RunEventKind::Started, vec![])).await;
    for _ in 0..7 {
        let mut loader = pipeline.loader();
        let waits = async || {
            loader
                .get("/readyz")
                .await
                .is_ok_and(|(status, body)| status == 503 && body.contains("waits for a repair"))
        };
        until("readiness to name the tables", SOON, waits).await.unwrap();
        assert!(loader.terminate().await.unwrap().success());
    }
    sqlx::query("alter table gone rename to genre_observation").execute(&pool).await.unwrap();
    let mut loader = pipeline.loader();
    pipeline.settled("VALID", 1).await;
    pipeline.settled("RUN", 1).await;
    loader.ready().await.unwrap();
    assert_eq!(pipeline.letters().await, []);
    let counted =
        "select (select count(*) from unreadable) as unreadable, (select count(*) from page) as pages";
    assert_eq!(value(&pool, counted).await, json!([{"unreadable": 0, "pages": 1}]));
}

#[tokio::test]
async fn a_page_that_is_given_up_is_dead_with_its_own_bytes() {
    let impatient = topology::Overrides { ack_wait: Some(Duration::from_secs(1)), ..Default::default() };
    let pipeline = Harness::with(Database::fresh().await.unwrap(), impatient).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    assert!(loader.terminate().await.unwrap().success());
    let pool = pipeline.pool().await;
    // Only a month that is not now is broken, so no write probe shows it.
    let broken = "select make_observation_partition('2020-10-01');
         create function broken() returns trigger language plpgsql as
             $$ begin raise exception 'broken' using errcode = 'XX001'; end $$;
         create trigger broken before insert on observation_2020_10 for each row execute function broken();";
    sqlx::raw_sql(broken).execute(&pool).await.unwrap();
    pipeline.page(1, |page| page.meta.captured_at = "2020-10-05T12:00:00Z".parse().unwrap()).await;
    for _ in 0..5 {
        let mut loader = pipeline.loader();
        let waits = async || {
            let readyz = loader.get("/readyz").await;
            readyz.is_ok_and(|(status, body)| status == 503 && body.contains("waits for a repair"))
        };
        until("readiness to name the tables", SOON, waits).await.unwrap();
        assert!(loader.terminate().await.unwrap().success());
    }
    let _loader = pipeline.loader();
    pipeline.settled("VALID", 1).await;
    let [letter] = &pipeline.letters().await[..] else { panic!("one letter") };
    assert_eq!(letter.subject, "dlq.load.max_deliveries.top.score");
    assert!(letter.body.starts_with(b"{\"data\":[{\"mal_id\":1,\"row\":0}"), "{:?}", letter.body);
    assert_eq!(letter.headers.get("Dlq-Body"), None);
}

#[tokio::test]
async fn tables_that_cannot_be_migrated_are_waited_for() {
    let pipeline = Harness::new(Database::fresh().await.unwrap()).await;
    let mut loader = pipeline.loader();
    loader.ready().await.unwrap();
    assert!(loader.terminate().await.unwrap().success());
    let pool = pipeline.pool().await;
    let flip = "update _sqlx_migrations set checksum = set_byte(checksum, 0, get_byte(checksum, 0) # 1) where version = 1";
    sqlx::query(flip).execute(&pool).await.unwrap();
    pipeline.page(1, |_| ()).await;
    let mut loader = pipeline.loader();
    let waits = async || {
        loader
            .get("/readyz")
            .await
            .is_ok_and(|(status, body)| status == 503 && body.contains("brought up to date"))
    };
    until("readiness to name the tables", SOON, waits).await.unwrap();
    sqlx::query(flip).execute(&pool).await.unwrap();
    loader.ready().await.unwrap();
    pipeline.settled("VALID", 1).await;
    assert!(loader.terminate().await.unwrap().success());
}

#[tokio::test]
async fn migrating_is_a_command_that_can_be_repeated() {
    let database = Database::fresh().await.unwrap();
    for _ in 0..2 {
        let service = process::Service::new("loader").unwrap().arg("migrate");
        let mut migrating = service.env("LOADER_POSTGRES__URL", database.url()).spawn().unwrap();
        assert!(migrating.wait(SOON).await.unwrap().success(), "{}", migrating.logs());
        assert!(migrating.logs().contains("the tables are up to date"));
    }
}
