//! The control port: the handle over HTTP.

use std::future::Future;

use anyhow::{Context, Result};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{delete, get},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    control::{Control, LoggedRequest},
    faults::{Active, Spec},
};

type Refused = (StatusCode, Json<Value>);

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
        .route("/faults", get(faults).post(switch_on).delete(switch_all_off))
        .route("/faults/{id}", delete(switch_off))
        .route("/requests", get(requests).delete(forget))
        .with_state(control);
    axum::serve(listener, router).with_graceful_shutdown(stop).await.context("serve the control port")
}

async fn faults(State(control): State<Control>) -> Json<Vec<Active>> {
    Json(control.faults())
}

async fn switch_on(
    State(control): State<Control>,
    body: String,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let refused = |message: String| (StatusCode::BAD_REQUEST, Json(json!({ "error": message })));
    let spec: Spec = serde_json::from_str(&body).map_err(|error| refused(error.to_string()))?;
    let id = control.switch_on(spec).map_err(|error| refused(format!("{error:#}")))?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
}

async fn switch_all_off(State(control): State<Control>) -> StatusCode {
    control.switch_all_off();
    StatusCode::NO_CONTENT
}

async fn switch_off(State(control): State<Control>, Path(id): Path<u64>) -> StatusCode {
    if control.switch_off(id) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn requests(State(control): State<Control>) -> Json<Vec<LoggedRequest>> {
    Json(control.requests())
}

async fn forget(State(control): State<Control>) -> StatusCode {
    control.forget_requests();
    StatusCode::NO_CONTENT
}
