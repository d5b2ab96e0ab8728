//! A receiver in the place of Slack: it keeps each message that Alertmanager sends to a webhook, shows the latest as text,
//! and can be told to refuse. It is the other end of the Watchdog as well, whose silence is the alarm.

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use chrono::{DateTime, SecondsFormat, Utc};
use kansoku_service::{Clock, SystemClock};
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// How many messages are shown.
const SHOWN: usize = 50;
/// The Watchdog is heard again within this.
const HEARTBEAT: Duration = Duration::from_secs(300);

type Shared = State<Arc<Mutex<Sink>>>;

struct Sink {
    file: PathBuf,
    /// Whether it answers as a Slack that is down.
    fails: bool,
    heard: Option<DateTime<Utc>>,
}

/// Serves until the process ends. Messages are appended to `file`, a JSON value a line.
pub async fn serve(listen: SocketAddr, file: PathBuf, fails: bool) -> Result<()> {
    let listener =
        tokio::net::TcpListener::bind(listen).await.with_context(|| format!("listen at {listen}"))?;
    axum::serve(listener, router(file, fails)).await.context("receive messages")
}

fn router(file: PathBuf, fails: bool) -> Router {
    Router::new()
        .route("/", get(show).post(receive))
        .route("/services/{*path}", post(receive))
        .route("/watchdog", get(heartbeat).post(beat))
        .route(
            "/fail",
            put(async |state: Shared| switch(state, true).await)
                .delete(async |state: Shared| switch(state, false).await),
        )
        .with_state(Arc::new(Mutex::new(Sink { file, fails, heard: None })))
}

async fn receive(State(sink): Shared, Json(message): Json<Value>) -> Response {
    let sink = sink.lock().await;
    if sink.fails {
        return (StatusCode::SERVICE_UNAVAILABLE, "service_unavailable").into_response();
    }
    let received = SystemClock.now().to_rfc3339_opts(SecondsFormat::Millis, true);
    let line = json!({ "received": received, "message": message });
    match append(&sink.file, &line) {
        Ok(()) => "ok".into_response(),
        Err(error) => {
            eprintln!("{error:#}");
            (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}\n")).into_response()
        }
    }
}

fn append(file: &Path, line: &Value) -> Result<()> {
    let opened = std::fs::File::options().create(true).append(true).open(file);
    let mut open = opened.with_context(|| format!("open {}", file.display()))?;
    writeln!(open, "{line}").with_context(|| format!("write to {}", file.display()))
}

async fn switch(State(sink): Shared, fails: bool) -> &'static str {
    sink.lock().await.fails = fails;
    if fails { "messages are refused from now on\n" } else { "messages are taken again\n" }
}

async fn beat(State(sink): Shared) -> &'static str {
    sink.lock().await.heard = Some(SystemClock.now());
    "ok"
}

/// Whether alerts can still arrive: 503 when nothing was heard of the Watchdog for too long.
async fn heartbeat(State(sink): Shared) -> (StatusCode, String) {
    let silence = silence(sink.lock().await.heard, SystemClock.now());
    let status = if silence.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, silence.unwrap_or_else(|words| words) + "\n")
}

/// Says since when the Watchdog is silent; an error where that is too long.
fn silence(heard: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<String, String> {
    let Some(heard) = heard else { return Err("nothing was heard of the Watchdog yet".to_owned()) };
    let seconds = (now - heard).num_seconds().max(0);
    let words = format!("the Watchdog was heard {seconds} s ago");
    if seconds.unsigned_abs() > HEARTBEAT.as_secs() {
        return Err(format!("{words}: alerts may not arrive; is Prometheus up, and Alertmanager?"));
    }
    Ok(words)
}

async fn show(State(sink): Shared) -> String {
    let sink = sink.lock().await;
    let kept = std::fs::read_to_string(&sink.file).unwrap_or_default();
    let shown: String = kept.lines().rev().take(SHOWN).filter_map(words).collect();
    let silence = silence(sink.heard, SystemClock.now()).unwrap_or_else(|words| words);
    let state =
        if sink.fails { "messages are refused (DELETE /fail ends that)" } else { "messages are taken" };
    let none = "no message yet\n".to_owned();
    let shown = if shown.is_empty() { none } else { shown };
    format!("{state}; {silence}; all of them are in {}\n\n{shown}", sink.file.display())
}

/// A kept message as a person reads it in Slack.
fn words(line: &str) -> Option<String> {
    let kept: Value = serde_json::from_str(line).ok()?;
    let mut text = format!("── {}", kept["received"].as_str()?);
    let message = &kept["message"];
    if let Some(channel) = message["channel"].as_str() {
        text += &format!("  {channel}");
    }
    let attachments = message["attachments"].as_array().map_or(&[][..], Vec::as_slice);
    for part in std::iter::once(message).chain(attachments) {
        for key in ["pretext", "title", "title_link", "text"] {
            if let Some(said) = part[key].as_str().filter(|said| !said.is_empty()) {
                text += &format!("\n{said}");
            }
        }
        for action in part["actions"].as_array().into_iter().flatten() {
            let word = |key: &str| action[key].as_str().unwrap_or_default();
            text += &format!("\n[{}] {}", word("text"), word("url"));
        }
    }
    Some(text + "\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_shown_as_slack_would() {
        let line = r##"{"received":"2026-01-02T03:04:05.678Z","message":{"channel":"#alerts","attachments":[
            {"title":"ServiceDown","text":"loader is down","actions":[{"text":"Runbook","url":"https://a/b"}]}]}}"##;
        let shown =
            "── 2026-01-02T03:04:05.678Z  #alerts\nServiceDown\nloader is down\n[Runbook] https://a/b\n\n";
        assert_eq!(words(line).as_deref(), Some(shown));
        assert_eq!(words("half a line"), None);
    }

    #[test]
    fn a_watchdog_that_is_silent_too_long_is_an_alarm() {
        let now = DateTime::UNIX_EPOCH + Duration::from_secs(1_000);
        assert!(silence(None, now).is_err());
        assert!(silence(Some(now - Duration::from_secs(300)), now).is_ok());
        let alarm = silence(Some(now - Duration::from_secs(301)), now).unwrap_err();
        assert!(alarm.starts_with("the Watchdog was heard 301 s ago"), "{alarm}");
    }
}
