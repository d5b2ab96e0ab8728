//! The HTTP server: one clock, one world, one pure function.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Method, Request, Response},
    routing::get,
};
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;

use crate::{
    api::{Answer, Refusal, answer, refused},
    snapshot::Snapshot,
    world::World,
};

/// Tells the time.
pub type Now = Box<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The simulated upstream.
pub struct Simulator {
    seed: u64,
    now: Now,
    world: Mutex<Arc<World>>,
}

impl Simulator {
    /// An upstream of this seed that lives by this clock.
    pub fn new(seed: u64, now: Now) -> Self {
        let world = Mutex::new(Arc::new(World::until(seed, now())));
        Self { seed, now, world }
    }

    /// Answers as things stand now.
    pub fn answer(&self, method: &Method, path: &str, query: &str) -> Answer {
        let at = (self.now)();
        let world = self.world(at);
        let snapshot = Snapshot::of(&world, at);
        match *method {
            Method::GET | Method::HEAD => answer(&snapshot, path, query),
            _ => refused(&snapshot, &Refusal::MethodNotAllowed),
        }
    }

    /// The world, made anew when a season has begun since the last question.
    fn world(&self, at: DateTime<Utc>) -> Arc<World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        if !world.reaches(at) {
            *world = Arc::new(World::until(self.seed, at));
        }
        Arc::clone(&world)
    }
}

/// Serves until `stop` comes; questions under way are answered first.
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
    axum::serve(listener, router).with_graceful_shutdown(stop).await.context("serve HTTP")
}

async fn respond(State(simulator): State<Arc<Simulator>>, request: Request<Body>) -> Response<Body> {
    let uri = request.uri();
    let answer = simulator.answer(request.method(), uri.path(), uri.query().unwrap_or_default());
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    // Unwrap safety: names are constants, values are made of numbers, dates and hexadecimal digits.
    #[expect(clippy::unwrap_used, reason = "header names and values are well formed by construction")]
    response.body(Body::from(answer.body)).unwrap()
}
