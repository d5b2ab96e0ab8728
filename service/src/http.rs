//! Answering HTTP: how the process is, and whatever routes the service adds.

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::{
    Json, Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;

use crate::{Context, HttpSettings, environment::variable};

/// What `GET /metrics` answers in (OpenMetrics 1.0).
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// `/livez` (the process answers), `/readyz` (its dependencies do; 503 where one does not, or while it stops) and
/// `/metrics`.
pub fn admin_router<C>(context: &Context<C>) -> Router {
    let (health, stop, metrics) = (context.health.clone(), context.stop.clone(), context.metrics.clone());
    let ready = async move || -> Response {
        let report = health.report(stop.is_stopped());
        let status = if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (status, [(header::CACHE_CONTROL, "no-store")], Json(report)).into_response()
    };
    let numbers = async move || ([(header::CONTENT_TYPE, OPEN_METRICS)], metrics.encode());
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(numbers))
}

/// Listens, and serves `router` until the process stops; requests in hand are finished. Returns the address that was
/// taken once connections are accepted. Handlers may ask for `ConnectInfo<SocketAddr>`.
///
/// # Errors
/// The address cannot be had: the port is taken, or not ours.
pub async fn serve<C>(
    context: &Context<C>,
    http: &HttpSettings,
    router: Router,
) -> anyhow::Result<SocketAddr> {
    let listen = http.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| {
        let variable = variable(context.service, "http.listen");
        format!("listen on {listen}: set http.listen (or {variable}) to a free address")
    })?;
    let address = listener.local_addr().context("ask for the address that was taken")?;
    let stop = context.stop.clone();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    context.tasks.spawn("http", async move {
        let until = async move { stop.stopped().await };
        axum::serve(listener, service).with_graceful_shutdown(until).await.context("serve HTTP")
    });
    tracing::info!(address = %address, "listening on http://{address}");
    Ok(address)
}
