//! One base URL: its limits, its breaker, its tries.

use std::{
    sync::{Arc, Mutex as Lock, PoisonError},
    time::{Duration, Instant},
};

use backon::Retryable;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_runs::{
    RequestCost,
    envelope::{self, Envelope, Refusal},
};
use kansoku_service::{Clock, count};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::sync::{Mutex, MutexGuard};
use tracing::Instrument as _;

use super::{
    breaker::{Gate, Rules},
    budget::{Budget, Leave, Limits},
    classes::{self, Class},
    cost::CostCounter,
    limiter::{Pacer, Window},
    pauses::FullJitter,
    quiet::Quiet,
    redirect,
    shared::Shared,
    transport::{Fault, FaultKind, Http, Response, Transport},
};
use crate::{
    metrics::Metrics,
    settings::{ClientSettings, LimitSettings, Upstream},
};

/// An answer with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The address that was asked.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// The decoded body.
    pub body: Bytes,
    /// What it came to.
    pub class: Class,
}

/// Why there is no answer to keep.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nothing came, or it broke off.
    #[error("ask {url}: {why}")]
    Missed {
        /// The address.
        url: String,
        /// What it came to.
        class: Class,
        /// What happened, down to its last cause.
        why: String,
    },
    /// The base URL is left alone for longer than a page may take.
    #[error("{url} is left alone until {until}: {why}")]
    Gone {
        /// The address.
        url: String,
        /// Until when.
        until: DateTime<Utc>,
        /// Because of what.
        why: String,
    },
    /// The base URL belongs to another source than the configuration says.
    #[error(
        "{url} is {found}, and the configuration calls it {expected}: set upstream.source, or another url"
    )]
    Mistaken {
        /// The address.
        url: String,
        /// Who it says it is.
        found: String,
        /// Who it should be.
        expected: String,
    },
}

/// What each client of a process has in common.
#[derive(Clone)]
pub struct Common {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The shared state.
    pub shared: Option<Arc<Shared>>,
    /// Counts.
    pub metrics: Metrics,
    /// Where randomness begins.
    pub seed: u64,
    /// Whether another base URL can be asked in its place.
    pub others: bool,
}

/// What one try came to, when it was no page.
enum Trouble {
    Answer(Answer, Refusal, Class, Option<Duration>),
    Fault(AskError, Class),
    Final(AskError),
}

impl Trouble {
    fn class(&self) -> Option<Class> {
        match self {
            Self::Answer(_, _, class, _) | Self::Fault(_, class) => Some(*class),
            Self::Final(_) => None,
        }
    }
}

/// A request on its way; it ends however it ends, cancelled too.
struct Flight<'a>(MutexGuard<'a, Pacer>, &'a dyn Clock);

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.ended(self.1.monotonic());
    }
}

/// Asks one upstream.
pub struct Client {
    transport: Box<dyn Transport>,
    upstream: Upstream,
    pub(super) settings: ClientSettings,
    pace: Mutex<Pacer>,
    pub(super) budget: Budget,
    quiet: Lock<Quiet>,
    random: Lock<StdRng>,
    cost: CostCounter,
    pub(super) common: Common,
}

impl Client {
    /// A client for `upstream`.
    pub fn new(
        settings: &ClientSettings,
        limits: &LimitSettings,
        upstream: Upstream,
        common: Common,
    ) -> anyhow::Result<Self> {
        let own = settings.interval_ms.filter(|_| upstream.is_loopback());
        let limits = match own {
            Some(pause) => {
                Limits { windows: vec![Window::new(1, Duration::from_millis(pause.max(1)))], day: None }
            }
            None => Limits {
                windows: vec![
                    Window::new(limits.per_second, Duration::from_secs(1)),
                    Window::new(limits.per_minute, Duration::from_secs(60)),
                ],
                day: Some(limits.per_day),
            },
        };
        let transport = Box::new(Http::new(settings, &upstream)?);
        let pace = Mutex::new(Pacer::new(&limits.windows, common.clock.monotonic()));
        let budget = Budget::new(&upstream.url, limits, Arc::clone(&common.clock), common.shared.clone());
        let random = Lock::new(StdRng::seed_from_u64(common.seed));
        let (settings, quiet, cost) = (settings.clone(), Lock::default(), CostCounter::default());
        Ok(Self { transport, upstream, settings, pace, budget, quiet, random, cost, common })
    }

    /// The upstream that is asked.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Whether another base URL can be asked in its place.
    pub fn has_others(&self) -> bool {
        self.common.others
    }

    /// What asking has cost so far.
    pub fn cost(&self) -> RequestCost {
        self.cost.so_far()
    }

