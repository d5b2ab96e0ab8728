//! A real pipeline on free ports, every connection of which goes through a proxy.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex as Lock, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kansoku_acceptance::upstream::Upstream;
use kansoku_service::{Clock, FastClock, SystemClock};
use kansoku_stack::{
    pipeline::Pipeline,
    port,
    process::{Running, Service},
    toxiproxy::Toxiproxy,
    until,
};
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::{
    collector::{self, COLLECTOR, Collector},
    disk::Disk,
    experiment::Experiment,
    fault::{Fault, HOLDS, LINKS, SERVICES},
};

/// How long a simulated day takes: a capture of some list is due many times a second.
const DAY_MS: u64 = 3_000;
/// So many days ago the calendar begins: it reaches the present after an hour.
const DAYS: i64 = 1_200;
/// How the streams are made: what a process had in hand that died comes again soon.
pub const TOPOLOGY: [&str; 2] = ["--ack-wait", "1"];

/// The upstream has no limits.
const INTERVAL_MS: &str = "10";
/// The fetcher's configuration but for its upstream: quick to give up, quick to come back.
const FETCHER: &str = r#"
[client]
timeout_ms = 2000
deadline_ms = 6000
attempts = 3
heartbeat_ms = 500
breaker_failures = 5
breaker_seconds = 4

[raw]
archived = true

[[schedule]]
dataset = "top.score"
cron = "0 */6 * * *"
pages = 3
jitter_s = 0

[[schedule]]
dataset = "season.now"
cron = "0 3,15 * * *"
pages = 3
jitter_s = 0

[[schedule]]
dataset = "top.members"
cron = "0 9,21 * * *"
pages = 2
jitter_s = 0

[[schedule]]
dataset = "genres"
cron = "0 10 * * *"
pages = 1
jitter_s = 0
"#;

/// A fault that was done, and when.
#[derive(Debug, Clone)]
pub struct Injected {
    /// What.
    pub fault: Fault,
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it was undone.
    pub to: DateTime<Utc>,
}

/// Servers, services, and the proxies between them.
pub struct Stage {
    /// The servers, by their own addresses.
    pub pipeline: Pipeline,
    /// The witness: it is never touched itself, only the way to it.
    pub upstream: Upstream,
    /// The proxies.
    pub toxiproxy: Toxiproxy,
    /// The collector, where an experiment needs it.
    pub collector: Option<Collector>,
    calendar: FastClock,
    /// Where each link listens.
    links: BTreeMap<&'static str, u16>,
    /// Where each service listens, whenever it is started.
    listens: BTreeMap<&'static str, u16>,
    services: BTreeMap<&'static str, Mutex<Option<Running>>>,
    locks: BTreeMap<&'static str, Mutex<()>>,
    injected: Lock<Vec<Injected>>,
    surprises: Lock<Vec<String>>,
    folder: TempDir,
    /// After the servers that write to it.
    disk: Option<Disk>,
}

impl Stage {
    /// Starts everything, and what an experiment needs besides, and waits until it is ready.
    ///
    /// # Errors
    /// Something does not start.
    pub async fn start(seed: u64, experiment: Option<&Experiment>) -> Result<Arc<Self>> {
        let started = SystemClock.now();
        let calendar = FastClock { from: started - TimeDelta::days(DAYS), started, day_ms: DAY_MS };
        let (seed, from, day) = (seed.to_string(), instant(calendar.from), format!("{DAY_MS}ms"));
        let started = instant(started);
        let arguments = ["--seed", &seed, "--from", &from, "--started", &started, "--day", &day];
        let disk =
            experiment.filter(|experiment| experiment.has_own_disk()).map(|_| Disk::mount()).transpose()?;
        let data = disk.as_ref().map_or_else(tempfile::env::temp_dir, |disk| disk.path().to_path_buf());
        let (pipeline, upstream, toxiproxy) = tokio::try_join!(
            Pipeline::with_data_in(&data, &TOPOLOGY),
            Upstream::start(&arguments),
            Toxiproxy::start()
        )?;
        let mut links = BTreeMap::new();
        for link in LINKS {
            let url = match link.rsplit_once('-') {
                Some((_, "nats")) => pipeline.nats.url(),
                Some((_, "postgres")) => pipeline.database.url().to_owned(),
                Some((_, "redis")) => pipeline.redis.url(),
                _ => upstream.base().to_owned(),
            };
            links.insert(link, toxiproxy.link(link, port_of(&url)?).await?);
        }
        let mut listens = BTreeMap::new();
        for service in SERVICES {
            listens.insert(service, port::free()?);
        }
        let folder = tempfile::Builder::new().prefix("kansoku-chaos-").tempdir().context("make a folder")?;
        let needs_collector = experiment.is_some_and(|experiment| experiment.does_to(COLLECTOR));
        let collector = match needs_collector {
            true => Some(Collector::start_in(collector::Options::new(folder.path().into())?, None).await?),
            false => None,
        };
        let locks = HOLDS.into_iter().chain(LINKS).map(|held| (held, Mutex::default())).collect();
        let services = SERVICES.into_iter().map(|service| (service, Mutex::default())).collect();
        let stage = Self {
            pipeline,
            upstream,
            toxiproxy,
            collector,
            calendar,
            links,
            listens,
            services,
            locks,
            injected: Lock::default(),
            surprises: Lock::default(),
            folder,
            disk,
        };
        stage.configure()?;
        let stage = Arc::new(stage);
        for service in SERVICES {
            stage.spawn(service).await?;
        }
        stage.ready(Duration::from_secs(60)).await?;
        tokio::spawn(supervise(Arc::downgrade(&stage)));
        Ok(stage)
    }

