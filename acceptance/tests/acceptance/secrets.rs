//! No secret is told: not in logs, traces, numbers, alerts, or answers, whoever shows it rightly or wrongly.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use kansoku_acceptance::operator::{Operator, answer, installer};
use kansoku_nats::keys::USERS;
use kansoku_stack::{pipeline::Pipeline, port, process::Running, until};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(30);
/// Our Postgres trusts who is on this machine; whoever connects may show a password all the same.
const POSTGRES: &str = "pg-s3cret-5f2e";
const REDIS: &str = "redis-s3cret-77ab";
/// What a guesser sends.
const GUESS: &str = "guessed-s3cret-91cd";

/// The address of the database with a password in it.
pub(crate) fn with_password(url: &str) -> String {
    url.replacen("kansoku@", &format!("kansoku:{POSTGRES}@"), 1)
}

/// Uses every secret that there is, and looks for all of them in what came of it and in what was told before.
pub(crate) async fn none_is_told(pipeline: &Pipeline, api: &Running, mut told: Vec<(String, String)>) {
    let mut secrets =
        vec![("postgres".to_owned(), POSTGRES.to_owned()), ("redis".to_owned(), REDIS.to_owned())];
    for user in USERS {
        let seed = fs::read_to_string(pipeline.nats.key_file(user)).unwrap();
        let seed = seed.lines().find(|line| line.starts_with('S')).unwrap().trim().to_owned();
        secrets.push((format!("seed of {user}"), seed));
    }
    let (operators, answers) = operators(pipeline, &api.url()).unwrap();
    secrets.extend(operators);
    told.extend(answers);
    told.extend(misconfigured(pipeline).await.unwrap());
    told.push(("log of query-api".to_owned(), api.logs()));
    for (place, text) in &told {
        assert!(!text.is_empty(), "nothing was looked at: {place}");
        for (what, secret) in &secrets {
            assert!(secret.len() >= 10, "{what} is too short to be looked for");
            assert!(!text.contains(secret.as_str()), "{what} is told in {place}: {}", around(text, secret));
        }
    }
}

fn around<'a>(text: &'a str, secret: &str) -> &'a str {
    text.lines().find(|line| line.contains(secret)).unwrap_or(text)
}

type Named = Vec<(String, String)>;

/// A token and a session that are used, and guesses in every place where one may stand: the secrets, and the bodies of what is
/// answered.
fn operators(pipeline: &Pipeline, api: &str) -> Result<(Named, Named)> {
    let operator = Operator::add(pipeline, api, "keeper", "read")?;
    operator.kansoku(&["dlq", "groups"]).ends(0, &[]);
    let link = installer(pipeline, &["link", "keeper"])?;
    let (_, code) = link.trim().split_once('#').context("find the code of a link")?;
    let json = "Content-Type: application/json";
    let signed = answer(api, "POST /api/v1/operator/session", &[json], &format!("{{\"code\":\"{code}\"}}"))?;
    let signed = String::from_utf8_lossy(&signed).into_owned();
    let (head, body) = signed.split_once("\r\n\r\n").context("find the end of the head")?;
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).context("no cookie came")?;
    let cookie = cookie.split(';').next().unwrap_or_default();
    let (_, session) = cookie.split_once('=').context("find the value of the cookie")?;
    let csrf = serde_json::from_str::<Value>(body).context("read who is signed in")?;
    let csrf = csrf["csrf"].as_str().context("no word against forgery came")?.to_owned();
    let secrets = [
        ("token", operator.token()?),
        ("code", code.to_owned()),
        ("session", session.to_owned()),
        ("csrf", csrf.clone()),
        ("guess", GUESS.to_owned()),
    ];
    let get = "GET /api/v1/operator/dead-letters/groups";
    let mut answers = Vec::new();
    for (request, head, body) in [
        (get.to_owned(), format!("Cookie: {cookie}"), String::new()),
        (get.to_owned(), format!("Authorization: Bearer {GUESS}"), String::new()),
        (get.to_owned(), format!("Authorization: Basic {GUESS}"), String::new()),
        (get.to_owned(), format!("Cookie: {cookie}{GUESS}"), String::new()),
        (format!("{get}?token={GUESS}"), String::new(), String::new()),
        ("POST /api/v1/operator/session".to_owned(), json.to_owned(), format!("{{\"code\":\"{GUESS}\"}}")),
        (
            "POST /api/v1/operator/plans".to_owned(),
            format!("Cookie: {cookie}\r\nX-CSRF-Token: {GUESS}"),
            "{}".to_owned(),
        ),
    ] {
        let lines: Vec<_> = head.split("\r\n").filter(|line| !line.is_empty()).collect();
        let said = answer(api, &request, &lines, &body)?;
        answers
            .push((format!("the answer to {request} {head}"), String::from_utf8_lossy(&said).into_owned()));
    }
    let secrets = secrets.into_iter().map(|(what, secret)| (what.to_owned(), secret));
    Ok((secrets.collect(), answers))
}

/// Services that cannot reach what their secret is for, or whose secret is broken: what they say of it.
async fn misconfigured(pipeline: &Pipeline) -> Result<Named> {
    let nobody = port::free()?;
    let broken = tempfile::NamedTempFile::new().context("make a file")?;
    let seed = fs::read_to_string(pipeline.nats.key_file("validator"))?;
    fs::write(broken.path(), seed.trim().replacen("SU", GUESS, 1))?;
    let mut started = Vec::new();
    for (service, variable, value) in [
        (
            "loader",
            "LOADER_POSTGRES__URL",
            format!("postgres://kansoku:{POSTGRES}@127.0.0.1:{nobody}/kansoku"),
        ),
        ("loader", "LOADER_POSTGRES__URL", format!("{POSTGRES}@nothing")),
        ("query-api", "QUERY_API_REDIS__URL", format!("redis://:{REDIS}@127.0.0.1:{nobody}/")),
        ("query-api", "QUERY_API_REDIS__URL", format!("{REDIS}@nothing")),
        ("validator", "VALIDATOR_NATS__NKEY_FILE", broken.path().display().to_string()),
    ] {
        let running = pipeline.service(service)?.env(variable, value).spawn()?;
        started.push((format!("{service} with a wrong {variable}"), running));
    }
    let mut told = Vec::new();
    for (name, running) in started {
        let ready = async || running.get("/readyz").await.unwrap_or_default().1;
        let complains = async || {
            let said = running.logs() + &ready().await;
            ["\"WARN\"", "\"ERROR\"", "will not do", "refused"].iter().any(|word| said.contains(word))
        };
        until(&format!("{name} to say so"), LIMIT, complains).await?;
        told.push((name, running.logs() + &ready().await));
    }
    Ok(told)
}
