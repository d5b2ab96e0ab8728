//! Whole answers that are wrong.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Met, RetryAfter, Scene};
use crate::{body, reply::Reply};

fn error(scene: &Scene, told: (u16, &str, &str), error: Option<&str>) -> Reply {
    scene.errors.reply(scene.at, scene.path, told, error)
}

/// Changes the JSON of an error.
fn with(mut reply: Reply, change: impl FnOnce(&mut Value)) -> Reply {
    if let Ok(mut value) = serde_json::from_slice(&reply.body) {
        change(&mut value);
        reply.body = body::to_vec(&value);
    }
    reply
}

pub(super) fn upstream(_: &Met, scene: &Scene) -> Reply {
    let reply =
        error(scene, (500, "UpstreamException", "Request to upstream failed"), Some("Upstream failed"));
    with(reply, |body| body["report_url"] = Value::Null)
}

pub(super) fn ok_with_error(met: &Met, scene: &Scene) -> Reply {
    Reply { status: 200, ..upstream(met, scene) }
}

pub(super) fn status_text(_: &Met, scene: &Scene) -> Reply {
    let told = (429, "RateLimitException", "You are being rate-limited");
    with(error(scene, told, None), |body| body["status"] = json!("429"))
}

pub(super) fn error_null(_: &Met, scene: &Scene) -> Reply {
    error(scene, (504, "BadResponseException", "Upstream took too long"), None)
}

pub(super) fn trace(_: &Met, scene: &Scene) -> Reply {
    let reply = error(scene, (500, "Exception", "Unhandled exception"), Some("Undefined index"));
    with(reply, |body| body["trace"] = json!("at Handler line 1\nat Kernel line 2"))
}

pub(super) fn parser(_: &Met, scene: &Scene) -> Reply {
    let reply = error(scene, (500, "ParserException", "The page could not be read"), Some("Unexpected node"));
    with(reply, |body| body["report_url"] = Value::Null)
}

pub(super) fn certificate(_: &Met, scene: &Scene) -> Reply {
    let told = (500, "UpstreamException", "Request to upstream failed");
    error(scene, told, Some("SSL certificate problem: certificate has expired"))
}

pub(super) fn storm(met: &Met, scene: &Scene) -> Reply {
    let turn = [500, 502, 503, 504][(met.turn % 4) as usize];
    error(scene, (met.spec.status.unwrap_or(turn), "HttpException", "Server error"), None)
}

pub(super) fn too_many(met: &Met, scene: &Scene) -> Reply {
    let told = (429, "RateLimitException", "You are being rate-limited");
    let mut reply = error(scene, told, None);
    let date = |seconds: i64| {
        let at = scene.at + TimeDelta::seconds(seconds);
        at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
    };
    let seconds = met.spec.seconds;
    let value = match met.spec.retry_after {
        RetryAfter::Absent => return reply,
        RetryAfter::Seconds => seconds.to_string(),
        RetryAfter::Date => date(i64::from(seconds)),
        RetryAfter::Past => date(-3_600),
        RetryAfter::Long => (365 * 86_400).to_string(),
    };
    reply.set("retry-after", &value);
    reply
}

pub(super) fn forbidden(_: &Met, scene: &Scene) -> Reply {
    error(scene, (403, "ForbiddenException", "Refused at the edge"), None)
}

pub(super) fn redirect(_: &Met, scene: &Scene) -> Reply {
    let mut reply = error(scene, (302, "Redirect", "Found"), None);
    reply.set("location", scene.address);
    reply
}

pub(super) fn empty(_: &Met, reply: &mut Reply) {
    reply.body.clear();
}

pub(super) fn not_json(_: &Met, reply: &mut Reply) {
    reply.body = b"upstream connect error or disconnect".to_vec();
}

pub(super) fn html(_: &Met, reply: &mut Reply) {
    reply.status = 200;
    reply.set("content-type", "text/html; charset=utf-8");
    reply.body = b"<!DOCTYPE html><html><body><h1>One moment, please</h1></body></html>".to_vec();
}

pub(super) fn cut(_: &Met, reply: &mut Reply) {
    reply.body.truncate(reply.body.len() / 2);
}

pub(super) fn content_type(_: &Met, reply: &mut Reply) {
    reply.set("content-type", "text/plain");
}

pub(super) fn too_large(met: &Met, reply: &mut Reply) {
    // Blanks at the end leave it the JSON it was.
    let size = met.spec.bytes.unwrap_or(64 << 20);
    if size > reply.body.len() {
        reply.body.resize(size, b' ');
    }
}
