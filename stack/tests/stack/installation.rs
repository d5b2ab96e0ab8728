//! An installation for a test.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use kansoku_stack::{
    port, tools,
    up::{progress::Progress, state::Ports},
};
use tempfile::TempDir;

/// How long a process may take to be ready again.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// An installation on ports of its own; it is gone with the test, however that ends.
pub(crate) struct Installation(TempDir);

impl Installation {
    pub(crate) fn new() -> Self {
        // A path as people have them.
        let folder = tempfile::Builder::new().prefix("kansoku's up ").tempdir().unwrap();
        let mut ports = Ports::default();
        ports.each().into_iter().for_each(|(_, port)| *port = port::free().unwrap());
        std::fs::write(folder.path().join("ports.json"), serde_json::to_string(&ports).unwrap()).unwrap();
        Self(folder)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(&[], arguments)
    }

    pub(crate) fn run_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
        // Under a umask as careful people have it.
        let mut command = Command::new("sh");
        command.args(["-c", "umask 077 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_stack")]).args(arguments);
        command.env("KANSOKU_DATA", self.0.path()).envs(variables.iter().copied()).output().unwrap()
    }

    #[track_caller]
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn ports(&self) -> Ports {
        let text = std::fs::read_to_string(self.folder().join("ports.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Publishes to RAW as the operator; whether it was stored.
    pub(crate) fn publish(&self) -> bool {
        let mut command = Command::new(tools::find("nats").unwrap());
        command.arg("--context").arg(self.folder().join("nats/operator.json"));
        command.args(["--timeout", "2s", "req", "raw.anime", &"x".repeat(60_000)]);
        let output = command.env("XDG_CONFIG_HOME", self.folder().join("nats/cli")).output().unwrap();
        String::from_utf8_lossy(&output.stdout).contains("\"seq\"")
    }

    /// The process id of each of its processes; none of one that waits to be started again.
    pub(crate) fn pids(&self) -> BTreeMap<String, Option<u32>> {
        let text = std::fs::read_to_string(self.0.path().join("progress.json")).unwrap();
        let processes = serde_json::from_str::<Progress>(&text).unwrap().processes;
        processes.into_iter().map(|(name, record)| (name, record.pid)).collect()
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        self.run(&["reset", "--yes"]);
    }
}
