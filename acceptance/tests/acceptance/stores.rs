//! The real collector behind a test's own, and behind that Tempo and Loki, as `stack observe` starts them. Where a store is not
//! installed a receiver stands in its place: what the collector passes on is seen, and what the store makes of it is not.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{
    fmt::Write as _,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use kansoku_acceptance::collector::{Collector, Sent};
use kansoku_observability::cases::Case;
use kansoku_stack::{
    child::Child,
    observe::{
        ports::Ports,
        programs::{Found, programs},
        slack,
    },
    port,
    process::{Running, get, programs as built},
    tools, until,
    up::folders::Folders,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{net::TcpStream, task::JoinHandle};

use crate::round_trip::{hex, is_whole};

/// How long the collector holds a trace back before it decides, and Tempo before a search finds it, and more.
const LIMIT: Duration = Duration::from_secs(120);
const READY: Duration = Duration::from_secs(60);
/// What is asked for has to be there, and soon: no trace is left out for the sake of room. A test's collector takes nothing compressed.
const OTHERWISE: &str = "processors:
  tail_sampling: { decision_wait: 2s, policies: [{ name: all, type: always_sample }] }
exporters:
  otlp_grpc: { compression: none }
";
/// The receiver keeps each line of JSON that comes to this path.
const RECEIVER: &str =
    "  otlp_http: { endpoint: \"http://127.0.0.1:PORT/services\", encoding: json, compression: none }\n";

/// They run as long as this value lives.
pub(crate) struct Stores {
    ports: Ports,
    folders: Folders,
    /// In the place of Tempo.
    traces: Option<Collector>,
    /// In the place of Loki: the file that has what came.
    lines: Option<(PathBuf, JoinHandle<Result<()>>)>,
    children: Vec<Child>,
    _folder: TempDir,
}

impl Drop for Stores {
    fn drop(&mut self) {
        if let Some((_, receiver)) = &self.lines {
            receiver.abort();
        }
    }
}

fn ports() -> Result<Ports> {
    let [otlp_grpc, otlp_http, collector] = [port::free()?, port::free()?, port::free()?];
    let [tempo, tempo_otlp, tempo_grpc] = [port::free()?, port::free()?, port::free()?];
    let [loki, loki_grpc] = [port::free()?, port::free()?];
    let usual = Ports::default();
    Ok(Ports { otlp_grpc, otlp_http, collector, tempo, tempo_otlp, tempo_grpc, loki, loki_grpc, ..usual })
}

impl Stores {
    /// Starts those that are installed; `None`, and a word of it, where not even the collector is.
    pub(crate) async fn start() -> Result<Option<Self>> {
        let skipped = |what: &str, missing: &str| eprintln!("SKIPPED: {what}: {missing}");
        let found = match Found::here() {
            Ok(found) if found.collector.is_some() => found,
            _ => {
                let what = "traces and lines behind the real collector, TraceQL and LogQL";
                skipped(what, "the collector is not built (scripts/setup.sh observe builds it)");
                return Ok(None);
            }
        };
        let folder = tempfile::Builder::new().prefix("kansoku-stores-").tempdir().context("make a folder")?;
        let folders = Folders { root: tools::root(), data: folder.path().to_path_buf(), programs: built()? };
        for path in [folders.logs(), folders.observe().logs()] {
            std::fs::create_dir_all(&path).with_context(|| format!("make {}", path.display()))?;
        }
        let mut ports = ports()?;
        let traces = match found.tempo {
            Some(_) => None,
            None => {
                skipped("TraceQL", "Tempo is not installed (KANSOKU_TEMPO may name its program)");
                let collector = Collector::start().await?;
                ports.tempo_otlp = collector.port()?;
                Some(collector)
            }
        };
        let is_loki_here = found.loki.is_some();
        let lines = if is_loki_here {
            None
        } else {
            skipped("LogQL", "Loki is not installed (KANSOKU_LOKI may name its program)");
            let kept = folder.path().join("lines.jsonl");
            let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.loki));
            let receiver = tokio::spawn(slack::serve(listen, kept.clone(), false));
            Some((kept, receiver))
        };
        // The collector is told of both, whoever is there.
        let there = |program: &Option<PathBuf>| program.clone().or_else(|| found.collector.clone());
        let all = Found { tempo: there(&found.tempo), loki: there(&found.loki), ..Found::default() };
        let all = Found { collector: found.collector.clone(), ..all };
        let mut children = Vec::new();
        for mut program in programs(&folders, &ports, &all) {
            match program.name {
                "tempo" if found.tempo.is_some() => {}
                "loki" if is_loki_here => {}
                "collector" => {
                    let mut text = OTHERWISE.to_owned();
                    if !is_loki_here {
                        text += &RECEIVER.replace("PORT", &ports.loki.to_string());
                    }
                    let file = folder.path().join("collector.yaml");
                    std::fs::write(&file, text).context("write what is other than usual")?;
                    program = program.arg(format!("--config={}", file.display()));
                }
                _ => continue,
            }
            let (port, path) = program.ready;
            // The collector tells its metrics before it takes traces.
            let takes = if program.name == "collector" { ports.otlp_grpc } else { port };
            let mut child = program.start()?;
            let is_ready = || async move {
                matches!(get(port, path).await, Ok((200, _)))
                    && TcpStream::connect((Ipv4Addr::LOCALHOST, takes)).await.is_ok()
            };
            child.ready(READY, is_ready).await?;
            children.push(child);
        }
        Ok(Some(Self { ports, folders, traces, lines, children, _folder: folder }))
    }

    /// Where traces go in.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.otlp_grpc)
    }

    /// Lets the collector read the log of a service.
    pub(crate) fn read(&self, name: &str, running: &Running) -> Result<()> {
        std::fs::hard_link(running.log(), self.folders.logs().join(format!("{name}.log")))
            .with_context(|| format!("link the log of {name}"))
    }

    /// The trace and the lines of a case come through, and are found by its own questions where the stores are.
    pub(crate) async fn have(&self, case: &Case, trace: &str) {
        let has_trace = async || match &self.traces {
            Some(collector) => {
                let of_trace = |(_, span): &Sent| hex(&span.trace_id) == trace;
                is_whole(case, &collector.sent().into_iter().filter(of_trace).collect::<Vec<_>>())
            }
            None => self.tempo_finds(case, trace).await.unwrap_or_default(),
        };
        let what = format!("{}: the trace {trace} behind the collector", case.name);
        let come = until(&what, LIMIT, has_trace).await.is_ok();
        let spans = self.traces.iter().map(|collector| collector.sent().len()).sum::<usize>();
        assert!(
            come,
            "{what} does not come; {spans} spans did; the collector says: {}",
            self.children.last().map(Child::logs).unwrap_or_default()
        );
        let Some(logql) = &case.logql else { return };
        let words = &case.lines[0].words;
        let has_line = async || match &self.lines {
            Some((kept, _)) => records(kept).iter().any(|record| {
                let says =
                    |key: &str, text: &str| record[key].as_str().is_some_and(|said| said.contains(text));
                says("traceId", trace)
                    && record["body"]["stringValue"].as_str().is_some_and(|body| body.contains(words))
            }),
            None => self.loki_finds(&logql.replace("{trace}", trace), words).await.unwrap_or_default(),
        };
        let what = format!("{}: its line behind the collector", case.name);
        until(&what, LIMIT, has_line).await.unwrap();
    }

    async fn tempo_finds(&self, case: &Case, trace: &str) -> Result<bool> {
        let (_, whole) = get(self.ports.tempo, &format!("/api/v2/traces/{trace}")).await?;
        let has_spans = case.spans.iter().all(|said| whole.contains(&format!("{:?}", said.words)));
        let search = format!("/api/search?limit=1000&q={}", encoded(&case.traceql)?);
        let (status, found) = get(self.ports.tempo, &search).await?;
        ensure!(status == 200, "Tempo refuses {}: {found}", case.traceql);
        // It leaves out zeros at the start of an id.
        Ok(has_spans && found.contains(trace.trim_start_matches('0')))
    }

    async fn loki_finds(&self, logql: &str, words: &str) -> Result<bool> {
        let path = format!("/loki/api/v1/query_range?since=1h&query={}", encoded(logql)?);
        let (status, found) = get(self.ports.loki, &path).await?;
        ensure!(status == 200, "Loki refuses {logql}: {found}");
        Ok(found.contains(words))
    }
}

/// The records of lines that came to the receiver.
fn records(kept: &PathBuf) -> Vec<Value> {
    let text = std::fs::read_to_string(kept).unwrap_or_default();
    let came = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let inner = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    came.flat_map(|line| inner(&line["message"], "resourceLogs"))
        .flat_map(|resource| inner(&resource, "scopeLogs"))
        .flat_map(|scope| inner(&scope, "logRecords"))
        .collect()
}

/// As a part of an address.
fn encoded(query: &str) -> Result<String> {
    let mut text = String::new();
    query.bytes().try_for_each(|byte| write!(text, "%{byte:02X}")).context("write the address")?;
    Ok(text)
}
