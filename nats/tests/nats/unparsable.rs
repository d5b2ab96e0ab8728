//! Headers and subjects that the client library cannot read: whoever publishes them stops nobody.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use kansoku_nats::Client;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::common::{
    Consuming, World, feed,
    handler::{Act, Scripted},
    numbers, open, until,
};

/// Publishes a page with these headers, byte for byte, as the CLI lets a person do.
async fn publish(world: &World, headers: &[u8], body: &str) {
    publish_to(world, "raw.top.score", headers, body).await;
}

async fn publish_to(world: &World, subject: &str, headers: &[u8], body: &str) {
    let seed = std::fs::read_to_string(world.server.key_file("operator")).unwrap();
    let key = nkeys::KeyPair::from_seed(seed.trim()).unwrap();
    let address = world.server.url().trim_start_matches("nats://").to_owned();
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    let info: serde_json::Value = serde_json::from_str(line.trim_start_matches("INFO ").trim()).unwrap();
    let signature = key.sign(info["nonce"].as_str().unwrap().as_bytes()).unwrap();
    let connect = serde_json::json!({
        "verbose": false, "pedantic": false, "headers": true, "nkey": key.public_key(),
        "sig": BASE64_URL_SAFE_NO_PAD.encode(signature),
    });
    stream.write_all(format!("CONNECT {connect}\r\n").as_bytes()).await.unwrap();
    let (head, whole) = (headers.len(), headers.len() + body.len());
    stream.write_all(format!("HPUB {subject} {head} {whole}\r\n").as_bytes()).await.unwrap();
    stream.write_all(&[headers, body.as_bytes(), b"\r\nPING\r\n"].concat()).await.unwrap();
    while line.trim() != "PONG" {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
        assert!(!line.starts_with("-ERR"), "{line}");
    }
}

async fn dead_letters(viewer: &Client) -> Vec<String> {
    let mut bodies = Vec::new();
    for seq in 1..=viewer.stream_state("DLQ").await.unwrap().last_seq {
        let dead_letter = viewer.get("DLQ", seq).await.unwrap().unwrap();
        assert_eq!(dead_letter.subject, "dlq.validate.envelope.top.score");
        bodies.push(String::from_utf8(dead_letter.body.to_vec()).unwrap());
    }
    bodies
}

#[tokio::test]
async fn whoever_walks_a_stream_gets_past_them() {
    let world = World::impatient().await;
    publish(&world, b"NATS/1.0\r\nKansoku-Page: 3\r\nA: \xe6\r\n\r\n", "not UTF-8").await;
    let replayer = world.user("replayer").await.client;
    feed(&world.user("fetcher").await.client, numbers(0..1)).await;
    let odd = replayer.next_on_subject("RAW", ">", 1).await.unwrap().unwrap();
    assert_eq!((odd.seq, &odd.body[..], odd.headers.get("Kansoku-Page")), (1, &b"not UTF-8"[..], Some("3")));
    assert_eq!(replayer.next_on_subject("RAW", ">", 2).await.unwrap().unwrap().seq, 2);
}

#[tokio::test]
async fn they_are_dead_letters_and_their_neighbours_are_handled() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..2)).await;
    publish(&world, b"NATS/1.0\r\nKansoku-Page: 3\r\nA: \xe6\r\n\r\n", "not UTF-8").await;
    feed(&fetcher, numbers(2..4)).await;
    publish(&world, b"NATS/1.0\r\nno header\r\n\r\n", "no header").await;
    publish(&world, b"NATS/1.0\r\n goes on\r\nA: b\r\n\r\n", "white space first").await;
    feed(&fetcher, numbers(4..6)).await;
    let handler = Scripted::new(|_| Act::Done);
    let consuming = Consuming::start(&world, &handler, 4).await;
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    let mut done = handler.done();
    done.sort();
    assert_eq!(done, numbers(0..6), "every other message, once");
    let viewer = world.user("viewer").await.client;
    assert_eq!(dead_letters(&viewer).await, ["not UTF-8", "no header", "white space first"]);
    until("the connection to be ready again", || async { consuming.user.health.is_ready() }).await;
    consuming.end().await;
}

#[tokio::test]
async fn one_behind_an_unsettled_message_is_found() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    feed(&fetcher, numbers(0..1)).await;
    let hangs = Scripted::new(|_| Act::Hang);
    let consuming = Consuming::start(&world, &hangs, 1).await;
    until("the first message in hand", || async { hangs.calls().len() == 1 }).await;
    consuming.kill().await;
    publish(&world, b"NATS/1.0\r\nno header\r\n\r\n", "no header").await;
    // Ends the connection; nothing is handled, the message before it waits half a minute for its first taker.
    let handler = Scripted::new(|_| Act::Done);
    let consuming = Consuming::start(&world, &handler, 1).await;
    let viewer = world.user("viewer").await.client;
    until("the dead letter", || async { dead_letters(&viewer).await == ["no header"] }).await;
    assert!(handler.calls().is_empty());
    consuming.end().await;
}

/// The server splits its protocol's lines at spaces and tabs, the client library at all that Unicode calls white space.
#[tokio::test]
async fn a_subject_with_white_space_is_a_dead_letter() {
    let world = World::impatient().await;
    let fetcher = world.user("fetcher").await.client;
    let subjects = ["raw.top\u{a0}score", "raw.top.\u{3000}", "raw.\u{b}top", "raw.\u{85}"];
    for subject in subjects {
        publish_to(&world, subject, b"NATS/1.0\r\nKansoku-Page: 3\r\n\r\n", subject).await;
    }
    feed(&fetcher, numbers(0..2)).await;
    let handler = Scripted::new(|_| Act::Done);
    let consuming = Consuming::start(&world, &handler, 4).await;
    until("every message to be settled", || async { open(&fetcher).await == (0, 0) }).await;
    assert_eq!(handler.done(), numbers(0..2));
    let viewer = world.user("viewer").await.client;
    for (seq, subject) in (1..).zip(subjects) {
        let letter = viewer.get("DLQ", seq).await.unwrap().unwrap();
        assert_eq!(letter.body, subject.as_bytes());
    }
    consuming.end().await;
}

/// It ends the task of the client library, and nothing else does: a new process sets the message aside.
#[tokio::test]
async fn a_lone_carriage_return_ends_the_process_once() {
    let world = World::start().await;
    let fetcher = world.user("fetcher").await.client;
    publish(&world, b"NATS/1.0\r\nA: b\rc\r\n\r\n", "carriage return").await;
    feed(&fetcher, numbers(0..2)).await;
    let handler = Scripted::new(|_| Act::Done);
    let why = Consuming::start(&world, &handler, 4).await.dies().await;
    assert!(why.contains("has died"), "{why}");
    let consuming = Consuming::start(&world, &handler, 1).await;
    let viewer = world.user("viewer").await.client;
    until("the dead letter", || async { dead_letters(&viewer).await == ["carriage return"] }).await;
    consuming.end().await;
}
