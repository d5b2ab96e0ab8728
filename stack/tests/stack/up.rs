//! What a person at the command line meets, with the real programs in a folder of their own.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use kansoku_stack::{
    child::{Signal, kill},
    port, until,
    up::{progress::Progress, state::Ports},
};
use tempfile::TempDir;

/// How long a process may take to be ready again.
const LIMIT: Duration = Duration::from_secs(60);

/// An installation on ports of its own; it is gone with the test, however that ends.
struct Installation(TempDir);

impl Installation {
    fn new() -> Self {
        // A path as people have them.
        let folder = tempfile::Builder::new().prefix("kansoku's up ").tempdir().unwrap();
        let ports = Ports::from([(); 11].map(|()| port::free().unwrap()));
        std::fs::write(folder.path().join("ports.json"), serde_json::to_string(&ports).unwrap()).unwrap();
        Self(folder)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        // Under a umask as careful people have it.
        let mut command = Command::new("sh");
        command.args(["-c", "umask 077 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_stack")]).args(arguments);
        command.env("KANSOKU_DATA", self.0.path()).output().unwrap()
    }

    #[track_caller]
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }

    /// The process id of each of its processes; none of one that waits to be started again.
    fn pids(&self) -> BTreeMap<String, Option<u32>> {
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

#[tokio::test]
async fn each_killed_process_is_restarted_and_the_others_go_on() {
    let here = Installation::new();
    let up = || here.says(&["up", "--days", "1"]);
    assert!(up().contains("Kansoku is up: http://127.0.0.1:"));
    assert!(up().contains("Kansoku is up already: "));
    for process in [
        "redis-server",
        "nats-server",
        "postgres",
        "loader",
        "validator",
        "fetcher",
        "query-api",
        "jikan-sim",
    ] {
        let before = here.pids();
        kill(before[process].unwrap(), Signal::Kill).unwrap();
        let restarted =
            || std::future::ready(here.pids()[process].is_some_and(|pid| Some(pid) != before[process]));
        until(&format!("a new {process}"), LIMIT, restarted).await.unwrap();
        let ready = || std::future::ready(here.says(&["status"]).starts_with("Kansoku is ready: "));
        until("everything to be ready", LIMIT, ready).await.unwrap();
        let status = here.says(&["status"]);
        let line = status.lines().find(|line| line.starts_with(&format!("  {process:12} runs as "))).unwrap();
        assert!(line.ends_with("; restarts: 1, the last end: ended with signal: 9 (SIGKILL)"), "{status}");
        let (mut before, mut after) = (before, here.pids());
        assert_ne!(before.remove(process), after.remove(process));
        assert_eq!(before, after, "the others went on beside {process}");
    }
    assert!(up().contains("Kansoku is up already: "));
    let said = here.says(&["reset", "--yes"]);
    let data = here.0.path().display().to_string();
    assert!(said.starts_with(&format!("Stopped. Deleted all data under {data}")), "{said}");
    assert!(!Path::new(&data).exists());
    assert!(here.says(&["status"]).starts_with("Kansoku is not running"));
}

#[test]
fn a_reset_that_nobody_can_answer_deletes_nothing() {
    let here = Installation::new();
    let kept = here.0.path().join("up.lock");
    std::fs::write(&kept, "").unwrap();
    let reset = here.run(&["reset"]);
    let said = String::from_utf8_lossy(&reset.stderr).into_owned();
    assert!(!reset.status.success() && said.contains("make reset YES=1"), "{said}");
    assert!(kept.exists());
}

#[test]
fn a_folder_with_other_files_is_neither_used_nor_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("notes.txt");
    std::fs::write(&own, "precious").unwrap();
    for arguments in [&["up"][..], &["reset", "--yes"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stack"));
        let output = command.args(arguments).env("KANSOKU_DATA", folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let here = folder.path().display().to_string();
        assert!(!output.status.success() && said.contains(&here), "{said}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
