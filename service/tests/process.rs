//! The harness as seen from outside: a real process, real signals, exit codes.
#![expect(clippy::unwrap_used, reason = "a test may end where it stands, in its helpers too")]

use std::{
    io::{BufRead, BufReader, ErrorKind, Lines, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio},
    time::Duration,
};

use kansoku_service::{Clock as _, SystemClock};
use serde_json::Value;
use tokio::net::TcpSocket;

/// The process under test. Killed when dropped.
struct Weigher {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    stderr: ChildStderr,
}

impl Weigher {
    fn start(variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        // Tests run in target/<profile>/deps, examples are built into target/<profile>/examples.
        let mut path: PathBuf = std::env::current_exe().unwrap();
        path.pop();
        path.pop();
        let mut child = Command::new(path.join("examples/weigher"))
            .args(arguments)
            .env_clear()
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let stderr = child.stderr.take().unwrap();
        Self { child, lines, stderr }
    }

    /// Reads log lines until one has this message.
    fn until(&mut self, message: &str) -> Value {
        for line in self.lines.by_ref() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if line["message"].as_str().unwrap().contains(message) {
                return line;
            }
        }
        panic!("ended without saying {message:?}: {}", self.errors());
    }

    fn address(&mut self) -> SocketAddr {
        self.until("listening on")["address"].as_str().unwrap().parse().unwrap()
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    fn end(&mut self) -> ExitStatus {
        self.lines.by_ref().for_each(drop);
        self.child.wait().unwrap()
    }

    fn errors(&mut self) -> String {
        let mut text = String::new();
        self.stderr.read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Weigher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(address: SocketAddr, path: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_lowercase(), body.to_owned())
}

#[test]
fn a_healthy_service_answers_and_ends_well_on_either_signal() {
    for signal in ["-TERM", "-INT"] {
        let mut weigher = Weigher::start(&[], &[]);
        let address = weigher.address();
        let weighed = weigher.until("weighed");
        assert_eq!((weighed["grams"].as_i64(), weighed["span"].as_str()), (Some(12), Some("weigh")));
        assert_eq!(weighed["trace_id"].as_str().unwrap().len(), 32);
        assert_eq!(weighed["span_id"].as_str().unwrap().len(), 16);
        assert_eq!(get(address, "/livez").0, 200);
        let (status, _, body) = get(address, "/readyz");
        assert_eq!(
            (status, body.as_str()),
            (200, r#"{"ready":true,"dependencies":{"scale":{"ready":true}}}"#)
        );
        let (status, head, body) = get(address, "/metrics");
        assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{head}");
        assert!(status == 200 && body.contains("kansoku_build_info{service=\"weigher\""), "{body}");
        weigher.signal(signal);
        weigher.until("put the scale away");
        assert_eq!(weigher.end().code(), Some(0));
    }
}

#[test]
fn a_dependency_that_is_away_is_named() {
    let mut weigher = Weigher::start(&[("WEIGHER_SCALE__MOOD", "away")], &[]);
    let address = weigher.address();
    weigher.until("weighed");
    let (status, _, body) = get(address, "/readyz");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, body["ready"].as_bool()), (503, Some(false)));
    assert_eq!(body["dependencies"]["scale"]["reason"], "nobody has bought one");
    assert_eq!(get(address, "/livez").0, 200);
}

#[test]
fn a_healthcheck_asks_the_running_process_and_names_what_is_away() {
    let ask = |listen: &str| {
        let mut asking = Weigher::start(&[("WEIGHER_HTTP__LISTEN", listen)], &["--healthcheck"]);
        let said = asking.lines.by_ref().map(Result::unwrap).collect::<String>();
        (asking.end().code(), said + &asking.errors())
    };
    let mut away = Weigher::start(&[("WEIGHER_SCALE__MOOD", "away")], &[]);
    let address = away.address();
    away.until("weighed");
    let (code, said) = ask(&address.to_string());
    assert_eq!(code, Some(1));
    assert!(said.contains("not ready") && said.contains("nobody has bought one"), "{said}");
    drop(away);
    let (code, said) = ask(&address.to_string());
    assert!(code == Some(1) && said.contains("refused"), "nobody is there: {said}");

    let mut ready = Weigher::start(&[], &[]);
    let address = ready.address();
    ready.until("weighed");
    assert_eq!(ask(&address.to_string()), (Some(0), "weigher is ready".to_owned()));

    let (code, said) = ask("127.0.0.1:0");
    assert!(code == Some(1) && said.contains("set a port"), "{said}");
    let (code, said) = ask("everywhere");
    assert!(code == Some(1) && said.contains("http.listen"), "{said}");
}