    /// Writes the configuration of the fetcher, and the calendar of the API.
    fn configure(&self) -> Result<()> {
        let FastClock { from, started, day_ms } = self.calendar;
        let (from, started) = (instant(from), instant(started));
        let calendar = format!("\n[fast]\nfrom = \"{from}\"\nstarted = \"{started}\"\nday_ms = {day_ms}\n");
        let url = format!("http://127.0.0.1:{}/v4", self.links["fetcher-upstream"]);
        let upstream =
            format!("\n[[upstream]]\nurl = {url:?}\nsource = \"jikan-sim\"\ncatalogue = \"sample\"\n");
        let write = |name: &str, text: &str| {
            std::fs::write(self.folder.path().join(name), text).context("write a configuration")
        };
        write("fetcher.toml", &(FETCHER.to_owned() + &calendar + &upstream))?;
        write("query-api.toml", &calendar)
    }

    /// A service whose connections all go through the proxies.
    ///
    /// # Errors
    /// It is not built.
    pub fn service(&self, name: &str) -> Result<Service> {
        let prefix = name.to_uppercase().replace('-', "_");
        let mut service = self.pipeline.service(name)?;
        for (server, variable) in
            [("nats", "NATS__URL"), ("postgres", "POSTGRES__URL"), ("redis", "REDIS__URL")]
        {
            let Some(port) = self.links.get(format!("{name}-{server}").as_str()) else { continue };
            let url = match server {
                "nats" => self.pipeline.nats.url(),
                "postgres" => self.pipeline.database.url().to_owned(),
                _ => self.pipeline.redis.url(),
            };
            let proxied = url.replacen(&format!(":{}", port_of(&url)?), &format!(":{port}"), 1);
            service = service.env(&format!("{prefix}_{variable}"), proxied);
        }
        Ok(match name {
            "fetcher" => service
                .env("FETCHER_CONFIG", self.file("fetcher.toml"))
                .env("FETCHER_CLIENT__INTERVAL_MS", INTERVAL_MS)
                .arg("run"),
            "archive" => service.env("ARCHIVE_KEEP__DIR", self.archive()).arg("keep"),
            "query-api" => service.env("QUERY_API_CONFIG", self.file("query-api.toml")),
            _ => service,
        })
    }

    /// A file of this run.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of the archive's files.
    fn archive(&self) -> PathBuf {
        self.disk.as_ref().map_or(self.folder.path(), Disk::path).join("archive")
    }

    /// The disk that can be full.
    ///
    /// # Errors
    /// The experiment has none.
    pub fn disk(&self) -> Result<&Disk> {
        self.disk.as_ref().context("find the disk of this run")
    }

    /// The same, at the address that it always has.
    ///
    /// # Errors
    /// It is not built.
    pub fn usual(&self, name: &str) -> Result<Service> {
        Ok(self.service(name)?.listen(self.listens[name]))
    }

    /// Starts a service; it may not be ready yet.
    ///
    /// # Errors
    /// It cannot be started.
    pub async fn spawn(&self, name: &str) -> Result<()> {
        let running = self.usual(name)?.spawn()?;
        *self.slot(name).lock().await = Some(running);
        Ok(())
    }

