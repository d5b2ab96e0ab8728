//! The reconciler and the files against a real server and the real `nats` CLI.

use std::{path::Path, process::Command};

use kansoku_nats::{
    Settings, keys, server_conf,
    topology::{Overrides, apply, diff},
};
use kansoku_stack::{nats::Server, tools};

use crate::common::{World, message};

fn admin(server: &Server) -> Settings {
    Settings { url: server.url(), nkey_file: Some(server.key_file("admin")), ..Settings::default() }
}

#[test]
fn the_text_of_a_key_in_the_place_of_its_file_is_refused_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let text = "-----BEGIN PRIVATE KEY-----\nhUsH\n-----END PRIVATE KEY-----\n";
    let server_conf = ["server-conf", "--keys", "keys", "--store-dir", "data"];
    for command in [&["apply"][..], &["diff"], &server_conf] {
        let output = Command::new(env!("CARGO_BIN_EXE_topology"))
            .args(command)
            .args(["--tls-ca", "ca.crt", "--tls-cert", "own.crt", "--tls-key", text])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("--tls-key: it holds a certificate"), "{said}");
        assert!(!said.contains("hUsH"), "{said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}

#[tokio::test]
async fn applying_twice_changes_nothing_the_second_time() {
    let server = Server::temporary().await.unwrap();
    assert_eq!(diff(&admin(&server), &Overrides::default()).await.unwrap().len(), 11);
    assert_eq!(apply(&admin(&server), &Overrides::default()).await.unwrap().len(), 11);
    assert_eq!(apply(&admin(&server), &Overrides::default()).await.unwrap(), []);
}

#[tokio::test]
async fn what_would_lose_messages_is_refused_and_nothing_else_is_changed() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    for id in ["a", "b"] {
        fetcher.publish(message("raw.top.score", id, vec![b'x'; 10_000])).await.unwrap();
    }
    let mut overrides =
        Overrides { ack_wait: Some(std::time::Duration::from_secs(9)), ..Overrides::default() };
    overrides.max_bytes.insert("RAW".to_owned(), 10_000);
    let error = apply(&world.settings("admin"), &overrides).await.unwrap_err().to_string();
    assert!(error.contains("! stream RAW\n    max_bytes: 8589934592 -> 10000"), "{error}");
    assert!(error.contains("holds more bytes"), "{error}");
    assert_eq!(
        apply(&world.settings("admin"), &Overrides::default()).await.unwrap(),
        [],
        "ack_wait is as it was"
    );
    assert_eq!(fetcher.stream_state("RAW").await.unwrap().messages, 2);
}

#[tokio::test]
async fn a_user_without_the_right_is_told_so() {
    let server = Server::temporary().await.unwrap();
    let viewer =
        Settings { url: server.url(), nkey_file: Some(server.key_file("viewer")), ..Settings::default() };
    let error = format!("{:#}", apply(&viewer, &Overrides::default()).await.unwrap_err());
    assert!(error.contains("is the nkey that of the user admin?"), "{error}");
}

#[tokio::test]
async fn the_files_are_taken_by_the_nats_cli_as_they_are() {
    let Ok(nats) = tools::find("nats") else {
        println!("SKIPPED: the nats CLI is not installed");
        return;
    };
    let server = Server::temporary().await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&nats);
        command.env_clear().env("HOME", home.path()).env("XDG_CONFIG_HOME", home.path());
        command.args(["--server", &server.url(), "--nkey"]).arg(server.key_file("admin"));
        let output = command.args(["--inbox-prefix", "_INBOX.admin"]).args(arguments).output().unwrap();
        assert!(output.status.success(), "nats {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for stream in ["RAW", "VALID", "DLQ", "RUN", "AUDIT", "KV_UPSTREAM"] {
        let file = folder.join(format!("streams/{stream}.json"));
        run(&["stream", "add", stream, "--config", file.to_str().unwrap()]);
    }
    for (stream, consumer) in
        [("RAW", "validator"), ("VALID", "loader"), ("DLQ", "loader"), ("RUN", "loader"), ("AUDIT", "loader")]
    {
        let file = folder.join(format!("consumers/{stream}.{consumer}.json"));
        run(&["consumer", "add", stream, consumer, "--config", file.to_str().unwrap()]);
    }
    assert_eq!(
        diff(&admin(&server), &Overrides::default()).await.unwrap(),
        [],
        "the CLI and we make the same"
    );
}

#[test]
fn the_server_takes_its_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let settings = server_conf::Settings {
        listen: "127.0.0.1".to_owned(),
        port: 4222,
        monitor_port: 8222,
        store_dir: folder.path().join("a \"quoted\" folder"),
        copies: 3,
        tls: None,
    };
    let keys = keys::ensure(&folder.path().join("keys")).unwrap();
    let file = folder.path().join("server.conf");
    std::fs::write(&file, server_conf::render(&settings, &keys)).unwrap();
    let server = tools::find("nats-server").unwrap();
    let output = Command::new(server).arg("-t").arg("-c").arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