#[test]
fn slow_clients_are_cut_off_and_never_keep_others_out() {
    let limits = [("WEIGHER_HTTP__MAX_CONNECTIONS", "8"), ("WEIGHER_HTTP__HEADER_TIMEOUT_MS", "300")];
    let mut weigher = Weigher::start(&limits, &[]);
    let address = weigher.address();
    let slow: Vec<TcpStream> = (0..8)
        .map(|_| {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "GET /livez HTTP/1.1\r\nHost").unwrap();
            stream
        })
        .collect();
    let full = weigher.until("connections are in use");
    assert_eq!(full["max"].as_i64(), Some(8));
    assert_eq!(get(address, "/livez").0, 200, "answered as soon as the slow ones are cut off");
    for mut stream in slow {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(!answer.contains("200 OK"), "{answer}");
    }
}

#[tokio::test]
async fn one_client_cannot_take_all_connections() {
    let limits = [("WEIGHER_HTTP__MAX_CONNECTIONS", "8"), ("WEIGHER_HTTP__MAX_CONNECTIONS_PER_CLIENT", "3")];
    let mut weigher = Weigher::start(&limits, &[]);
    let address = weigher.address();
    let connect = async || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let stream = socket.connect(address).await.unwrap().into_std().unwrap();
        stream.set_nonblocking(false).unwrap();
        stream
    };
    let held = [connect().await, connect().await, connect().await];
    for _ in 0..20 {
        let mut refused = connect().await;
        refused.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let end = refused.read(&mut [0; 1]).map_err(|error| error.kind());
        assert!(matches!(end, Ok(0) | Err(ErrorKind::ConnectionReset)), "{end:?}");
    }
    let warning = weigher.until("has 3 connections open");
    assert_eq!((warning["client"].as_str(), warning["max"].as_i64()), (Some("127.0.0.2"), Some(3)));
    assert_eq!(get(address, "/livez").0, 200, "another client is answered");
    drop(held);
    let mut answer = String::new();
    // The service notices the ends of the first ones in its own time.
    while !answer.starts_with("HTTP/1.1 200") {
        let mut stream = connect().await;
        let asked = write!(stream, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let _ = asked.and_then(|()| stream.read_to_string(&mut answer));
    }
}

#[test]
fn an_idle_connection_does_not_hold_up_the_end() {
    let mut weigher = Weigher::start(&[], &[]);
    let address = weigher.address();
    let idle = TcpStream::connect(address).unwrap();
    assert_eq!(get(address, "/livez").0, 200);
    weigher.signal("-TERM");
    assert_eq!(weigher.end().code(), Some(0));
    drop(idle);
}

#[test]
fn metrics_are_limited_and_health_is_not() {
    let mut weigher = Weigher::start(&[], &[]);
    let address = weigher.address();
    let refused =
        std::iter::repeat_with(|| get(address, "/metrics").0).take(5_000).any(|status| status == 429);
    assert!(refused, "5,000 requests in a row were all answered");
    assert_eq!((get(address, "/livez").0, get(address, "/readyz").0), (200, 200));
}

#[test]
fn a_task_that_dies_alone_ends_the_process_with_a_failing_code() {
    for (mood, words) in [
        ("fail", "run the task weighing: the scale is broken"),
        ("panic", "run the task weighing: panicked: the scale fell down"),
        ("end", "the task weighing ended by itself"),
    ] {
        let mut weigher = Weigher::start(&[("WEIGHER_SCALE__MOOD", mood)], &[]);
        assert_eq!(weigher.until("weigher failed")["error"], words);
        assert_eq!(weigher.end().code(), Some(1), "{mood}");
    }
}

