//! The health routes, and the HTTP listener of every service.

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::{
    Json, Router,
    extract::Request,
    http::{StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;

use crate::{Context, HttpSettings, TlsFiles, environment::variable, listener, rate::Rate, tls::Certificate};

/// What `GET /metrics` answers in (OpenMetrics 1.0).
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Requests a second that `/metrics` answers: it walks over every series, and a scraper needs a few a minute.
const MAX_SCRAPES: u32 = 50;

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
    let (clock, rate) = (context.clock.clone(), Rate::per_second(MAX_SCRAPES));
    let limited = from_fn(move |request: Request, next: Next| {
        let is_allowed = rate.allows(clock.monotonic());
        async move {
            if is_allowed {
                return next.run(request).await;
            }
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")], "too many requests\n")
                .into_response()
        }
    });
    Router::new()
        .route("/metrics", get(numbers).layer(limited))
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(ready))
}

/// Listens at the section `[http]`; see [`serve_at`].
///
/// # Errors
/// The address cannot be had: the port is taken, or not ours.
pub async fn serve<C>(
    context: &Context<C>,
    http: &HttpSettings,
    router: Router,
) -> anyhow::Result<SocketAddr> {
    serve_at(context, "http", http, &TlsFiles::default(), router).await
}

/// Listens at the address of a section of the configuration, and serves `router` until the process stops; requests in hand
/// are finished. Slow clients are cut off, and connections are limited. With files of TLS it speaks HTTPS. Returns the
/// address that was taken once connections are accepted. Handlers may ask for `ConnectInfo<SocketAddr>`.
///
/// # Errors
/// The address cannot be had: the port is taken, or not ours. Or the certificate cannot be used.
pub async fn serve_at<C>(
    context: &Context<C>,
    section: &'static str,
    http: &HttpSettings,
    tls: &TlsFiles,
    router: Router,
) -> anyhow::Result<SocketAddr> {
    let listen = http.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| {
        let variable = variable(context.service, &format!("{section}.listen"));
        format!("listen on {listen}: set {section}.listen (or {variable}) to a free address")
    })?;
    let address = listener.local_addr().context("read the address that was taken")?;
    let certificate = Certificate::of(tls)?;
    let acceptor = certificate.as_ref().map(Certificate::acceptor).transpose()?;
    let scheme = if acceptor.is_some() { "https" } else { "http" };
    let accepting = listener::accept(listener, acceptor, router, http.clone(), context.stop.clone());
    context.tasks.spawn(section, async move {
        accepting.await;
        Ok(())
    });
    if let Some(certificate) = certificate {
        let stop = context.stop.clone();
        context.tasks.spawn("certificate", async move {
            certificate.follow(stop).await;
            Ok(())
        });
    }
    tracing::info!(address = %address, "listening on {scheme}://{address}");
    Ok(address)
}
