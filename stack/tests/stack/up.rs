//! What a person at the command line meets, with the real programs in a folder of their own.

use std::{path::Path, process::Command};

use kansoku_stack::{
    child::{Signal, kill},
    until,
};

use crate::{
    installation::{Installation, LIMIT},
    watched,
};

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
        "archive",
        "replayer",
        "query-api",
        "jikan-sim",
    ] {
        let before = here.pids();
        kill(before[process].unwrap(), Signal::KILL).unwrap();
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
    let data = here.folder().display().to_string();
    assert!(said.starts_with(&format!("Stopped. Deleted all data under {data}")), "{said}");
    assert!(!Path::new(&data).exists());
    assert!(here.says(&["status"]).starts_with("Kansoku is not running"));
}

#[tokio::test]
async fn settings_of_this_shell_are_taken_by_what_runs_and_a_sample_may_be_empty() {
    let here = Installation::new();
    let up = |variables: &[(&str, &str)], arguments: &[&str]| {
        let output = here.run_with(variables, &[&["up"], arguments].concat());
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let said = up(&[], &["--days", "0"]);
    assert!(said.contains("Kansoku is up: ") && !said.contains("Filling"), "{said}");
    let config = std::fs::read_to_string(here.folder().join("config/fetcher.toml")).unwrap();
    assert!(config.starts_with("# Written anew at each start.") && config.contains("FETCHER_<"), "{config}");
    let settings = [("FETCHER_LIMITS__PER_MINUTE", "30"), ("OTEL_SERVICE_NAME", "mine")];
    let (before, said) = (here.pids(), up(&settings, &[]));
    assert!(said.contains("with FETCHER_LIMITS__PER_MINUTE") && said.contains("Kansoku is up: "), "{said}");
    let after = here.pids();
    assert_ne!(before["fetcher"], after["fetcher"]);
    let telemetry = std::fs::read_to_string(here.folder().join("config/telemetry.env")).unwrap();
    assert!(telemetry.contains("OTEL_SERVICE_NAME=mine"), "{telemetry}");
    for variables in [&settings[..], &[]] {
        let said = up(variables, &["--days", "30"]);
        assert!(
            said.contains("Kansoku is up already: ") && said.contains("here has 0 days; for 30: "),
            "{said}"
        );
    }
    assert_eq!(after, here.pids());
    watched::what_runs_is_watched(&here).await;
}

#[test]
fn a_shell_with_the_addresses_of_one_installation_acts_on_no_other_checkout_with_them() {
    let said = Installation::new().says(&["env"]);
    let names: Vec<&str> =
        said.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    assert!(!names.contains(&"KANSOKU_DATA") && !names.contains(&"KANSOKU_ROOT"), "{said}");
    for name in ["KANSOKU_DATA_DIR", "KANSOKU_POSTGRES_DIR", "KANSOKU_ARCHIVE_URL", "KANSOKU_ADMIN_URL"] {
        assert!(names.contains(&name), "{name}: {said}");
    }
}

#[test]
fn without_systemd_a_service_is_refused_with_what_to_do() {
    if Path::new("/run/systemd/system").is_dir() {
        eprintln!("SKIPPED: systemd runs here");
        return;
    }
    let here = Installation::new();
    let refused = here.run(&["service"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("systemd does not run here"), "{said}");
    assert!(said.contains("stack supervise") && said.contains("KANSOKU_DATA='"), "{said}");
    assert!(here.says(&["unservice"]).contains("nothing was changed"));
}

#[test]
fn a_reset_that_nobody_can_answer_deletes_nothing() {
    let here = Installation::new();
    let kept = here.folder().join("up.lock");
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
