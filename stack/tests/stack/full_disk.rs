//! A disk that was full: nats-server does not recover by itself when there is room again.

use std::{path::PathBuf, process::Command};

use kansoku_stack::{process, until};

use crate::installation::{Installation, LIMIT};

/// A small disk; it is gone with the test.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where we may not mount one.
    fn mount(folder: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new("mount");
        let mounted = command.args(["-t", "tmpfs", "-o", "size=160m", "tmpfs"]).arg(&folder).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test]
async fn nats_server_is_restarted_when_there_is_room_again() {
    let here = Installation::new();
    let Some(disk) = SmallDisk::mount(here.folder().join("nats/store")) else {
        eprintln!("SKIPPED: only root may mount a small disk");
        return;
    };
    std::fs::write(here.folder().join("up.lock"), "").unwrap();
    here.says(&["up", "--days", "1"]);
    let before = here.pids();
    let ballast = disk.0.join("ballast");
    let mut fill = Command::new("dd");
    fill.args(["if=/dev/zero", "bs=1M"]).arg(format!("of={}", ballast.display()));
    assert!(!fill.output().unwrap().status.success(), "it ends when the disk is full");
    let ports = here.ports();
    let is_ill = || async {
        here.publish();
        matches!(process::get(ports.nats_monitor, "/healthz").await, Ok((status, _)) if status != 200)
    };
    until("nats-server to say that it is ill", LIMIT, is_ill).await.unwrap();
    let named = || async {
        let (status, body) = process::get(ports.validator, "/readyz").await.unwrap();
        status == 503 && body.contains("its health page says")
    };
    until("the validator's readiness to name it", LIMIT, named).await.unwrap();
    assert_eq!(here.pids(), before, "without room a restart helps nothing");
    std::fs::remove_file(&ballast).unwrap();
    let restarted = || {
        std::future::ready(here.pids()["nats-server"].is_some_and(|pid| Some(pid) != before["nats-server"]))
    };
    until("a new nats-server", LIMIT, restarted).await.unwrap();
    let ready = || std::future::ready(here.says(&["status"]).starts_with("Kansoku is ready: "));
    until("everything to be ready", LIMIT, ready).await.unwrap();
    assert!(here.publish(), "a message is taken again");
    let status = here.says(&["status"]);
    assert!(status.contains("; restarts: 1, the last end: its health page has said for"), "{status}");
}
