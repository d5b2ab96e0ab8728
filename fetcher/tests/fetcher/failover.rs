//! Two base URLs: what the first cannot give is captured anew from the second, and the first is asked again when it is
//! well. And what `probe` says of them.

use std::{
    future::IntoFuture,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use axum::{
    Router,
    extract::{Query, Request},
    http::StatusCode,
};
use kansoku_schemas::{Dataset, RunEventKind};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::world::{Said, World, end, until};

/// An upstream whose pages after the first answer with a status; 200 is a page, as the first one always is.
async fn upstream(status: Arc<AtomicU16>) -> String {
    #[derive(serde::Deserialize)]
    struct Asked {
        #[serde(default)]
        page: u32,
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = move |Query(asked): Query<Asked>, _: Request| {
        let page = asked.page.max(1);
        let status = if page == 1 { 200 } else { status.load(Ordering::Relaxed) };
        let body = match status {
            200 => {
                json!({"pagination": {"last_visible_page": 2, "has_next_page": page < 2}, "data": [{"mal_id": page}]})
            }
            _ => json!({"status": status, "type": "UpstreamException", "message": "no"}),
        };
        std::future::ready((StatusCode::from_u16(status).unwrap(), body.to_string()))
    };
    tokio::spawn(axum::serve(listener, Router::new().fallback(answer)).into_future());
    format!("http://{address}/v4")
}

struct Two {
    world: World,
    one: String,
    two: String,
    /// How the first one's second page answers.
    status: Arc<AtomicU16>,
}

impl Two {
    async fn start(status: u16) -> Self {
        let status = Arc::new(AtomicU16::new(status));
        let one = upstream(Arc::clone(&status)).await;
        let two = upstream(Arc::new(AtomicU16::new(200))).await;
        Self { world: World::start().await, one, two, status }
    }

    async fn fetcher(&self, arguments: &[&str]) -> Said {
        let Self { world, one, two, .. } = self;
        let upstream = |name: &str, url: &str| {
            format!("[[upstream]]\nurl = \"{url}\"\nsource = \"{name}\"\ncatalogue = \"sample\"\n")
        };
        let config = format!(
            "[client]\nattempts = 2\nbreaker_seconds = 2\n{}{}",
            upstream("one", one),
            upstream("two", two)
        );
        let config = world.file("two.toml", config);
        let config = config.to_str().unwrap();
        end(world.fetcher(["--config", config].iter().chain(arguments))).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_breaks_off_is_captured_anew_from_the_next_until_the_first_is_well() {
    let two = Two::start(503).await;
    let said = two.fetcher(&["once", "top.score"]).await;
    assert_eq!((said.code, said.out.as_str()), (Some(0), "top.score: complete\n"), "{said:?}");
    let mut runs = two.world.runs_of(Dataset::TopScore).await;
    runs.sort_by(|left, right| left.source.cmp(&right.source));
    let [one, other] = &runs[..] else { panic!("{runs:?}") };
    assert_eq!((one.event, &one.pages_got[..], one.is_complete()), (RunEventKind::Finished, &[1][..], false));
    assert!(one.error.as_ref().unwrap().contains("left alone"), "{one:?}");
    assert_eq!(one.retries, 1, "the second page was asked for twice");
    assert!(other.is_complete() && other.source == "two" && other.run != one.run);
    World::once_each(&two.world.pages().await, &two.world.runs().await);

    let said = two.fetcher(&["runs"]).await;
    assert!(said.out.contains("retries: 1, waited"), "{said:?}");

    // While it is left alone nobody asks it, another process neither.
    let said = two.fetcher(&["once", "top.members"]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    let members = two.world.runs_of(Dataset::TopMembers).await;
    assert_eq!(members.iter().map(|run| &*run.source).collect::<Vec<_>>(), ["two"]);

    two.status.store(200, Ordering::Relaxed);
    until("the first to be asked again", || async {
        two.fetcher(&["once", "top.favorites"]).await;
        two.world
            .runs_of(Dataset::TopFavorites)
            .await
            .iter()
            .any(|run| run.source == "one" && run.is_complete())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_looked_for_elsewhere() {
    let two = Two::start(404).await;
    let said = two.fetcher(&["once", "top.score"]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    let runs = two.world.runs_of(Dataset::TopScore).await;
    assert_eq!(
        runs.iter().map(|run| (&*run.source, run.is_complete())).collect::<Vec<_>>(),
        [("one", false)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn probe_says_how_each_base_url_stands() {
    let two = Two::start(503).await;
    let probe = async || -> Vec<Value> {
        let said = two.fetcher(&["probe", "--json"]).await;
        said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let reports = probe().await;
    assert_eq!(reports.len(), 2);
    assert_eq!(
        (&reports[0]["status"], &reports[0]["breaker"], &reports[0]["cooling"]),
        (&json!(200), &json!("closed"), &Value::Null)
    );
    assert!(reports[0]["latency_ms"].is_u64());
    assert_eq!(reports[0]["fine"], false, "a row with nothing but an id does not pass");
    assert!(reports[0]["page"].as_str().unwrap().starts_with("0 of 1 row passes"), "{}", reports[0]);

    two.fetcher(&["once", "top.score"]).await;
    let reports = probe().await;
    assert_eq!(reports[0]["status"], Value::Null, "it is left alone by probe too: {}", reports[0]);
    assert_eq!(reports[0]["cooling"][1], "5xx");
    assert_eq!(reports[1]["status"], 200);
    let said = two.fetcher(&["probe"]).await;
    assert_eq!(said.code, Some(1), "no page passes: {said:?}");
    assert!(said.out.contains("left alone until") && said.out.contains("(5xx)"), "{said:?}");
    assert!(said.err.contains("gives a page that passes;"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn probe_is_content_with_a_page_that_passes() {
    let (world, url) = (World::start().await, crate::world::upstream().await);
    let config = format!(
        "[limits]\nper_day = 5000\n[[upstream]]\nurl = \"{url}\"\nsource = \"jikan-sim\"\ncatalogue = \"sample\"\n"
    );
    let config = world.file("one.toml", config);
    let mut command = world.fetcher(["--config", config.to_str().unwrap(), "probe"]);
    command.env_remove("FETCHER_CLIENT__INTERVAL_MS");
    let said = end(command).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    for words in ["status 200", "4999 of 5000 a day", "breaker closed", "all 25 rows pass"] {
        assert!(said.out.contains(words), "{words}: {said:?}");
    }
}
