//! Every class of the table, over a socket whose bytes are written by hand: how often it is asked, and how it ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use chrono::TimeDelta;
use futures::future::join_all;
use kansoku_fetcher::{
    metrics::Metrics,
    upstream::{
        Client, ClientSettings, Common, LimitSettings, RequestError, Store, Upstream,
        classes::{LONGEST, TABLE},
    },
};
use kansoku_schemas::{Catalogue, Reason};
use kansoku_service::{Clock, SystemClock};

use crate::raw_socket::{Answer, RawSocket, http, message};

const PAGE: &str = r#"{"pagination":{"last_visible_page":1,"has_next_page":false},"data":[{}]}"#;
const ERROR: &str = r#"{"status":500,"type":"UpstreamException","message":"down"}"#;
/// What a TLS server says to a client that it does not get on with: a fatal alert, handshake_failure.
const ALERT: &[u8] = &[0x15, 3, 3, 0, 2, 2, 40];
const ATTEMPTS: usize = 2;

/// How asking for a page ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Page,
    /// The answer is kept as a dead letter for this reason.
    Dead(Reason),
    /// There is nothing to keep.
    Failed,
    /// The base URL is left alone.
    Unavailable,
}

struct Case {
    name: &'static str,
    base: Base,
    answers: Vec<Answer>,
    timeout_ms: u64,
    /// Requests by class.
    classes: Vec<(&'static str, u64)>,
    end: End,
    /// Between the first request and the second at least.
    pause: Duration,
}

/// Who is asked.
#[derive(Clone, Copy)]
enum Base {
    Http,
    Https,
    /// Where nobody listens.
    Nobody,
    /// A name that no server of names may know (RFC 6761).
    Nameless,
}

/// Always the same answer, asked for once.
fn once(name: &'static str, answer: Answer, class: &'static str, end: End) -> Case {
    let (answers, classes) = (vec![answer], vec![(class, 1)]);
    Case { name, base: Base::Http, answers, timeout_ms: 20_000, classes, end, pause: Duration::ZERO }
}

/// Always the same answer, asked for as often as it may be.
fn again(name: &'static str, answer: Answer, class: &'static str, end: End) -> Case {
    Case { classes: vec![(class, ATTEMPTS as u64)], ..once(name, answer, class, end) }
}

/// The same once, and a page when it is asked for again.
fn then_page(case: &Case) -> Option<Case> {
    let (Base::Http, [(class, 2)]) = (case.base, &case.classes[..]) else { return None };
    let page = http("200 OK", PAGE);
    let answers = vec![case.answers[0].clone(), page];
    Some(Case { answers, classes: vec![(*class, 1), ("page", 1)], end: End::Page, ..*case })
}

/// 429 or 403 with `Retry-After`, and then a page after `pause`.
fn waits(name: &'static str, first: Answer, class: &'static str, seconds: u64) -> Case {
    let classes = vec![(class, 1), ("page", 1)];
    let answers = vec![first, http("200 OK", PAGE)];
    let pause = Duration::from_secs(seconds);
    Case { answers, classes, pause, ..once(name, Answer::Silence, class, End::Page) }
}

fn limited(retry_after: &str) -> Answer {
    http(&format!("429 Too Many Requests\r\nretry-after: {retry_after}"), ERROR)
}

/// In two seconds, as an HTTP date, which is exact to the second.
fn limited_until() -> Vec<u8> {
    let at = SystemClock.now() + TimeDelta::seconds(2);
    let date = at.format("%a, %d %b %Y %H:%M:%S GMT");
    message(&format!("429 Too Many Requests\r\nretry-after: {date}"), ERROR)
}

/// Asked for once: a page, what no second try changes, and what says to stay away for longer than a page may take.
#[rustfmt::skip]
fn cases() -> Vec<Case> {
    use End::{Dead, Failed, Page, Unavailable};
    use Reason::{Envelope, NotJson, UpstreamError};
    let ok = |body: &str| http("200 OK", body);
    let bytes = |bytes: &[u8]| Answer::Bytes(bytes.to_vec());
    let slow = |case: Case| Case { timeout_ms: 4_000, ..case };
    let at = |base: Base, case: Case| Case { base, ..case };
    let large = format!("{PAGE}{}", " ".repeat(4096));
    vec![
        once("a page", ok(PAGE), "page", Page),
        once("another content type", http("200 OK\r\ncontent-type: image/png", PAGE), "page", Page),
        waits("429, seconds", limited("1"), "429", 1),
        waits("429, a date", Answer::Made(limited_until), "429", 1),
        waits("429, a date that is over", limited("Mon, 23 Nov 2020 12:00:00 GMT"), "429", 0),
        waits("429, no time at all", limited("0"), "429", 0),
        waits("429, status as a string", http("429 Too Many Requests\r\nretry-after: 1", r#"{"status":"429","type":"X"}"#), "429", 1),
        once("429, a year", limited("31536000"), "429", Unavailable),
        once("429, more than any number", limited("99999999999999999999999999"), "429", Unavailable),
        once("429, a date in another century", limited("Thu, 23 Nov 2119 12:00:00 GMT"), "429", Unavailable),
        once("429, no word of when", http("429 Too Many Requests", ERROR), "429", Unavailable),
        once("429, a word that says nothing", limited("soon"), "429", Unavailable),
        once("403", http("403 Forbidden", "no"), "403", Unavailable),
        waits("403 that says when", http("403 Forbidden\r\nretry-after: 1", "no"), "403", 1),
        once("404", http("404 Not Found", ERROR), "404", Dead(UpstreamError)),
        once("404 with a page", http("404 Not Found", PAGE), "404", Dead(UpstreamError)),
        once("400", http("400 Bad Request", ERROR), "4xx", Dead(UpstreamError)),
        again("408", http("408 Request Timeout", ""), "408", Dead(NotJson)),
        again("504", http("504 Gateway Timeout", r#"{"status":504,"type":"X","error":null}"#), "504", Dead(UpstreamError)),
        again("500", http("500 Internal Server Error", ERROR), "5xx", Dead(UpstreamError)),
        again("503", http("503 Service Unavailable", "<html>"), "5xx", Dead(NotJson)),
        again("200 with an error body", ok(ERROR), "error_body", Dead(UpstreamError)),
        again("200 with an error body, status as a string", ok(r#"{"status":"500","type":"X"}"#), "error_body", Dead(UpstreamError)),
        again("nothing", ok(""), "empty", Dead(NotJson)),
        again("blanks", ok(" \r\n"), "empty", Dead(NotJson)),
        again("HTML", http("200 OK\r\ncontent-type: text/html", "<!DOCTYPE html><p>One moment"), "html", Dead(NotJson)),
        again("not JSON", ok("upstream connect error"), "not_json", Dead(NotJson)),
        again("no envelope", ok("{\"list\":[]}"), "not_envelope", Dead(Envelope)),
        again("JSON without its end", ok(&PAGE[..40]), "truncated", Dead(NotJson)),
        again("fewer bytes than promised", bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"data\""), "truncated", Failed),
        again("a chunk that breaks off", bytes(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\n{\"data\""), "truncated", Failed),
        again("what does not unpack", http("200 OK\r\ncontent-encoding: gzip", PAGE), "truncated", Failed),
        again("a redirect to itself", http("302 Found\r\nlocation: /v4/top/anime?page=1", ""), "redirect", Dead(NotJson)),
        again("a redirect to another host", http("301 Moved Permanently\r\nlocation: http://other.invalid/v4", ""), "redirect", Dead(NotJson)),
        again("a redirect to nowhere", http("302 Found", ""), "redirect", Dead(NotJson)),
        once("a body over the limit", ok(&large), "too_large", Failed),
        once("a body without end", Answer::Flood(b"HTTP/1.1 200 OK\r\n\r\n{\"data\":[".to_vec()), "too_large", Failed),
        slow(again("no answer", Answer::Silence, "slow", Failed)),
        slow(again("a body that drips", Answer::Drip(b"HTTP/1.1 200 OK\r\n\r\n{".to_vec()), "slow", Failed)),
        at(Base::Nameless, again("no address", Answer::Silence, "dns", Failed)),
        at(Base::Https, again("a TLS alert", bytes(ALERT), "tls", Failed)),
        at(Base::Https, again("no TLS", ok(PAGE), "tls", Failed)),
        again("reset", Answer::Reset, "network", Failed),
        again("closed before an answer", bytes(b""), "network", Failed),
        again("no HTTP", bytes(b"\x00\xffwhat is this?\r\n\r\n"), "network", Failed),
        at(Base::Nobody, again("refused", Answer::Silence, "network", Failed)),
    ]
}

/// Requests by class, as the metric has them.
fn counted(metrics: &kansoku_service::Metrics) -> BTreeMap<String, u64> {
    let text = metrics.encode();
    let lines = text.lines().filter_map(|line| line.strip_prefix("kansoku_fetcher_requests_total{class=\""));
    lines
        .map(|line| {
            let (class, count) = line.split_once("\"} ").unwrap();
            (class.to_owned(), count.parse().unwrap())
        })
        .collect()
}

/// A client that tries so often, and what it counts.
fn client(url: &str, timeout_ms: u64, attempts: usize) -> (Client, kansoku_service::Metrics) {
    let registry = kansoku_service::Metrics::default();
    let metrics = Metrics::register(&registry);
    let (clock, real) = (Arc::new(SystemClock), Arc::new(SystemClock));
    let common = Common { clock, real, store: Store::local(), metrics, seed: 3, has_alternatives: false };
    let (deadline_ms, max_body) = (20_000, 1024);
    let settings =
        ClientSettings { timeout_ms, deadline_ms, max_body, attempts, ..ClientSettings::default() };
    let limits = LimitSettings { per_second: 1_000, per_minute: 100_000, per_day: 100_000 };
    (Client::new(&settings, &limits, Upstream::new(url, "x", Catalogue::Sample), common).unwrap(), registry)
}

/// What is not as the case says.
async fn wrong(case: &Case) -> Vec<String> {
    let socket = RawSocket::start(case.answers.clone()).await;
    let port = socket.port;
    let url = match case.base {
        Base::Http => format!("http://127.0.0.1:{port}/v4"),
        Base::Https => format!("https://127.0.0.1:{port}/v4"),
        Base::Nobody => format!("http://127.0.0.1:{}/v4", kansoku_stack::port::free().unwrap()),
        Base::Nameless => "http://nobody.invalid/v4".to_owned(),
    };
    let (client, registry) = client(&url, case.timeout_ms, ATTEMPTS);
    let asked = client.request("top/anime?page=1").await;
    let end = match &asked {
        Ok((_, Ok(_))) => End::Page,
        Ok((_, Err(refusal))) => End::Dead(refusal.reason),
        Err(RequestError::Failed { .. }) => End::Failed,
        Err(RequestError::Unavailable { .. }) => End::Unavailable,
        Err(other) => panic!("{}: {other}", case.name),
    };
    let mut wrong = Vec::new();
    if end != case.end {
        wrong.push(format!("{}: ended as {end:?} for {:?}: {asked:?}", case.name, case.end));
    }
    let expected: BTreeMap<_, _> = case.classes.iter().map(|(class, n)| ((*class).to_owned(), *n)).collect();
    if counted(&registry) != expected {
        wrong.push(format!("{}: {:?} for {expected:?}: {asked:?}", case.name, counted(&registry)));
    }
    let requests: u64 = match case.base {
        Base::Http | Base::Https => expected.values().sum(),
        Base::Nobody | Base::Nameless => 0,
    };
    if socket.requests() as u64 != requests {
        wrong.push(format!("{}: {} requests for {requests}", case.name, socket.requests()));
    }
    if socket.pauses().first().is_some_and(|pause| *pause < case.pause) {
        wrong.push(format!("{}: asked again after {:?}", case.name, socket.pauses()));
    }
    if let Err(RequestError::Unavailable { until, .. }) = &asked
        && (*until - SystemClock.now()).to_std().is_ok_and(|away| away > LONGEST)
    {
        wrong.push(format!("{}: left alone until {until}", case.name));
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn every_class_is_asked_again_or_not_as_the_table_says() {
    let mut cases = cases();
    cases.extend(cases.iter().filter_map(then_page).collect::<Vec<_>>());
    let told: BTreeSet<_> =
        cases.iter().flat_map(|case| case.classes.iter().map(|(class, _)| *class)).collect();
    let table: BTreeSet<_> = TABLE.iter().map(|row| row.name).collect();
    assert_eq!(told, table, "a class of the table without a case");
    let wrong: Vec<_> = join_all(cases.iter().map(wrong)).await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "of {} cases:\n{}", cases.len(), wrong.join("\n"));
}

/// More hops than tries: none of them is one.
#[tokio::test]
async fn a_redirect_within_the_upstream_is_followed_and_a_loop_is_not() {
    let to = |location: &str| http(&format!("302 Found\r\nlocation: {location}"), "");
    let socket = RawSocket::start(vec![to("/v4/one"), to("two?page=1"), http("200 OK", PAGE)]).await;
    let (client, _) = client(&format!("http://127.0.0.1:{}/v4", socket.port), 20_000, ATTEMPTS);
    let (answer, envelope) = client.request("top/anime?page=1").await.unwrap();
    assert_eq!((answer.status, envelope.unwrap().rows), (200, 1));
    assert_eq!(socket.paths(), ["/v4/top/anime?page=1", "/v4/one", "/v4/two?page=1"]);

    let back = vec![to("/v4/one"), to("/v4/top/anime"), to("/v4/one"), to("/v4/top/anime")];
    let socket = RawSocket::start(back).await;
    let (client, registry) = self::client(&format!("http://127.0.0.1:{}/v4", socket.port), 20_000, ATTEMPTS);
    client.request("top/anime").await.unwrap().1.unwrap_err();
    assert_eq!(socket.paths(), ["/v4/top/anime", "/v4/one"].repeat(ATTEMPTS));
    assert_eq!(counted(&registry), [("redirect".to_owned(), 4)].into());
}

#[tokio::test]
async fn the_metric_says_that_the_breaker_is_open_while_nobody_asks() {
    let url = format!("http://127.0.0.1:{}/v4", kansoku_stack::port::free().unwrap());
    let (client, registry) = client(&url, 1_000, 1);
    for failures in 1..=ClientSettings::default().breaker_failures {
        client.request("top/anime?page=1").await.unwrap_err();
        let is_open = registry.encode().contains("kansoku_fetcher_breaker_state{source=\"x\"} 2");
        assert_eq!(is_open, failures == 5, "after {failures} failures: {}", registry.encode());
    }
}
