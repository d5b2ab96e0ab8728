//! Every query of every dashboard, asked of a real Prometheus that watches a pipeline at work.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};
use kansoku_acceptance::{collector::Collector, prometheus::Prometheus, upstream::Upstream};
use kansoku_observability::{Catalogue, Differences, Events, dashboards};
use kansoku_stack::{pipeline::Pipeline, process::Running, tools, until};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    round_trip::{Told, every_case_holds},
    secrets,
    stores::Stores,
};

const LIMIT: Duration = Duration::from_secs(60);
/// The schedule asks for one page, and the imported captures have more: the one warning that has to come. And a busy machine makes
/// statements slow.
const EXPECTED: [&str; 2] = ["top.score is odd: few rows", "slow statement"];
const BAD_ROWS: &str = "5";
/// A day in 24 s: a capture every hour is one every second.
const DAY_MS: u32 = 24_000;

/// All services at work: bad rows were imported, and a list is captured every second.
struct World {
    stores: Option<Stores>,
    collector: Collector,
    services: BTreeMap<&'static str, Running>,
    pipeline: Pipeline,
    _upstream: Upstream,
    _folder: TempDir,
}

impl World {
    async fn start() -> Result<Self> {
        let (folder, pipeline, stores) =
            (tempfile::tempdir()?, Pipeline::start().await?, Stores::start().await?);
        let collector = match &stores {
            Some(stores) => Collector::before(stores.address()).await?,
            None => Collector::start().await?,
        };
        let telemetry = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"),
        ];
        let now = pipeline
            .rows("select to_char(now() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
            .await?;
        let now = now[0].trim_matches(['(', ')', '"']).to_owned();
        let from = "2026-11-01T00:00:00Z";
        let day = format!("{DAY_MS}ms");
        let upstream = Upstream::start(&["--from", from, "--started", &now, "--day", &day]).await?;
        let fetcher = format!(
            "[client]\ninterval_ms = 1\n[fast]\nfrom = {from:?}\nstarted = {now:?}\nday_ms = {DAY_MS}\n\
             [[upstream]]\nurl = {:?}\nsource = \"jikan-sim\"\ncatalogue = \"sample\"\n\
             [[schedule]]\ndataset = \"top.score\"\ncron = \"0 * * * *\"\npages = 1\njitter_s = 0\n",
            upstream.base()
        );
        let (file, kept) = (folder.path().join("fetcher.toml"), folder.path().join("archive"));
        std::fs::write(&file, fetcher)?;
        let mut services = BTreeMap::new();
        for name in ["validator", "loader", "replayer", "query-api", "archive", "fetcher"] {
            let password = secrets::with_password(pipeline.database.url());
            let postgres = format!("{}_POSTGRES__URL", name.to_uppercase().replace('-', "_"));
            let service = pipeline.service(name)?;
            let connects = ["loader", "replayer", "query-api"].contains(&name);
            let service = if connects { service.env(&postgres, password) } else { service };
            let service = service.envs(&telemetry);
            let mut running = match name {
                "archive" => service.env("ARCHIVE_KEEP__DIR", &kept).arg("keep"),
                "fetcher" => service.env("FETCHER_CONFIG", &file).arg("run"),
                _ => service,
            }
            .spawn()?;
            running.ready().await?;
            stores.iter().try_for_each(|stores| stores.read(name, &running))?;
            services.insert(name, running);
        }
        let sample = folder.path().join("sample.jsonl");
        let bad_rows =
            ["--days", "2", "--until", "2026-10-30T12:00:00Z", "--seed", "7", "--bad-rows", BAD_ROWS];
        Pipeline::archive(&bad_rows, &sample)?;
        let import = ["import".as_ref(), sample.as_os_str()];
        let imported = pipeline.program("archive", &telemetry, import)?;
        ensure!(imported.status.success(), "import the sample: {imported:?}");
        Ok(Self { stores, collector, services, pipeline, _upstream: upstream, _folder: folder })
    }
}

/// The queries for Prometheus, by dashboard, panel and letter.
fn queries() -> BTreeMap<String, String> {
    let mut queries = BTreeMap::new();
    for dashboard in dashboards::read(&grafana().join("dashboards")).unwrap().into_values() {
        for panel in dashboard.panels {
            let asks_prometheus = panel.datasource.is_some_and(|datasource| datasource.uid == "prometheus");
            for target in panel.targets.iter().filter(|_| asks_prometheus) {
                // What Grafana puts in their places.
                let query = target.text().replace("$__rate_interval", "20s").replace("$service", ".+");
                queries.insert(format!("{}/{}/{}", dashboard.uid, panel.id, target.ref_id), query);
            }
        }
    }
    queries
}

fn grafana() -> PathBuf {
    tools::root().join("observability/grafana")
}

