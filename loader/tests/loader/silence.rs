//! A Postgres that falls silent without closing a connection.

use std::time::Duration;

use kansoku_loader::{
    db_error::ErrorKind,
    store::{UnreadableMessage, addresses, connect},
};
use kansoku_schemas::{ArchiveEvent, RunEventKind};
use kansoku_stack::{postgres::Database, until};
use serde_json::{Value, json};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::{
    common::{noon, page, tables},
    harness::{self, Harness, value},
    order::event,
};

/// A way to the database that can be made a black hole: what is open hangs for ever, what is opened meanwhile until it is
/// one no more.
pub(crate) struct BlackHole {
    /// The address of the database through it.
    pub(crate) url: String,
    swallows: watch::Sender<bool>,
}

impl BlackHole {
    /// A way to this database.
    pub(crate) async fn to(database: &str) -> Self {
        let (server, name) = database.rsplit_once('/').unwrap();
        let (user, address) = server.rsplit_once('@').unwrap();
        let entry = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{user}@{}/{name}", entry.local_addr().unwrap());
        let (address, swallows) = (address.to_owned(), watch::Sender::new(false));
        let hole = swallows.clone();
        tokio::spawn(async move {
            while let Ok((mut here, _)) = entry.accept().await {
                let (address, mut swallows) = (address.clone(), hole.subscribe());
                tokio::spawn(async move {
                    if swallows.wait_for(|swallows| !swallows).await.is_err() {
                        return;
                    }
                    let mut there = TcpStream::connect(&address).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut here, &mut there) => {}
                        () = async { drop(swallows.wait_for(|swallows| *swallows).await) } => {
                            std::future::pending().await
                        }
                    }
                });
            }
        });
        Self { url, swallows }
    }

    pub(crate) fn swallow(&self, everything: bool) {
        self.swallows.send_replace(everything);
    }
}

#[tokio::test]
async fn no_statement_waits_for_ever() {
    let (_, _, database) = tables().await;
    let way = BlackHole::to(database.url()).await;
    let store = connect(&addresses(&way.url).unwrap()).await.unwrap();
    store.ensure_works().await.unwrap();
    way.swallow(true);
    let pages = [page(0, 1, 1, &[1])];
    let files = [ArchiveEvent {
        epoch: 1,
        first: 1,
        last: 1,
        file: String::new(),
        captures: 1,
        bytes: 1,
        sha256: String::new(),
        instance: String::new(),
        at: noon(23),
    }];
    let message = UnreadableMessage {
        stream: "RUN",
        epoch: 1,
        seq: 1,
        subject: "",
        reason: "",
        body: b"",
        noted_at: noon(23),
    };
    let events = [event(0, 1)];
    let outcomes = tokio::join!(
        store.answers(),
        async { store.ensure_partitions(&pages).await.map(drop) },
        async { store.commit(&pages, &Default::default(), noon(24)).await.map(drop) },
        store.write_runs(&events),
        store.write_archives(&files),
        store.note_unreadable(&message),
        store.probe(),
    );
    let (answers, partitions, commit, runs, archives, unreadable, probe) = outcomes;
    for outcome in [answers, partitions, commit, runs, archives, unreadable, probe] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    }
    assert!(!store.works());
    way.swallow(false);
    let again = || async { store.commit(&pages, &Default::default(), noon(24)).await.is_ok() };
    store.ensure_partitions(&pages).await.ok();
    until("new connections to work", Duration::from_secs(60), again).await.unwrap();
}

#[tokio::test]
async fn a_silent_postgres_makes_the_loader_unready_and_its_return_lets_it_go_on() {
    let pipeline = Harness::new(Database::migrated().await.unwrap()).await;
    let way = BlackHole::to(pipeline.database.url()).await;
    let mut loader = pipeline.loader_with(&[("LOADER_POSTGRES__URL", &way.url)]);
    loader.ready().await.unwrap();
    way.swallow(true);
    pipeline.page(1, |_| ()).await;
    pipeline.event(0, &harness::event(RunEventKind::Started, vec![])).await;
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
    until("the loader to go on", Duration::from_secs(30), back).await.unwrap();
    pipeline.settled("VALID", 1).await;
    pipeline.settled("RUN", 1).await;
    loader.ready().await.unwrap();
}
