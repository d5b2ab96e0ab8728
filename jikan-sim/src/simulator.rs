//! From a request to a reply and its faults; everything but the socket.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::Method;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::{
    SOURCE,
    api::{Refusal, Reply, answer},
    control::{Control, LoggedRequest},
    faults::{Kind, apply},
    recorded::Recorded,
    snapshot::Snapshot,
    world::World,
};

/// Tells the time.
pub type Now = Box<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How an upstream behaves.
#[derive(Debug, Default)]
pub struct Options {
    /// Recorded replies instead of the invented world.
    pub recorded: Option<Recorded>,
    /// Its name; `jikan-sim` by default.
    pub source: Option<String>,
}

/// The simulated upstream.
pub struct Simulator {
    seed: u64,
    options: Options,
    now: Now,
    control: Control,
    world: Mutex<Arc<World>>,
}

/// A request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path.
    pub path: &'a str,
    /// The query, without its question mark.
    pub query: &'a str,
    /// The client's User-Agent.
    pub user_agent: Option<&'a str>,
}

impl Simulator {
    /// An upstream of this seed that lives by this clock.
    pub fn new(seed: u64, now: Now) -> Self {
        Self::with(seed, now, Options::default())
    }

    /// An upstream of this seed that lives by this clock, with options.
    pub fn with(seed: u64, now: Now, options: Options) -> Self {
        let world = Mutex::new(Arc::new(World::until(seed, now())));
        Self { seed, options, now, control: Control::default(), world }
    }

    /// The handle on its faults and its log.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Answers without faults, and logs nothing.
    pub fn answer(&self, method: &Method, path: &str, query: &str) -> Reply {
        self.reply((self.now)(), method, path, query)
    }

    /// Answers, with the faults that are on, and logs the request.
    pub(crate) fn respond(&self, request: &Request) -> Reply {
        let at = (self.now)();
        let Request { method, path, query, user_agent } = *request;
        let page = page(query);
        let triggered = self.control.trigger(path, page);
        let is = |wanted: fn(&Kind) -> bool| triggered.iter().any(|one| wanted(&one.fault.kind));
        let known = match is(|kind| matches!(kind, Kind::Unfiltered)) {
            true => without(query, "filter", None),
            false => query.to_owned(),
        };
        let mut reply = self.reply(at, method, path, &known);
        let before = (is(|kind| matches!(kind, Kind::Neighbour)) && page > 1)
            .then(|| self.reply(at, method, path, &without(&known, "page", Some(page - 1))).body);
        apply(&triggered, at, &mut reply, before.as_deref());
        reply.set("x-kansoku-source", self.options.source.as_deref().unwrap_or(SOURCE));
        self.control.log(LoggedRequest {
            path: path.to_owned(),
            query: query.to_owned(),
            user_agent: user_agent.map(str::to_owned),
            at,
            status: reply.status,
            sha256: hex::encode(Sha256::digest(&reply.body)),
            faults: triggered.iter().map(|one| one.fault.name).collect(),
        });
        reply
    }

    fn reply(&self, at: DateTime<Utc>, method: &Method, path: &str, query: &str) -> Reply {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return Refusal::MethodNotAllowed.reply(at);
        }
        if let Some(recorded) = &self.options.recorded {
            return recorded.get(path, query).cloned().unwrap_or_else(|| Refusal::NotFound.reply(at));
        }
        let world = self.world(at);
        answer(&Snapshot::of(&world, at), path, query)
    }

    /// The world, made anew when time has left the old one.
    fn world(&self, at: DateTime<Utc>) -> Arc<World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        if !world.reaches(at) {
            *world = Arc::new(World::until(self.seed, at));
        }
        Arc::clone(&world)
    }
}

fn page(query: &str) -> u32 {
    let page = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "page").last();
    page.and_then(|(_, page)| page.parse().ok()).unwrap_or(1)
}

/// The query without a parameter, or with another value of it.
fn without(query: &str, name: &str, value: Option<u32>) -> String {
    let mut kept = form_urlencoded::Serializer::new(String::new());
    kept.extend_pairs(form_urlencoded::parse(query.as_bytes()).filter(|(other, _)| other != name));
    if let Some(value) = value {
        kept.append_pair(name, &value.to_string());
    }
    kept.finish()
}
