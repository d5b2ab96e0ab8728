//! Answers as the API gives them, with texts from outside that a terminal must not see as they are.

use serde_json::{Value, json};

/// The root of every item here.
pub(crate) const ROOT: &str = "6b616e73-6f6b-5500-8000-72756e000001:3:7:validate";
/// The id of every plan here.
pub(crate) const PLAN: &str = "0d000000-0000-5000-8000-000000000001";
/// Clears the screen, rings, sets the title, turns the line round.
pub(crate) const HOSTILE: &str = "\u{1b}[2J\u{7}\u{1b}]0;owned\u{7}\u{202e}gpj\u{9b}31m\nforged line";

pub(crate) fn item(state: &str, version: i64) -> Value {
    json!({
        "root": ROOT, "run": "6b616e73-6f6b-5500-8000-72756e000001", "page": 3, "row": 7, "stage": "validate",
        "catalogue": "sample", "source": "jikan-sim", "dataset": "top.score", "first_at": "2026-10-03T02:00:00Z",
        "last_at": "2026-10-03T02:00:00Z", "mal_id": 900_001, "title": format!("Moon {HOSTILE}"), "reason": "schema",
        "pointer": "/aired/from", "message": format!("{HOSTILE} is no day"), "judge": "abc", "failures": 0,
        "edited": false, "state": state, "resolved_at": null, "resolved_by": null, "version": version,
    })
}

pub(crate) fn projection() -> Value {
    json!({ "dlq": { "epoch": 1, "seq": 98, "last_seq": 100, "at": "2026-10-03T02:00:01Z" }, "audit": null })
}

pub(crate) fn items(total: i64) -> String {
    json!({ "items": [item("open", 1)], "next_cursor": null, "total": total, "total_is_exact": true, "projection": projection() })
        .to_string()
}

pub(crate) fn group() -> Value {
    json!({
        "group": 7, "reason": "schema", "path": "/aired/from", "keyword": "pattern", "detail": "", "state": "new",
        "first_at": "2026-10-03T02:00:00Z", "last_at": "2026-10-03T02:00:00Z", "items": 100, "open": 100, "sole": 100,
        "hold": false, "note": HOSTILE, "link": null, "owner": null, "fixed_by": null, "fixed_at": null,
        "regressed_at": null, "version": 4, "hours": []
    })
}

pub(crate) fn groups() -> String {
    json!({
        "groups": [group()], "projection": projection(),
        "facets": { "state": [{ "value": "open", "items": 100 }], "reason": [], "path": [{ "value": HOSTILE, "items": 1 }] },
    })
    .to_string()
}

pub(crate) fn action(action: &str) -> Value {
    json!({
        "id": 3, "at": "2026-10-03T02:05:00Z", "actor": "ada", "action": action, "root": ROOT, "version": 1, "n": null,
        "plan": null, "job": null, "reason": HOSTILE, "detail": {}, "sent": true
    })
}

pub(crate) fn detail(item: &Value, text: &str) -> String {
    let start = text.find("\"2020").unwrap_or(0);
    let fault = json!({
        "path": "/aired/from", "keyword": "pattern", "schema_path": "/x", "message": HOSTILE, "line": 1, "column": 2,
        "start": start, "end": start + 6
    });
    json!({
        "item": item, "text": text, "body_base64": null, "original": null, "size": text.len(), "faults": [fault],
        "schema": { "name": "anime.v1", "hash": "0123456789abcdef", "then": null, "now": null, "rule_then": HOSTILE, "rule_now": null },
        "now": { "passes": false, "judge": "abc", "faults": [fault] },
        "letters": [{ "dlq_id": "d", "epoch": 1, "seq": 5, "attempt": 0, "at": "2026-10-03T02:00:00Z", "stage": "validate",
            "reason": "schema", "message": HOSTILE, "judge": "abc", "deliveries": 1, "raw_epoch": 1, "raw_seq": 3,
            "trace_id": null, "service": HOSTILE }],
        "actions": [action("edit")], "headers": { "ce-source": HOSTILE }, "journey": { "epoch": 1, "seq": 3 }, "trace_url": null,
    })
    .to_string()
}

pub(crate) fn plan(state: &str, passes: i64, fails: i64) -> String {
    json!({
        "plan": PLAN, "created_at": "2026-10-03T02:10:00Z", "created_by": "ada",
        "filter": "path:/aired/from", "schema": "anime.v1", "steps": null, "state": state, "error": null, "judge": "abc",
        "deployed": false, "ready_at": null, "items": passes + fails, "passes": passes, "replayable": passes, "fails": fails, "invalid": 0,
        "failures": [{ "path": "/score", "keyword": "type", "message": HOSTILE, "items": 1 }],
        "accepted_checked": 5_000, "accepted_failing": 0, "job": null
    })
    .to_string()
}

pub(crate) fn job(state: &str, resolved: i64, failed: i64) -> String {
    json!({
        "job": "0d000000-0000-5000-8000-000000000002", "plan": PLAN,
        "created_at": "2026-10-03T02:11:00Z", "created_by": "ada", "reason": HOSTILE, "members": "pass", "rate": 200,
        "canary": 10, "stop_share": 0.05, "state": state, "asked": null, "words": null, "started_at": null, "ended_at": null,
        "counts": { "members": 97, "waiting": 0, "published": 97 - resolved - failed, "resolved": resolved, "failed": failed, "skipped": 0 },
        "eta_seconds": null, "joined_since": 4
    })
    .to_string()
}

/// A problem as RFC 9457 has it.
pub(crate) fn problem(detail: &str) -> String {
    json!({ "type": "about:blank", "title": "X", "status": 400, "detail": detail, "request_id": "r" })
        .to_string()
}
