//! The command itself: exit codes, messages, signals.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands, in its helpers too")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::{Command, Output, Stdio},
};

fn jikan_sim(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jikan-sim"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> (Option<i32>, String, Vec<u8>) {
    let Output { status, stderr, stdout } = jikan_sim(arguments).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap(), stdout)
}

#[test]
fn sigterm_ends_the_server_with_success() {
    let mut server = jikan_sim(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut address).unwrap();
    assert!(address.starts_with("http://127.0.0.1:") && address.ends_with("/v4\n"), "{address}");
    let told = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(server.wait().unwrap().code(), Some(0));
}

/// Nothing of a world depends on the process: not the order of a hash table, not an address, not a clock.
#[test]
fn two_processes_with_one_seed_and_instant_say_the_same_bytes() {
    let archive = |seed: &str| {
        let (code, said, archive) = run(&[
            "archive",
            "--days",
            "2",
            "--until",
            "2026-11-23T12:00:00Z",
            "--seed",
            seed,
            "--bad-rows",
            "1",
            "-o",
            "-",
        ]);
        assert_eq!(code, Some(0), "{said}");
        archive
    };
    let (one, other) = (archive("7"), archive("7"));
    assert!(!one.is_empty() && one == other);
    assert!(one != archive("8"));
}

#[test]
fn an_archive_that_ends_in_the_future_is_said_to_do_so() {
    let (code, said, _) = run(&[
        "archive",
        "--days",
        "1",
        "--until",
        "2060-11-23T12:00:00Z",
        "--datasets",
        "genres",
        "-o",
        "-",
    ]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2060-11-23T12:00:00Z lies in the future"), "{said}");
    let (_, said, _) = run(&["archive", "--days", "1", "--datasets", "genres", "-o", "-"]);
    assert!(!said.contains("future"), "{said}");
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, message, _) = run(&["serve", "--listen", &address]);
    assert_eq!(code, Some(1));
    assert!(message.contains(&format!("listen on {address}")), "{message}");
}

#[test]
fn an_archive_goes_to_standard_output_and_its_progress_does_not() {
    let (code, said, archive) = run(&[
        "archive",
        "--days",
        "1",
        "--until",
        "2026-11-23T12:00:00Z",
        "--datasets",
        "genres",
        "-o",
        "-",
    ]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(archive.iter().filter(|byte| **byte == b'\n').count(), 1);
    assert!(said.contains("1 runs, 1 pages"), "{said}");
}

#[test]
fn a_wrong_call_says_what_is_wrong() {
    for (arguments, reason) in [
        (&["archive", "--days", "0", "-o", "-"][..], "1..=3650"),
        (&["archive", "--days", "1", "--datasets", "top.best", "-o", "-"], "top.best"),
        (&["archive", "--days", "1", "--datasets", "history", "-o", "-"], "no list of an upstream"),
        (&["archive", "--days", "1", "--until", "yesterday", "-o", "-"], "2026-11-23T12:00:00Z"),
        (&["archive", "--days", "1", "--gap", "1:9", "-o", "-"], "future"),
        (&["archive", "--days", "1"], "--output"),
        (&["serve", "--listen", "here"], "here"),
    ] {
        let (code, message, _) = run(arguments);
        assert_eq!(code, Some(64), "{arguments:?}: {message}");
        assert!(message.contains(reason), "{arguments:?}: {message}");
    }
    let (code, message, _) = run(&["archive", "--days", "1", "-o", "/nowhere/archive.jsonl"]);
    assert_eq!(code, Some(1));
    assert!(message.contains("create /nowhere/archive.jsonl"), "{message}");
    let (code, message, _) = run(&["archive", "--days", "1", "--bad-rows", "3", "-o", "-"]);
    assert_eq!(code, Some(1));
    assert!(message.contains("no place for 3 bad rows"), "{message}");
}

#[test]
fn the_faults_are_listed_with_their_cases() {
    let (code, said, list) = run(&["faults"]);
    assert_eq!(code, Some(0), "{said}");
    let list = String::from_utf8(list).unwrap();
    assert!(list.lines().any(|line| line.starts_with("score-null           10   ")), "{list}");
    assert!(list.lines().any(|line| line.starts_with("score-text           -    ")), "{list}");
}

#[test]
fn fast_time_needs_a_past_and_a_pace() {
    for (arguments, reason) in [
        (&["serve", "--from", "2026-01-01T00:00:00Z"][..], "--day"),
        (&["serve", "--day", "60s"], "--from"),
        (&["serve", "--from", "2026-01-01T00:00:00Z", "--day", "soon"], "60s"),
    ] {
        let (code, said, _) = run(arguments);
        assert_eq!(code, Some(64), "{arguments:?}: {said}");
        assert!(said.contains(reason), "{arguments:?}: {said}");
    }
    let (code, said, _) = run(&["serve", "--from", "2160-01-01T00:00:00Z", "--day", "60s"]);
    assert!(code == Some(1) && said.contains("future"), "{said}");
}

#[test]
fn the_control_port_is_printed() {
    let mut server = jikan_sim(&["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
        .args(["--from", "2026-01-01T00:00:00Z", "--day", "60s"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let second = BufReader::new(server.stdout.take().unwrap()).lines().nth(1).unwrap().unwrap();
    let port = second.strip_prefix("control http://").unwrap();
    let mut stream = std::net::TcpStream::connect(port).unwrap();
    stream.write_all(b"GET /requests HTTP/1.0\r\n\r\n").unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(said.ends_with("[]"), "{said}");
    server.kill().unwrap();
    server.wait().unwrap();
}