    /// Where the process of a service is kept.
    pub fn slot(&self, name: &str) -> &Mutex<Option<Running>> {
        &self.services[name]
    }

    /// What keeps others from a target.
    pub fn lock(&self, name: &str) -> &Mutex<()> {
        &self.locks[name]
    }

    /// The port of a service.
    pub fn listens(&self, service: &str) -> u16 {
        self.listens[service]
    }

    /// Waits until every service that runs is ready.
    ///
    /// # Errors
    /// One is not, in time; its log's end is said.
    pub async fn ready(&self, limit: Duration) -> Result<()> {
        for service in SERVICES {
            let port = self.listens[service];
            let is_ready =
                || async move { matches!(kansoku_stack::process::get(port, "/readyz").await, Ok((200, _))) };
            let waited = until(&format!("{service} to be ready"), limit, is_ready).await;
            if waited.is_err() {
                let said = kansoku_stack::process::get(port, "/readyz").await;
                let logs = self.slot(service).lock().await.as_ref().map(Running::logs).unwrap_or_default();
                let end: Vec<_> = logs.lines().rev().take(5).collect();
                return waited.with_context(|| format!("{said:?}; its log ends: {end:#?}"));
            }
        }
        Ok(())
    }

    /// How many pages are stored.
    ///
    /// # Errors
    /// Postgres is away.
    pub async fn stored(&self) -> Result<i64> {
        self.pipeline.number("select count(*) from page").await
    }

    /// Writes down what was done.
    pub fn note(&self, injected: Injected) {
        self.injected.lock().unwrap_or_else(PoisonError::into_inner).push(injected);
    }

    /// All that was done.
    pub fn injected(&self) -> Vec<Injected> {
        self.injected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What happened that nobody did.
    pub fn surprises(&self) -> Vec<String> {
        self.surprises.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The real instant of one of the simulator's calendar.
    pub fn real(&self, simulated: DateTime<Utc>) -> DateTime<Utc> {
        let passed = (simulated - self.calendar.from).as_seconds_f64() * DAY_MS as f64 / 86_400.0;
        self.calendar.started + TimeDelta::milliseconds(passed as i64)
    }

    /// The archive's files.
    ///
    /// # Errors
    /// Their folder cannot be read.
    pub fn archived(&self) -> Result<Vec<PathBuf>> {
        let Ok(entries) = std::fs::read_dir(self.archive()) else {
            return Ok(Vec::new());
        };
        let paths = entries.map(|entry| Ok(entry.context("read the archive's folder")?.path()));
        let is_whole = |path: &Result<PathBuf>| {
            path.as_ref().map_or(true, |path| path.to_string_lossy().ends_with(".jsonl.zst"))
        };
        paths.filter(is_whole).collect()
    }

    /// Ends the fetcher and waits until all that it brought is settled.
    ///
    /// # Errors
    /// It does not come to rest.
    pub async fn settle(&self) -> Result<()> {
        let _held = self.lock("fetcher").lock().await;
        if let Some(mut fetcher) = self.slot("fetcher").lock().await.take() {
            fetcher.terminate().await?;
        }
        self.pipeline.at_rest().await
    }
}

/// Starts what ends by itself, as a supervisor would, and writes down that it did.
async fn supervise(stage: std::sync::Weak<Stage>) {
    let mut look = tokio::time::interval(Duration::from_millis(200));
    loop {
        look.tick().await;
        let Some(stage) = stage.upgrade() else { return };
        for service in SERVICES {
            let Ok(_held) = stage.lock(service).try_lock() else { continue };
            let Ok(mut slot) = stage.slot(service).try_lock() else { continue };
            let Some(running) = slot.as_mut() else { continue };
            let Some(status) = running.ended() else { continue };
            let last = running.logs().lines().last().unwrap_or_default().to_owned();
            let surprise = format!("{service} ended by itself with {status}: {last}");
            stage.surprises.lock().unwrap_or_else(PoisonError::into_inner).push(surprise);
            if let Ok(again) = stage.usual(service).and_then(Service::spawn) {
                *running = again;
            }
        }
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The port in an address of the loopback interface.
fn port_of(url: &str) -> Result<u16> {
    let (_, rest) = url.split_once("127.0.0.1:").with_context(|| format!("find the port in {url}"))?;
    let digits = rest.split(|other: char| !other.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().with_context(|| format!("read the port in {url}"))
}