    /// Whether a cause is worth a line in the log now, and how often it was passed over since the last one.
    pub fn speaks(&self, cause: &str) -> Option<u64> {
        let now = self.common.clock.monotonic();
        self.quiet.lock().unwrap_or_else(PoisonError::into_inner).speaks(cause, now)
    }

    pub(super) fn address(&self, path: &str) -> String {
        format!("{}/{path}", self.upstream.url.trim_end_matches('/'))
    }

    /// Until when it is left alone, if it is.
    pub async fn away_until(&self) -> Option<DateTime<Utc>> {
        let standing = self.budget.standing().await;
        match standing.breaker.gate(self.common.clock.now()) {
            Gate::Open(until) => Some(until),
            _ => standing.cooling.map(|cooling| cooling.until),
        }
    }

    /// Asks for a path under the base URL until a page comes or the tries are used up; the last answer counts, page or
    /// not. Where the base URL itself is ill and another one can be asked, it is left alone for a while.
    pub async fn ask(&self, path: &str) -> Result<(Answer, Result<Envelope, Refusal>), AskError> {
        let url = self.address(path);
        let clock = &self.common.clock;
        let end = clock.monotonic() + self.settings.deadline();
        let left = || end.saturating_duration_since(clock.monotonic());
        let seed = self.random.lock().unwrap_or_else(PoisonError::into_inner).random();
        let pauses = FullJitter::new(seed, self.settings.attempts);
        let asked = (|| self.once(&url, end))
            .retry(pauses)
            .when(|trouble| trouble.class().is_some_and(|class| class.row().retry))
            .adjust(|trouble, pause| {
                let said = match trouble {
                    Trouble::Answer(.., said) => *said,
                    _ => None,
                };
                pause.map(|pause| said.unwrap_or(pause)).filter(|pause| *pause < left())
            })
            .notify(|_, _| self.cost.retried())
            .await;
        match asked {
            Ok((answer, envelope)) => Ok((answer, Ok(envelope))),
            Err(Trouble::Answer(answer, _, class, Some(wait))) if wait >= left() => {
                let until = clock.now() + chrono::TimeDelta::from_std(wait).unwrap_or_default();
                Err(AskError::Gone { url: answer.url, until, why: class.row().name.to_owned() })
            }
            Err(Trouble::Answer(answer, refusal, class, _)) if self.leaves(class) => {
                Err(self.leave(answer.url, class, &refusal.message).await)
            }
            Err(Trouble::Fault(AskError::Missed { url, class, why }, _)) if self.leaves(class) => {
                Err(self.leave(url, class, &why).await)
            }
            Err(Trouble::Answer(answer, refusal, ..)) => Ok((answer, Err(refusal))),
            Err(Trouble::Fault(error, _) | Trouble::Final(error)) => Err(error),
        }
    }

    fn leaves(&self, class: Class) -> bool {
        self.common.others && class.row().failover
    }

    /// Leaves the base URL alone as long as its breaker would.
    pub async fn leave(&self, url: String, class: Class, why: &str) -> AskError {
        let length = Duration::from_secs(self.settings.breaker_seconds);
        self.budget.cool(length, class.row().name).await;
        let why = format!("{}: {why}", class.row().name);
        let until = self.common.clock.now() + chrono::TimeDelta::from_std(length).unwrap_or_default();
        AskError::Gone { url, until, why }
    }

    /// Counts what a request came to, for the breaker too.
    pub(super) async fn note(&self, class: Class) {
        self.common.metrics.asked(class.row().name);
        if class == Class::Page {
            self.budget.worked().await;
        } else if class.row().trips {
            let open = Duration::from_secs(self.settings.breaker_seconds);
            self.budget.failed(Rules { failures: self.settings.breaker_failures, open }).await;
        }
    }

