//! Who is let in, and who is not.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use kansoku_query_api::openapi;
use kansoku_stack::postgres::Database;
use serde_json::{Value, json};

use super::{BASE, request, service};
use crate::support::{Instance, NO_REDIS, seed};

/// Every route with a body that makes sense, and the right it needs.
fn routes() -> Vec<(Method, &'static str, Option<Value>, &'static str)> {
    let (get, post) = (Method::GET, Method::POST);
    let reasoned = || Some(json!({"version": 1, "reason": "why"}));
    vec![
        (get.clone(), "session", None, "read"),
        (Method::DELETE, "session", None, "read"),
        (get.clone(), "dead-letters", None, "read"),
        (get.clone(), "dead-letters/groups", None, "read"),
        (
            Method::PATCH,
            "dead-letters/groups/172919340654497",
            Some(json!({"version": 0, "muted": true})),
            "act",
        ),
        (get.clone(), "dead-letters/x", None, "read"),
        (get.clone(), "dead-letters/x/body", None, "read"),
        (post.clone(), "dead-letters/x/discard", reasoned(), "act"),
        (post.clone(), "dead-letters/x/restore", reasoned(), "act"),
        (
            post.clone(),
            "dead-letters/x/edit",
            Some(json!({"version": 1, "reason": "why", "text": "{}"})),
            "edit",
        ),
        (post.clone(), "dead-letters/x/revert", reasoned(), "edit"),
        (
            post.clone(),
            "dead-letters/x/correct",
            Some(json!({"version": 1, "reason": "x", "text": "{}", "stored": {"epoch": 1, "seq": 1}})),
            "edit",
        ),
        (post.clone(), "dead-letters/check", Some(json!({"dataset": "top.score", "text": "{}"})), "edit"),
        (get.clone(), "plans", None, "read"),
        (post.clone(), "plans", Some(json!({"filter": "page:99"})), "act"),
        (get.clone(), "plans/00000000-0000-0000-0000-000000000001", None, "read"),
        (get.clone(), "plans/00000000-0000-0000-0000-000000000001/members", None, "read"),
        (post.clone(), "plans/00000000-0000-0000-0000-000000000001/cancel", None, "act"),
        (get.clone(), "jobs", None, "read"),
        (post.clone(), "jobs", Some(json!({"plan": PLAN, "members": "pass", "reason": "why"})), "act"),
        (get.clone(), "jobs/00000000-0000-0000-0000-000000000001", None, "read"),
        (post.clone(), "jobs/00000000-0000-0000-0000-000000000001/pause", None, "act"),
        (post.clone(), "jobs/00000000-0000-0000-0000-000000000001/resume", None, "act"),
        (post.clone(), "jobs/00000000-0000-0000-0000-000000000001/cancel", None, "act"),
        (get.clone(), "audit", None, "read"),
        (get.clone(), "ledger", None, "read"),
        (get, "schemas", None, "read"),
        (
            post,
            "dead-letters/discard",
            Some(json!({"filter": "page:9", "expect": 1, "reason": "why"})),
            "act",
        ),
    ]
}

#[test]
fn every_route_of_the_document_is_denied_below() {
    let document: Value = serde_json::from_str(&openapi::rendered().expect("a document")).expect("JSON");
    let mut documented = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let Some(path) = path.strip_prefix(BASE) else { continue };
        for method in item.as_object().expect("operations").keys() {
            let path = path.replace("{root}", "x").replace("{group}", "172919340654497");
            let path = path.replace("{plan}", PLAN).replace("{job}", PLAN);
            documented.push((method.to_uppercase(), path.trim_start_matches('/').to_owned()));
        }
    }
    // Signing in is for everybody.
    documented.retain(|(method, path)| (method.as_str(), path.as_str()) != ("POST", "session"));
    let mut denied: Vec<_> =
        routes().iter().map(|(method, path, ..)| (method.to_string(), (*path).to_owned())).collect();
    documented.sort();
    denied.sort();
    assert_eq!(documented, denied);
}

const PLAN: &str = "00000000-0000-0000-0000-000000000001";

