//! From a question to an answer and its faults; all but the socket.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::Method;
use chrono::{DateTime, Utc};
use url::form_urlencoded;

use crate::{
    SOURCE,
    api::{self, Answer, Refusal},
    clock::{Clocks, Now},
    control::{Control, Request},
    faults::{Asked, Effects, Kind, Scene, apply},
    limits::{Limits, Windows},
    recorded::{Recorded, address},
    reply::{Errors, Reply},
    snapshot::Snapshot,
    world::World,
};

/// How an upstream behaves; the default is Jikan's way, without limits.
#[derive(Debug, Default)]
pub struct Options {
    /// Whose errors are spoken.
    pub errors: Errors,
    /// Rate limits.
    pub limits: Limits,
    /// Recorded answers instead of the invented world.
    pub recorded: Option<Recorded>,
    /// What it calls itself; `jikan-sim` by default.
    pub source: Option<String>,
}

/// The simulated upstream.
pub struct Simulator {
    seed: u64,
    options: Options,
    control: Control,
    world: Mutex<Arc<World>>,
    windows: Mutex<Windows>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path.
    pub path: &'a str,
    /// The query, without its question mark.
    pub query: &'a str,
    /// What the client calls itself.
    pub user_agent: Option<&'a str>,
}

impl Simulator {
    /// An upstream of this seed that lives by this clock.
    pub fn new(seed: u64, now: Now) -> Self {
        Self::with(seed, Clocks::real(now), Options::default())
    }

    /// An upstream of this seed that lives by these clocks, in its own way.
    pub fn with(seed: u64, clocks: Clocks, options: Options) -> Self {
        let world = Mutex::new(Arc::new(World::until(seed, (clocks.now)())));
        let windows = Mutex::new(Windows::new(options.limits.clone()));
        Self { seed, options, control: Control::new(clocks), world, windows }
    }

    /// The handle on its faults and its record.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Answers as things stand now, and nothing goes wrong.
    pub fn answer(&self, method: &Method, path: &str, query: &str) -> Reply {
        self.reply((self.control.clocks.now)(), method, path, query)
    }

    /// Answers, with the faults that are on, and remembers it.
    pub fn respond(&self, question: &Question) -> (Reply, Effects) {
        let clocks = &self.control.clocks;
        let (at, wall, elapsed) = ((clocks.now)(), (clocks.wall)(), (clocks.elapsed)());
        let Question { method, path, query, user_agent } = *question;
        let asked = address(path, query);
        let scene = Scene { errors: self.options.errors, path, address: &asked, at };
        let admitted = self.windows.lock().unwrap_or_else(PoisonError::into_inner).ask(elapsed);
        let (reply, effects, faults) = match admitted {
            Err(wait) => (self.limited(&scene, wait.as_secs_f64()), Effects::default(), Vec::new()),
            Ok(()) => {
                let page = page(query);
                let met = self.control.meet(Asked { path, page, at });
                let is = |wanted: fn(&Kind) -> bool| met.iter().any(|one| wanted(&one.fault.kind));
                let query = match is(|kind| matches!(kind, Kind::Unfiltered)) {
                    true => without(query, "filter", None),
                    false => query.to_owned(),
                };
                let mut reply = self.reply(at, method, path, &query);
                let before = (is(|kind| matches!(kind, Kind::Neighbour)) && page > 1)
                    .then(|| self.reply(at, method, path, &without(&query, "page", Some(page - 1))).body);
                let effects = apply(&met, &scene, &mut reply, before.as_deref());
                (reply, effects, met.iter().map(|one| one.spec.name.clone()).collect())
            }
        };
        let mut reply = reply;
        reply.set("x-kansoku-source", self.options.source.as_deref().unwrap_or(SOURCE));
        self.control.remember(Request {
            monotonic_us: u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
            wall,
            simulated: at,
            method: method.to_string(),
            path: path.to_owned(),
            query: query.to_owned(),
            user_agent: user_agent.map(str::to_owned),
            status: reply.status,
            faults,
        });
        (reply, effects)
    }

    fn reply(&self, at: DateTime<Utc>, method: &Method, path: &str, query: &str) -> Reply {
        let errors = self.options.errors;
        if !matches!(*method, Method::GET | Method::HEAD) {
            return errors.refuse(at, path, &Refusal::MethodNotAllowed);
        }
        if let Some(recorded) = &self.options.recorded {
            let found = recorded.get(path, query).cloned();
            return found.unwrap_or_else(|| errors.refuse(at, path, &Refusal::NotFound));
        }
        let world = self.world(at);
        let snapshot = Snapshot::of(&world, at);
        let route = api::Route::parse_up_to(errors.most_rows(), path, query);
        match route.and_then(|route| route.body(&snapshot, &[])) {
            Ok(body) => {
                Answer { status: 200, headers: api::served_headers(snapshot.at(), path, query), body }.into()
            }
            Err(refusal) => errors.refuse(snapshot.at(), path, &refusal),
        }
    }

    fn limited(&self, scene: &Scene, wait_seconds: f64) -> Reply {
        let told = (429, "RateLimitException", "You are being rate-limited");
        let mut reply = scene.errors.reply(scene.at, scene.path, told, None);
        // Jikan never says how long to wait.
        if scene.errors == Errors::Tenrai {
            reply.set("retry-after", &format!("{}", wait_seconds.ceil().max(1.0)));
        }
        reply
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
