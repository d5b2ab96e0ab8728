//! The HTTP server: one world, one pure function, and the faults.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Request, Response},
    routing::get,
};
use tokio::{net::TcpListener, sync::oneshot, time::sleep};

use crate::{api::Reply, simulator::Request as SimulatorRequest};
pub use crate::{
    control_port::serve_control,
    simulator::{Now, Options, Simulator},
};

/// How long requests under way may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(2);

/// Serves until `stop` comes; requests under way are answered first.
///
/// # Errors
/// When the socket fails.
pub async fn serve(
    simulator: Simulator,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let router =
        Router::new().route("/livez", get(async || "ok\n")).fallback(respond).with_state(Arc::new(simulator));
    let (told, stopping) = oneshot::channel();
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.await;
        // Nobody listens when the server has failed already.
        let _ = told.send(());
    });
    let grace = async {
        if stopping.await.is_ok() {
            sleep(GRACE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = serving => served.context("serve HTTP"),
        () = grace => Ok(()),
    }
}

async fn respond(State(simulator): State<Arc<Simulator>>, request: Request<Body>) -> Response<Body> {
    let uri = request.uri();
    let request_of = SimulatorRequest {
        method: request.method(),
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        user_agent: request.headers().get("user-agent").and_then(|agent| agent.to_str().ok()),
    };
    response(simulator.respond(&request_of))
}

fn response(reply: Reply) -> Response<Body> {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap_or_else(|error| {
        // Only a recording can hold a header that HTTP does not know.
        let mut refused = Response::new(Body::from(format!("a recorded header cannot be sent: {error}\n")));
        *refused.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        refused
    })
}