    async fn once(&self, url: &str, end: Instant) -> Result<(Answer, Envelope), Trouble> {
        let span = tracing::info_span!(
            "GET", otel.kind = "client", http.request.method = "GET", url.full = url,
            http.response.status_code = tracing::field::Empty, error.type = tracing::field::Empty,
        );
        let asked = self.follow(url, end).instrument(span.clone()).await.map_err(Trouble::Final)?;
        let (class, why, outcome) = match asked {
            Ok(response) => {
                span.record("http.response.status_code", i64::from(response.status));
                if let Some(found) = response.who.clone().filter(|found| *found != self.upstream.source) {
                    let (url, expected) = (url.to_owned(), self.upstream.source.clone());
                    return Err(Trouble::Final(AskError::Mistaken { url, found, expected }));
                }
                let read = envelope::read(&response.body);
                let class = classes::of_answer(response.status, &response.body, &read);
                let status = response.status;
                let answer = Answer { url: url.to_owned(), status, body: response.body, class };
                let said = classes::cooling(class, response.retry_after.as_deref(), self.common.clock.now());
                let refusal = match read {
                    Ok(envelope) if class == Class::Page => {
                        self.note(class).await;
                        return Ok((answer, envelope));
                    }
                    Ok(_) => Refusal {
                        reason: class.row().reason,
                        message: format!("a page with HTTP status {status}"),
                    },
                    Err(refusal) => refusal,
                };
                if let Some(wait) = said {
                    self.budget.cool(wait, class.row().name).await;
                }
                let why = refusal.message.clone();
                (class, why, Trouble::Answer(answer, refusal, class, said))
            }
            Err(Fault { kind, why }) => {
                let (class, url) = (classes::of_fault(kind), url.to_owned());
                (class, why.clone(), Trouble::Fault(AskError::Missed { url, class, why }, class))
            }
        };
        span.record("error.type", class.row().name);
        self.note(class).await;
        let cause = class.row().name;
        if let Some(passed) = self.speaks(cause) {
            tracing::warn!(url, cause, passed_over = passed, "the upstream answers with {cause}: {why}");
        }
        Err(outcome)
    }

    /// One request, and those that the answers send us on to; each waits for a turn of its own.
    pub(super) async fn follow(&self, url: &str, end: Instant) -> Result<Result<Response, Fault>, AskError> {
        let mut asked = self.request(url, end).await?;
        let mut hops = vec![url.to_owned()];
        while let Ok(response) = &asked
            && let Some(next) = redirect::next(&hops, response.status, response.location.as_deref())
        {
            self.common.metrics.asked(Class::Redirect.row().name);
            asked = self.request(&next, end).await?;
            hops.push(next);
        }
        Ok(asked)
    }

    /// Waits until the base URL is not to be left alone; fails where that takes longer than until `end`. Whether it waited.
    async fn until_welcome(&self, url: &str, end: Instant) -> Result<bool, AskError> {
        let clock = &self.common.clock;
        let gone = |until, why: String| AskError::Gone { url: url.to_owned(), until, why };
        let (standing, now) = (self.budget.standing().await, clock.now());
        self.common.metrics.standing(&self.upstream.source, &standing, now);
        if let Gate::Open(until) = standing.breaker.gate(now) {
            return Err(gone(
                until,
                format!("{} in a row", count(standing.breaker.failures.into(), "failure")),
            ));
        }
        let Some(cooling) = standing.cooling else { return Ok(false) };
        let wait = clock.until(cooling.until);
        if wait >= end.saturating_duration_since(clock.monotonic()) {
            return Err(gone(cooling.until, cooling.why));
        }
        tokio::time::sleep(wait).await;
        Ok(true)
    }

    /// Waits for a turn of its own; whoever has it may send one request.
    async fn turn(&self, url: &str, end: Instant) -> Result<MutexGuard<'_, Pacer>, AskError> {
        let clock = &self.common.clock;
        self.until_welcome(url, end).await?;
        let pacer = self.pace.lock().await;
        loop {
            let turn = pacer.next(self.common.shared.is_some() && self.budget.is_alone());
            tokio::time::sleep(turn.saturating_duration_since(clock.monotonic())).await;
            match self.budget.take(pacer.interval()).await {
                Leave::Spent(until) => {
                    let why = "the day's requests are used up".to_owned();
                    return Err(AskError::Gone { url: url.to_owned(), until, why });
                }
                Leave::After { wait, left } => {
                    self.common.metrics.left(&self.upstream.source, left);
                    tokio::time::sleep(wait).await;
                }
            }
            // While we waited another request may have been told to leave it alone; then the turn has passed as well.
            if !self.until_welcome(url, end).await? {
                return Ok(pacer);
            }
        }
    }

    /// One request, when its turn has come.
    async fn request(&self, url: &str, end: Instant) -> Result<Result<Response, Fault>, AskError> {
        let clock = &self.common.clock;
        let begun = clock.monotonic();
        let mut pacer = self.turn(url, end).await?;
        let sent = clock.monotonic();
        let waited = sent.duration_since(begun);
        self.cost.waited(waited);
        self.common.metrics.waited(&self.upstream.source, waited);
        pacer.sent(sent);
        let _flight = Flight(pacer, clock.as_ref());
        let most = self.settings.timeout().min(end.saturating_duration_since(clock.monotonic()));
        let asked = tokio::time::timeout(most, self.transport.get(url)).await;
        Ok(asked.unwrap_or_else(|_| {
            Err(Fault { kind: FaultKind::Slow, why: format!("no whole answer within {most:?}") })
        }))
    }
}
