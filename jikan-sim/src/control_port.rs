//! The control port: the handle over HTTP.

use std::future::Future;

use anyhow::{Context, Result};
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    control::{Control, LoggedRequest},
    faults::Spec,
};

/// Serves the control port until `stop` comes.
///
/// # Errors
/// When the socket fails.
pub async fn serve_control(
    control: Control,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let router = Router::new()
        .route("/faults", post(switch_on).delete(switch_all_off))
        .route("/requests", get(requests))
        .with_state(control);
    axum::serve(listener, router).with_graceful_shutdown(stop).await.context("serve the control port")
}

async fn switch_on(
    State(control): State<Control>,
    body: String,
) -> Result<StatusCode, (StatusCode, Json<Value>)> {
    let spec: Result<Spec> = serde_json::from_str(&body).context("read the fault");
    let refused =
        |error: anyhow::Error| (StatusCode::BAD_REQUEST, Json(json!({ "error": format!("{error:#}") })));
    spec.and_then(|spec| control.switch_on(spec)).map_err(refused)?;
    Ok(StatusCode::CREATED)
}

async fn switch_all_off(State(control): State<Control>) -> StatusCode {
    control.switch_all_off();
    StatusCode::NO_CONTENT
}

async fn requests(State(control): State<Control>) -> Json<Vec<LoggedRequest>> {
    Json(control.requests())
}
