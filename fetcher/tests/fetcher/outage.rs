//! A day without the upstream, in seconds.

use std::{
    collections::BTreeMap,
    future::IntoFuture,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{Router, http::StatusCode};
use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use kansoku_schemas::{Dataset, RunEvent};
use kansoku_service::{Clock, FastClock, SystemClock};
use kansoku_stack::process::Service;
use tokio::net::TcpListener;

use crate::world::{World, until};

const DATASETS: [Dataset; 3] = [Dataset::TopScore, Dataset::SeasonNow, Dataset::Genres];
const PAGE: &str = r#"{"pagination":{"last_visible_page":1,"has_next_page":false},"data":[{"mal_id":1}]}"#;
const ILL: &str = r#"{"status":503,"type":"HttpException","message":"down"}"#;

async fn upstream(ill: Arc<AtomicBool>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = move || {
        let ill = ill.load(Ordering::Relaxed);
        let answer = if ill { (StatusCode::SERVICE_UNAVAILABLE, ILL) } else { (StatusCode::OK, PAGE) };
        std::future::ready(answer)
    };
    tokio::spawn(axum::serve(listener, Router::new().fallback(answer)).into_future());
    format!("http://{address}/v4")
}

fn service(world: &World, url: &str, fast: &FastClock) -> Service {
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let mut config = format!(
        "[client]\ninterval_ms = 1\nattempts = 1\nheartbeat_ms = 200\n[fast]\nfrom = \"{}\"\nstarted = \"{}\"\nday_ms = {}\n\
         [[upstream]]\nurl = \"{url}\"\nsource = \"x\"\ncatalogue = \"sample\"\n",
        instant(fast.from),
        instant(fast.started),
        fast.day_ms,
    );
    for dataset in DATASETS {
        config += &format!(
            "[[schedule]]\ndataset = \"{dataset}\"\ncron = \"0 3 * * *\"\npages = 1\njitter_s = 0\n"
        );
    }
    let config = world.file("outage.toml", config);
    let service = Service::new("fetcher").unwrap().arg("--config").arg(config).arg("run");
    let service = service.env("FETCHER_NATS__URL", world.server.url());
    service.env("FETCHER_NATS__NKEY_FILE", world.server.key_file("fetcher"))
}

/// The runs of each list that began between two instants.
async fn runs(world: &World, from: DateTime<Utc>, to: DateTime<Utc>) -> BTreeMap<String, Vec<RunEvent>> {
    let mut runs: BTreeMap<String, Vec<RunEvent>> = BTreeMap::new();
    for run in world.runs().await.into_values().filter(|run| (from..to).contains(&run.captured_at)) {
        runs.entry(run.dataset.to_string()).or_default().push(run);
    }
    runs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_the_upstream_is_one_incident_and_one_catch_up_for_each_list() {
    let ill = Arc::new(AtomicBool::new(false));
    let (world, url) = (World::start().await, upstream(Arc::clone(&ill)).await);
    let from: DateTime<Utc> = "2026-11-01T00:00:00Z".parse().unwrap();
    let started = SystemClock.now().trunc_subsecs(3);
    let fast = FastClock { from, started, day_ms: 4_000 };
    let hour = |hours| from + TimeDelta::hours(hours);
    let mut service = service(&world, &url, &fast).spawn().unwrap();
    let is = async |instant| {
        until(&format!("{instant}"), || async { fast.at(SystemClock.now()) >= instant }).await;
    };
    // From noon to noon: the slots at 3:00 of the third day fall into it.
    is(hour(36)).await;
    let before = world.runs().await.len();
    ill.store(true, Ordering::Relaxed);
    is(hour(60)).await;
    ill.store(false, Ordering::Relaxed);
    is(hour(75)).await;
    until("the slot after the outage", || async {
        runs(&world, hour(75), hour(96)).await.values().flatten().filter(|run| run.is_complete()).count() == 3
    })
    .await;
    let logs = service.logs();
    assert!(service.terminate().await.unwrap().success(), "{}", service.logs());

    assert_eq!(before, 9, "the slot that had passed at the start, and those of two days");
    let of_slot = runs(&world, hour(51), hour(75)).await;
    assert_eq!(of_slot.len(), 3, "{of_slot:?}");
    for (dataset, runs) in of_slot {
        let [run] = &runs[..] else { panic!("one catch-up of {dataset}: {runs:?}") };
        assert!(run.is_complete(), "{run:?}");
        assert!(
            run.captured_at >= hour(59),
            "as of when it was captured, not of when it should have been: {run:?}"
        );
    }
    let met: Vec<(String, String)> = world
        .runs()
        .await
        .into_values()
        .flat_map(|run| run.warnings.into_iter().map(move |warning| (run.dataset.to_string(), warning)))
        .filter(|(_, warning)| warning.contains("left alone"))
        .collect();
    // Whoever asks first meets it; the others wait until somebody has seen that it is over.
    assert!((1..=3).contains(&met.len()), "the outage is told, and once, not at each try: {met:?}");
    // The message alone: times, ports and ids have any digits in them.
    let messages = logs.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let messages = messages.filter_map(|line| line["message"].as_str().map(str::to_owned));
    let lines: Vec<_> = messages.filter(|message| message.contains("5xx")).collect();
    assert!((1..=3).contains(&lines.len()), "one line a minute for each cause: {lines:#?}");
}