/// Sends one of the routes with other headers than the bearer's.
async fn send(
    service: &Instance,
    (method, path, body): (&Method, &str, Option<&Value>),
    headers: &[(&'static str, &str)],
) -> (StatusCode, String) {
    let mut sent = request(method.clone(), path, "x", body);
    sent.headers_mut().remove("authorization");
    for (name, value) in headers {
        sent.headers_mut().insert(*name, value.parse().expect("a header"));
    }
    let got = service.ask(sent).await;
    // Who guesses is not heard for a minute; the next case begins after it.
    service.clock.advance(Duration::from_secs(3));
    assert_eq!(got.header("cache-control"), "no-store", "{path}");
    let body: Value = serde_json::from_slice(&got.body).unwrap_or_default();
    (got.status, body["detail"].as_str().unwrap_or_default().to_owned())
}

async fn sign_in(service: &Instance, code: &str, headers: &[(&'static str, &str)]) -> crate::support::Got {
    let mut sent = Request::post(format!("{BASE}/session")).header("content-type", "application/json");
    for (name, value) in headers {
        sent = sent.header(*name, *value);
    }
    service.ask(sent.body(Body::from(json!({ "code": code }).to_string())).expect("a request")).await
}

#[tokio::test]
async fn who_is_no_operator_is_denied_everywhere() {
    let (_database, service) = service().await;
    let signed = sign_in(&service, "good", &[]).await;
    assert_eq!(signed.status, StatusCode::OK, "{}", signed.text());
    let cookie = signed.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let csrf = signed.json()["csrf"].as_str().expect("a token").to_owned();
    let (unauthorized, forbidden) = (StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN);
    for (method, path, body, right) in routes() {
        let route = (&method, path, body.as_ref());
        let cases = [
            (&[][..], unauthorized, "this needs an operator"),
            (&[("authorization", "Bearer wrong")], unauthorized, "this token is no operator's"),
            (&[("authorization", "Basic night-shift")], unauthorized, "this token is no operator's"),
            (&[("authorization", "Bearer former")], unauthorized, "the token of former expired"),
            (&[("cookie", "kansoku_session=wrong")], unauthorized, "this session is over"),
            (&[("authorization", "Bearer blind")], forbidden, "blind lacks the right"),
        ];
        for (headers, status, words) in cases {
            let (got, detail) = send(&service, route, headers).await;
            assert_eq!(got, status, "{method} {path} {headers:?}: {detail}");
            assert!(detail.starts_with(words), "{method} {path} {headers:?}: {detail}");
        }
        for (name, rights) in [("reader", "read"), ("actor", "read act"), ("editor", "read edit")] {
            let bearer = format!("Bearer {name}");
            let (got, detail) = send(&service, route, &[("authorization", bearer.as_str())]).await;
            let lacks = !rights.split(' ').any(|given| given == right);
            assert_eq!(got == forbidden, lacks, "{method} {path} by {name}: {got} {detail}");
            assert_eq!(detail.starts_with(&format!("{name} lacks the right {right}")), lacks, "{detail}");
        }
        if method == Method::GET {
            continue;
        }
        let session: [&[(&str, &str)]; 3] = [
            &[("cookie", &cookie)],
            &[("cookie", &cookie), ("x-csrf-token", "wrong")],
            &[("cookie", &cookie), ("x-csrf-token", "")],
        ];
        for headers in session {
            let (got, detail) = send(&service, route, headers).await;
            assert_eq!(got, forbidden, "{method} {path} {headers:?}: {detail}");
            assert!(detail.starts_with("the header X-CSRF-Token"), "{detail}");
        }
        for other in [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")] {
            for mine in [("authorization", "Bearer night-shift"), ("cookie", cookie.as_str())] {
                let headers = [mine, ("x-csrf-token", csrf.as_str()), ("host", "kansoku.test"), other];
                let (got, detail) = send(&service, route, &headers).await;
                assert_eq!(got, forbidden, "{method} {path} {headers:?}: {detail}");
                assert!(detail.starts_with("a page of another site"), "{detail}");
            }
        }
    }
}

#[tokio::test]
async fn before_the_first_operator_everybody_is_refused() {
    let database = Database::migrated().await.expect("a database");
    seed(&database).await;
    let service = Instance::over(&database, NO_REDIS).await;
    for headers in [&[][..], &[("authorization", "Bearer any")]] {
        let (status, detail) = send(&service, (&Method::GET, "dead-letters", None), headers).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(detail.contains("query-api operator add NAME --rights read,act,edit"), "{detail}");
    }
}

#[tokio::test]
async fn a_link_is_good_once_and_its_session_until_it_ends() {
    let (_database, service) = service().await;
    for code in ["late", "theirs", "wrong", ""] {
        let refused = sign_in(&service, code, &[]).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{code}");
    }
    let crossed =
        sign_in(&service, "good", &[("origin", "https://evil.test"), ("host", "kansoku.test")]).await;
    assert_eq!(crossed.status, StatusCode::FORBIDDEN);
    let signed = sign_in(&service, "good", &[("x-forwarded-proto", "https")]).await;
    let cookie = signed.header("set-cookie").to_owned();
    assert!(cookie.ends_with("; Max-Age=43200; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
    assert_eq!(sign_in(&service, "good", &[]).await.status, StatusCode::UNAUTHORIZED, "once");

    let body = signed.json();
    assert_eq!(body["name"], "night-shift");
    assert_eq!(body["rights"], json!(["read", "act", "edit"]));
    assert_eq!(body["expires_at"], "2026-11-15T00:00:00Z");
    let (session, csrf) =
        (cookie.split(';').next().expect("a cookie"), body["csrf"].as_str().expect("a token"));
    let who = service.get_with(&format!("{BASE}/session"), &[("cookie", session)]).await;
    assert_eq!(who.json(), body);

    service.clock.advance(Duration::from_secs(12 * 3600 - 1));
    let headers = [("cookie", session), ("x-csrf-token", csrf)];
    let mute = json!({"version": 0, "muted": true});
    let (status, _) =
        send(&service, (&Method::PATCH, "dead-letters/groups/172919340654497", Some(&mute)), &headers).await;
    assert_eq!(status, StatusCode::OK);
    let (status, detail) = send(&service, (&Method::GET, "session", None), &headers).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{detail}");
}

#[tokio::test]
async fn who_signs_out_is_out() {
    let (_database, service) = service().await;
    let signed = sign_in(&service, "good", &[]).await;
    let session = signed.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    let csrf = signed.json()["csrf"].as_str().expect("a token").to_owned();
    let mut out = request(Method::DELETE, "session", "x", None);
    out.headers_mut().remove("authorization");
    out.headers_mut().insert("cookie", session.parse().expect("a header"));
    out.headers_mut().insert("x-csrf-token", csrf.parse().expect("a header"));
    let out = service.ask(out).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header("set-cookie").starts_with("kansoku_session=; Max-Age=0"));
    let who = service.get_with(&format!("{BASE}/session"), &[("cookie", session.as_str())]).await;
    assert_eq!(who.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_guesses_is_not_heard_any_more() {
    let (_database, service) = service().await;
    let guess = || service.ask(request(Method::GET, "dead-letters", "guess", None));
    for _ in 0..20 {
        assert_eq!(guess().await.status, StatusCode::UNAUTHORIZED);
    }
    let refused = guess().await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), "60");
    assert_eq!(sign_in(&service, "never was", &[]).await.status, StatusCode::TOO_MANY_REQUESTS);
    let good = service.ask(request(Method::GET, "dead-letters", "night-shift", None)).await;
    assert_eq!(good.status, StatusCode::OK, "a token that is right, from the same address");
    assert_eq!(sign_in(&service, "good", &[]).await.status, StatusCode::OK);
    service.clock.advance(Duration::from_secs(60));
    assert_eq!(guess().await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_that_is_over_is_no_guess() {
    let (_database, service) = service().await;
    let over = "kansoku_session=0123456789abcdef";
    for _ in 0..30 {
        let who = service.get_with(&format!("{BASE}/session"), &[("cookie", over)]).await;
        assert_eq!(who.status, StatusCode::UNAUTHORIZED);
    }
}
