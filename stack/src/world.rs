//! A NATS server with our streams, our programs against it, and what tests of one program do with them.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kansoku_nats::{Client, ClientContext, Settings, Stored, topology};
use kansoku_schemas::{Capture, Catalogue, Dataset, RunEvent, RunId, write_line};
use kansoku_service::{Health, Metrics, SystemClock};
use tempfile::TempDir;

use crate::{
    nats::Server,
    process::{self, prefix},
};

/// The longest that anything in these tests may take.
pub const LIMIT: Duration = Duration::from_secs(30);

/// What a program said, and how it ended.
#[derive(Debug)]
pub struct Said {
    /// Its exit code.
    pub code: Option<i32>,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Said {
    /// The table of `import --json`.
    #[track_caller]
    pub fn table(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// It ended with this code and said all these words on standard error.
    #[track_caller]
    pub fn fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "nothing of {word:?} in: {}", self.err);
        }
    }
}

/// A program of ours, with nothing of this machine's environment that could change what it does.
pub fn program<S: AsRef<OsStr>>(name: &str, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(process::programs().unwrap().join(name));
    let prefix = prefix(name);
    for (key, _) in std::env::vars_os() {
        let key = key.to_string_lossy();
        if key.starts_with(&prefix) || key.starts_with("OTEL_") {
            command.env_remove(&*key);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs a program to its end, off the threads of the test's runtime.
pub async fn end(mut command: Command) -> Said {
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// A server with streams, and a person who looks at them.
pub struct World {
    /// The server.
    pub server: Server,
    /// A folder of its own.
    pub folder: TempDir,
    viewer: Client,
}

impl World {
    /// Starts it with streams as in production.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With other sizes of streams, in bytes.
    pub async fn with(sizes: &[(&str, u64)]) -> Self {
        let server = Server::temporary().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        apply(&server, sizes).await;
        let viewer = user(&server, "viewer").await;
        Self { server, folder, viewer }
    }

    /// Changes sizes of streams.
    pub async fn resize(&self, sizes: &[(&str, u64)]) {
        apply(&self.server, sizes).await;
    }

    /// A program of ours, connected to this server as its user.
    pub fn program<S: AsRef<OsStr>>(&self, name: &str, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = program(name, arguments);
        let user = crate::pipeline::user(name);
        command
            .env(prefix(name) + "NATS__URL", self.server.url())
            .env(prefix(name) + "NATS__NKEY_FILE", self.server.key_file(user));
        command
    }

    /// `fetcher`, connected to this server and without limits.
    pub fn fetcher<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.program("fetcher", arguments);
        command.env("FETCHER_CLIENT__INTERVAL_MS", "1");
        command
    }

    /// `archive`, connected to this server.
    pub fn archive<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        self.program("archive", arguments)
    }

    /// `archive import --json` of one path.
    pub async fn import(&self, path: &Path) -> Said {
        end(self.archive([OsStr::new("import"), OsStr::new("--json"), path.as_os_str()])).await
    }

    /// A file in the world's folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> std::path::PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// An archive of these captures.
    pub fn archive_of(&self, name: &str, captures: &[Capture]) -> std::path::PathBuf {
        self.file(name, lines(captures))
    }

    /// How many messages a stream has.
    pub async fn messages(&self, stream: &str) -> u64 {
        self.viewer.stream_state(stream).await.unwrap().messages
    }

    /// The last sequences of RAW, RUN and DLQ: they move with every message that is stored.
    pub async fn ends(&self) -> [u64; 3] {
        let mut ends = [0; 3];
        for (end, stream) in ends.iter_mut().zip(["RAW", "RUN", "DLQ"]) {
            *end = self.viewer.stream_state(stream).await.unwrap().last_seq;
        }
        ends
    }

    /// All messages of a stream.
    pub async fn all(&self, stream: &str) -> Vec<Stored> {
        let mut all = Vec::new();
        for seq in 1..=self.viewer.stream_state(stream).await.unwrap().last_seq {
            all.extend(self.viewer.get(stream, seq).await.unwrap());
        }
        all
    }

    /// The last event of every run.
    pub async fn runs(&self) -> BTreeMap<RunId, RunEvent> {
        let read = |stored: Stored| serde_json::from_slice::<RunEvent>(&stored.body).unwrap();
        let told = self.all("RUN").await.into_iter();
        // Archive files are no runs.
        let told = told.filter(|stored| !stored.subject.starts_with("run.archive."));
        told.map(read).map(|event| (event.run, event)).collect()
    }

    /// The last events of the runs of a dataset.
    pub async fn runs_of(&self, dataset: Dataset) -> Vec<RunEvent> {
        self.runs().await.into_values().filter(|run| run.dataset == dataset).collect()
    }

    /// Message ids in RAW: every page that is there.
    pub async fn pages(&self) -> Vec<String> {
        let raw = self.all("RAW").await;
        raw.iter().map(|stored| stored.headers.get("Nats-Msg-Id").unwrap().to_owned()).collect()
    }

    /// Every page is in RAW once, and the runs say so: no page more, none less.
    #[track_caller]
    pub fn once_each(pages: &[String], runs: &BTreeMap<RunId, RunEvent>) {
        let there: BTreeSet<_> = pages.iter().cloned().collect();
        assert_eq!(there.len(), pages.len(), "a page is in RAW twice");
        let told =
            runs.values().flat_map(|run| run.pages_got.iter().map(|page| format!("{}:{page}", run.run)));
        assert_eq!(told.collect::<BTreeSet<_>>(), there, "RUN tells of other pages than RAW has");
    }

    /// Runs the `nats` command as admin.
    pub fn nats(&self, arguments: &[&str]) -> String {
        self.nats_as("admin", arguments)
    }

    /// The validator reads so many messages of RAW and settles them, all but the first it may keep in hand.
    pub async fn validate(&self, count: u64, keeps_first: bool) {
        let next = ["consumer", "next", "RAW", "validator", "--raw"];
        let kept = u64::from(keeps_first);
        if keeps_first {
            self.nats_as("validator", &[&next[..], &["--no-ack"]].concat());
        }
        self.nats_as("validator", &[&next[..], &["--count", &(count - kept).to_string()]].concat());
        until("all to be settled", || async {
            let state = self.viewer.consumer_state("RAW", "validator").await.unwrap();
            (state.num_pending, state.num_ack_pending) == (0, kept)
        })
        .await;
    }

    /// An operator publishes a page with a header of any bytes.
    pub fn publish_by_hand(&self, header: &[u8], body: &str) {
        let header = OsStr::from_bytes(header);
        self.nats_as(
            "operator",
            &[OsStr::new("pub"), "raw.top.score".as_ref(), "-H".as_ref(), header, body.as_ref()],
        );
    }

    fn nats_as<S: AsRef<OsStr>>(&self, user: &str, arguments: &[S]) -> String {
        let mut command = Command::new(crate::tools::find("nats").unwrap());
        command.args(["--server", &self.server.url(), "--inbox-prefix", &format!("_INBOX.{user}"), "--nkey"]);
        command.arg(self.server.key_file(user)).args(arguments).stdin(Stdio::null());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Lets RAW, RUN and DLQ forget their message ids, as they do after two hours.
    pub async fn forget_ids(&self) {
        for stream in ["RAW", "RUN", "DLQ"] {
            self.nats(&["stream", "edit", stream, "--dupe-window", "100ms", "--force"]);
        }
        // The server forgets an id when its window has passed: a second probe with the same id is then stored.
        let fetcher = user(&self.server, "fetcher").await;
        for (stream, subject) in
            [("RAW", "raw.history"), ("RUN", "run.archive.probe"), ("DLQ", "dlq.fetch.probe.x")]
        {
            let probe = kansoku_nats::Outgoing {
                subject: subject.to_owned(),
                id: "probe".to_owned(),
                headers: kansoku_nats::Headers::new(),
                body: "{}".into(),
                expect_last: None,
            };
            fetcher.publish(probe.clone()).await.unwrap();
            // The server may look at its old window once more after the edit, and then sleeps for that long: another edit
            // wakes it.
            let tries = AtomicU64::new(1);
            until(&format!("{stream} to forget"), || async {
                let tries = tries.fetch_add(1, Ordering::Relaxed);
                if tries.is_multiple_of(100) {
                    let window = format!("{}ms", 100 + tries / 100);
                    self.nats(&["stream", "edit", stream, "--dupe-window", &window, "--force"]);
                }
                !fetcher.publish(probe.clone()).await.unwrap().duplicate
            })
            .await;
        }
    }
}

async fn apply(server: &Server, sizes: &[(&str, u64)]) {
    let max_bytes = sizes.iter().map(|(stream, bytes)| ((*stream).to_owned(), *bytes)).collect();
    let overrides = topology::Overrides { max_bytes, ..topology::Overrides::default() };
    topology::apply(&settings(server, "admin"), &overrides).await.unwrap();
}

fn settings(server: &Server, user: &str) -> Settings {
    Settings { url: server.url(), nkey_file: Some(server.key_file(user)), ..Settings::default() }
}

/// Connects as a NATS user.
pub async fn user(server: &Server, name: &'static str) -> Client {
    let clock = Arc::new(SystemClock);
    let client_context = ClientContext { health: Health::default(), metrics: Metrics::default(), clock };
    Client::connect(&settings(server, name), name, client_context).await.unwrap()
}

/// Waits for a condition.
pub async fn until<F: Future<Output = bool>>(what: &str, condition: impl FnMut() -> F) {
    crate::until(what, LIMIT, condition).await.unwrap();
}

/// A capture of one page of a run.
pub fn capture(dataset: Dataset, captured_at: &str, page: u32, pages: u32) -> Capture {
    let captured_at = captured_at.parse().unwrap();
    let rows = vec!["{\"mal_id\":1}"; 25].join(",");
    Capture {
        url: Some(format!("https://example.invalid/v4/any?page={page}")),
        status: 200,
        headers: BTreeMap::new(),
        captured_at,
        source: "elsewhere".to_owned(),
        catalogue: Catalogue::Sample,
        run: Some(RunId::scheduled("elsewhere", &dataset, captured_at)),
        dataset: Some(dataset),
        page,
        pages: Some(pages),
        epoch: None,
        seq: None,
        nats_headers: None,
        body_base64: None,
        body: Some(format!(
            "{{\"pagination\":{{\"last_visible_page\":{pages},\"has_next_page\":{}}},\"data\":[{rows}]}}",
            page < pages
        )),
    }
}

/// All pages of one run.
pub fn run(dataset: Dataset, captured_at: &str, pages: u32) -> Vec<Capture> {
    (1..=pages).map(|page| capture(dataset, captured_at, page, pages)).collect()
}

/// The lines of an archive.
pub fn lines(captures: &[Capture]) -> Vec<u8> {
    let mut archive = Vec::new();
    captures.iter().for_each(|capture| write_line(&capture.clone().into(), &mut archive).unwrap());
    archive
}