/// Those that give no data; one that Prometheus does not understand is an error.
async fn empty<'a>(
    prometheus: &Prometheus,
    queries: &'a BTreeMap<String, String>,
) -> Result<BTreeMap<&'a str, &'a str>> {
    let mut empty = BTreeMap::new();
    for (name, query) in queries {
        if prometheus.query(query).await.with_context(|| name.clone())?.is_empty() {
            empty.insert(name.as_str(), query.as_str());
        }
    }
    Ok(empty)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)] // the collector answers while a program is waited for
async fn every_query_of_every_dashboard_gives_data() {
    let world = World::start().await.unwrap();
    let addresses = world.services.iter().map(|(name, running)| (*name, running.url())).collect();
    let Some(prometheus) = Prometheus::start(&addresses).await.unwrap() else { return };
    let may_be_empty = dashboards::may_be_empty(&grafana().join("no-data.toml")).unwrap();
    let mut queries = queries();
    empty(&prometheus, &queries).await.unwrap();
    queries.retain(|name, _| !may_be_empty.contains_key(name));
    for query in queries.values() {
        let data = until("data", LIMIT, || async {
            for path in ["/api/v1/runs", "/api/v1/sources", "/api/v1/nothing"] {
                world.services["query-api"].get(path).await.unwrap();
            }
            !prometheus.query(query).await.unwrap().is_empty()
        });
        if data.await.is_err() {
            panic!("these queries give no data: {:#?}", empty(&prometheus, &queries).await.unwrap());
        }
    }
    all_is_told(&prometheus).await;
    what_is_exposed_is_what_is_listed(&world.services).await;
    let World { collector, services, pipeline, stores, .. } = &world;
    let told = Told { prometheus: &prometheus, collector, services };
    every_case_holds(&told, pipeline, stores.as_ref()).await;
    nothing_is_logged_but_what_is_listed_and_expected(&world.services);
    secrets::none_is_told(&world.pipeline, &world.services["query-api"], all_told(&world, &prometheus).await)
        .await;
}

/// No warning came of a run in which nothing went wrong, and no line that `events.toml` does not list.
fn nothing_is_logged_but_what_is_listed_and_expected(services: &BTreeMap<&str, Running>) {
    let events = Events::read(&tools::root().join("observability")).unwrap();
    for (name, running) in services {
        for line in running.logs().lines() {
            let read: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{name}: {line}"));
            let (level, message) = (read["level"].as_str().unwrap(), read["message"].as_str().unwrap());
            let is_expected = EXPECTED.iter().any(|expected| message.starts_with(expected));
            assert!(!["WARN", "ERROR"].contains(&level) || is_expected, "{name}: {line}");
            let is_ours = read["target"].as_str().unwrap().starts_with("kansoku");
            assert!(!is_ours || events.has(level, message), "{name} logs what is not in events.toml: {line}");
        }
    }
}

/// All that is told of this world, by place.
async fn all_told(world: &World, prometheus: &Prometheus) -> Vec<(String, String)> {
    let mut told = vec![("traces".to_owned(), format!("{:?}", world.collector.sent()))];
    for (name, running) in &world.services {
        told.push((format!("log of {name}"), running.logs()));
        for path in ["/metrics", "/readyz"] {
            told.push((format!("{path} of {name}"), running.get(path).await.unwrap().1));
        }
    }
    for path in ["alerts", "rules", "series?match[]=%7Bjob%3D~%22.%2B%22%7D", "targets"] {
        told.push((format!("{path} of Prometheus"), prometheus.get(path).await.unwrap()));
    }
    told
}

/// Each service exposes what `metrics.toml` lists for it, and nothing else.
async fn what_is_exposed_is_what_is_listed(services: &BTreeMap<&str, Running>) {
    let catalogue = Catalogue::read(&tools::root().join("observability")).unwrap();
    for (name, running) in services {
        let (_, text) = running.get("/metrics").await.unwrap();
        assert_eq!(catalogue.compare(name, &text), Differences::default(), "{name}");
    }
}

/// What happened is what the numbers say, and nothing fires but the watchdog.
async fn all_is_told(prometheus: &Prometheus) {
    let bad_rows: f64 = BAD_ROWS.parse().unwrap();
    for (query, number) in [
        ("sum(up)", 6.0),
        ("sum(kansoku_dead_letters_total{stage='validate'})", bad_rows),
        ("max(kansoku_dead_letters{state='open'})", bad_rows),
        ("max(kansoku_ledger_imbalance_places)", 0.0),
        ("count(ALERTS{alertname='Watchdog', alertstate='firing'})", 1.0),
        ("count(ALERTS{alertname!='Watchdog', alertstate='firing'}) or vector(0)", 0.0),
    ] {
        let told =
            until("the number", LIMIT, || async { prometheus.query(query).await.unwrap() == [number] });
        let told = told.await.is_ok();
        assert!(told, "{query} is {:?}, not {number}", prometheus.query(query).await.unwrap());
    }
}
