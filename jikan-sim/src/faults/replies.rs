//! Whole answers that are wrong.

use chrono::TimeDelta;
use serde_json::json;

use super::{Context, RetryAfter, Triggered};
use crate::api::{Reply, http_date};

pub(super) fn server_error(fault: &Triggered, context: &Context, reply: &mut Reply) {
    let turn = [500, 502, 503, 504][(fault.turn % 4) as usize];
    let status = fault.spec.status.unwrap_or(turn);
    let body = json!({ "status": status, "type": "HttpException", "message": "Server error", "error": null });
    *reply = Reply::error(context.at, status, &body);
}

pub(super) fn too_many(fault: &Triggered, context: &Context, reply: &mut Reply) {
    let message = "You are being rate-limited";
    let body = json!({ "status": 429, "type": "RateLimitException", "message": message, "error": null });
    *reply = Reply::error(context.at, 429, &body);
    let date = |seconds: i64| http_date(context.at + TimeDelta::seconds(seconds));
    let seconds = fault.spec.seconds;
    let value = match fault.spec.retry_after {
        RetryAfter::Absent => return,
        RetryAfter::Seconds => seconds.to_string(),
        RetryAfter::Date => date(i64::from(seconds)),
        RetryAfter::Past => date(-3_600),
        RetryAfter::Long => (365 * 86_400).to_string(),
    };
    reply.set("retry-after", &value);
}

pub(super) fn redirect(_: &Triggered, context: &Context, reply: &mut Reply) {
    let body = json!({ "status": 302, "type": "Redirect", "message": "Found", "error": null });
    *reply = Reply::error(context.at, 302, &body);
    reply.set("location", context.address);
}

pub(super) fn empty(_: &Triggered, _: &Context, reply: &mut Reply) {
    reply.body.clear();
}

pub(super) fn not_json(_: &Triggered, _: &Context, reply: &mut Reply) {
    reply.body = b"upstream connect error or disconnect".to_vec();
}

pub(super) fn html(_: &Triggered, _: &Context, reply: &mut Reply) {
    reply.status = 200;
    reply.set("content-type", "text/html; charset=utf-8");
    reply.body = b"<!DOCTYPE html><html><body><h1>One moment, please</h1></body></html>".to_vec();
}

pub(super) fn cut(_: &Triggered, _: &Context, reply: &mut Reply) {
    reply.body.truncate(reply.body.len() / 2);
}

pub(super) fn content_type(_: &Triggered, _: &Context, reply: &mut Reply) {
    reply.set("content-type", "text/plain");
}

pub(super) fn too_large(fault: &Triggered, _: &Context, reply: &mut Reply) {
    // Blanks at the end leave it the JSON it was.
    let size = fault.spec.bytes.unwrap_or(64 << 20);
    if size > reply.body.len() {
        reply.body.resize(size, b' ');
    }
}
