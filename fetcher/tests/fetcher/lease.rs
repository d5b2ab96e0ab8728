//! Whose a run is, when several fetchers work on one schedule.

use std::{future::IntoFuture, sync::Arc};

use axum::{Router, extract::RawQuery, routing::get};
use kansoku_schemas::{Dataset, RunEvent, RunEventKind};
use tokio::{net::TcpListener, sync::Notify};

use crate::{
    schedule::{complete, service},
    world::{World, until, upstream},
};

/// Every event on RUN, in order.
async fn events(world: &World) -> Vec<RunEvent> {
    world.all("RUN").await.iter().map(|stored| serde_json::from_slice(&stored.body).unwrap()).collect()
}

#[cfg(feature = "failpoints")]
mod restless {
    use std::sync::atomic::{AtomicI32, Ordering};

    use chrono::{DateTime, TimeDelta, Utc};
    use sha2::{Digest, Sha256};

    use crate::world::{NOW, World, upstream_at};

    /// An upstream that gives other numbers at each request.
    pub(super) async fn upstream() -> String {
        let (start, requests): (DateTime<Utc>, _) = (NOW.parse().unwrap(), AtomicI32::new(0));
        upstream_at(move || start + TimeDelta::hours(requests.fetch_add(1, Ordering::Relaxed).into())).await
    }

    /// What the run tells of its pages is true of the pages in RAW.
    pub(super) async fn tells_of_what_raw_has(world: &World) {
        let run = world.runs().await.into_values().next().unwrap();
        let digests = run.census.unwrap().digests;
        for stored in world.all("RAW").await {
            let page: u32 = stored.headers.get("Kansoku-Page").unwrap().parse().unwrap();
            assert!(hex::encode(Sha256::digest(&stored.body)).starts_with(&digests[&page]), "page {page}");
        }
    }
}

async fn is_one_whole_run(world: &World) {
    let (runs, pages) = (world.runs().await, world.pages().await);
    World::once_each(&pages, &runs);
    assert_eq!((runs.len(), pages.len()), (1, 2), "{runs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_fetchers_that_start_at_once_make_one_run() {
    let (world, upstream) = (World::start().await, upstream().await);
    let start = || service(&world, &upstream, &[Dataset::TopScore]).spawn().unwrap();
    let (mut one, mut two) = (start(), start());
    complete(&world, Dataset::TopScore, 1).await;
    until("the other to see that it is there", || async {
        let there = "already; its next slot begins at";
        one.logs().contains(there) || two.logs().contains(there)
    })
    .await;
    is_one_whole_run(&world).await;
    let tellers: std::collections::BTreeSet<_> =
        events(&world).await.into_iter().map(|event| event.instance).collect();
    assert_eq!(tellers.len(), 1, "one of them did all of it");
    for service in [&mut one, &mut two] {
        assert!(service.terminate().await.unwrap().success(), "{}", service.logs());
    }
}

/// A list of two pages; the second is answered when `gate` opens.
async fn slow(gate: Arc<Notify>, asked: Arc<Notify>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let page = move |RawQuery(query): RawQuery| {
        let (gate, asked) = (Arc::clone(&gate), Arc::clone(&asked));
        async move {
            let second = query.unwrap_or_default().ends_with("page=2");
            if second {
                asked.notify_one();
                gate.notified().await;
            }
            let more = !second;
            format!(
                r#"{{"pagination":{{"last_visible_page":2,"has_next_page":{more}}},"data":[{{"mal_id":1}}]}}"#
            )
        }
    };
    tokio::spawn(axum::serve(listener, Router::new().route("/v4/top/anime", get(page))).into_future());
    format!("http://{address}/v4")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_is_slow_and_alive_keeps_its_run() {
    let (gate, asked) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (world, upstream) = (World::start().await, slow(Arc::clone(&gate), Arc::clone(&asked)).await);
    let start = || service(&world, &upstream, &[Dataset::TopScore]).spawn().unwrap();
    let mut holder = start();
    asked.notified().await;
    let mut other = start();
    other.ready().await.unwrap();
    // Far more than the three heartbeats after which silence would end the lease.
    until("many signs of life", || async { events(&world).await.last().unwrap().n >= 12 }).await;
    gate.notify_one();
    complete(&world, Dataset::TopScore, 1).await;
    is_one_whole_run(&world).await;
    let events = events(&world).await;
    assert!(events.iter().all(|event| event.instance == events[0].instance), "nobody else told of it");
    assert!(events.iter().all(|event| event.event != RunEventKind::Resumed));
    for service in [&mut holder, &mut other] {
        assert!(service.terminate().await.unwrap().success(), "{}", service.logs());
    }
}

/// The holder kills itself at this place, as kill -9 would; another one goes on.
#[cfg(feature = "failpoints")]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_holder_died_is_finished_by_another() {
    for (point, pages_before) in [
        ("fetcher::before_request=return", 0),
        ("runs::after_answer=return", 0),
        ("runs::after_publish=return", 1),
        ("fetcher::between_pages=1*off->return", 1),
        ("runs::after_answer=1*off->return", 1),
        ("runs::after_publish=1*off->return", 2),
    ] {
        let (world, upstream) = (World::start().await, restless::upstream().await);
        let mut holder =
            service(&world, &upstream, &[Dataset::TopScore]).env("FAILPOINTS", point).spawn().unwrap();
        let died = holder.wait(crate::world::LIMIT).await.unwrap();
        assert!(!died.success(), "{point}");
        assert_eq!(world.messages("RAW").await, pages_before, "{point}");
        let mut other = service(&world, &upstream, &[Dataset::TopScore]).spawn().unwrap();
        complete(&world, Dataset::TopScore, 1).await;
        is_one_whole_run(&world).await;
        restless::tells_of_what_raw_has(&world).await;
        let events = events(&world).await;
        let resumed: Vec<_> = events.iter().filter(|event| event.event == RunEventKind::Resumed).collect();
        assert_eq!(resumed.len(), 1, "{point}");
        assert_ne!(resumed[0].instance, events[0].instance, "{point}");
        assert_eq!(resumed[0].captured_at, events[0].captured_at, "all pages share the instant: {point}");
        assert!(other.terminate().await.unwrap().success(), "{}", other.logs());
    }
}