#[test]
fn work_in_hand_is_finished_before_the_end() {
    let mut weigher = Weigher::start(&[("WEIGHER_SCALE__MOOD", "linger")], &[]);
    weigher.until("weighed");
    weigher.signal("-TERM");
    weigher.until("put the scale away");
    assert_eq!(weigher.end().code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once_with_a_failing_code() {
    let mut weigher = Weigher::start(&[("WEIGHER_SCALE__MOOD", "stick")], &[]);
    weigher.until("weighed");
    weigher.signal("-TERM");
    weigher.until("finishing what is in hand");
    weigher.signal("-TERM");
    weigher.until("ending at once");
    assert_eq!(weigher.end().code(), Some(1));
}

#[test]
fn what_never_ends_is_left_within_ten_seconds() {
    let mut weigher = Weigher::start(&[("WEIGHER_SCALE__MOOD", "stick")], &[]);
    weigher.until("weighed");
    weigher.signal("-TERM");
    let asked: chrono::DateTime<chrono::Utc> =
        weigher.until("finishing what is in hand")["timestamp"].as_str().unwrap().parse().unwrap();
    let left: chrono::DateTime<chrono::Utc> =
        weigher.until("not finished within")["timestamp"].as_str().unwrap().parse().unwrap();
    assert!((left - asked).num_milliseconds() < 9_000);
    assert_eq!(weigher.end().code(), Some(0));
}

#[test]
fn a_bad_configuration_ends_it_with_code_64_and_the_key() {
    for (variables, arguments, words) in [
        (
            &[("WEIGHER_SCALE__MOOOD", "x")][..],
            &[][..],
            "scale.moood: unknown key; known here: mood (WEIGHER_SCALE__MOOOD)",
        ),
        (
            &[("WEIGHER_HTTP__LISTEN", "x")],
            &[],
            "http.listen: invalid socket address syntax (WEIGHER_HTTP__LISTEN)",
        ),
        (&[], &["--config", "/nowhere.toml"], "read the configuration file /nowhere.toml: No such file"),
        (
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "x")],
            &[],
            "OTEL_EXPORTER_OTLP_PROTOCOL: unknown protocol \"x\": expected grpc or http/protobuf",
        ),
    ] {
        let mut weigher = Weigher::start(variables, arguments);
        assert_eq!(weigher.end().code(), Some(64));
        let errors = weigher.errors();
        assert!(errors.contains(words) && errors.lines().count() == 1, "{errors}");
    }
}

#[test]
fn the_configuration_can_be_seen_and_checked_without_a_start() {
    let variables = [("WEIGHER_SCALE__MOOD", "away")];
    let mut printed = Weigher::start(&variables, &["--print-config"]);
    let text: Vec<String> = printed.lines.by_ref().map(Result::unwrap).collect();
    assert!(
        text.contains(&"mood = \"away\"".to_owned()) && text.contains(&"log = \"info\"".to_owned()),
        "{text:?}"
    );
    assert_eq!(printed.end().code(), Some(0));
    let mut checked = Weigher::start(&variables, &["--check"]);
    assert_eq!(checked.lines.next().unwrap().unwrap(), "the configuration of weigher is valid");
    assert_eq!(checked.end().code(), Some(0));
}

#[test]
fn a_taken_port_is_named_with_the_key_to_change() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut weigher = Weigher::start(&[("WEIGHER_HTTP__LISTEN", &address)], &[]);
    let failed = weigher.until("weigher failed");
    let words = failed["error"].as_str().unwrap();
    assert!(
        words.starts_with(&format!("listen on {address}: set http.listen (or WEIGHER_HTTP__LISTEN)")),
        "{words}"
    );
    assert!(words.contains("Address already in use"), "{words}");
    assert_eq!(weigher.end().code(), Some(1));
}

#[test]
fn traces_are_sent_where_the_standard_variables_say() {
    for (protocol, first_line) in [("http/protobuf", "POST /v1/traces HTTP/1.1"), ("grpc", "PRI * HTTP/2.0")]
    {
        let collector = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", collector.local_addr().unwrap());
        let variables =
            [("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)];
        let mut weigher = Weigher::start(&variables, &[]);
        weigher.until("weighed");
        weigher.signal("-TERM");
        let (stream, _) = collector.accept().unwrap();
        let mut lines = BufReader::new(stream).lines();
        assert_eq!(lines.next().unwrap().unwrap(), first_line);
        drop(lines);
        drop(collector);
        assert_eq!(weigher.end().code(), Some(0), "a collector that goes away fails nothing");
    }
}

#[test]
fn a_collector_that_is_away_or_silent_holds_up_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for collector in [silent.local_addr().unwrap(), gone] {
        let endpoint = format!("http://{collector}");
        let mut weigher = Weigher::start(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)], &[]);
        let address = weigher.address();
        weigher.until("weighed");
        let (status, _, numbers) = get(address, "/metrics");
        assert_eq!((get(address, "/readyz").0, status), (200, 200));
        let none = "kansoku_log_events_total{level=\"error\"} 0";
        assert!(numbers.contains(none), "who sends spans into nothing logs no error: {numbers}");
        weigher.signal("-TERM");
        let asked = SystemClock.monotonic();
        assert_eq!(weigher.end().code(), Some(0));
        let took = SystemClock.monotonic().duration_since(asked);
        assert!(took < Duration::from_secs(5), "the last spans are given up: {took:?}");
    }
}
