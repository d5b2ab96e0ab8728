//! One base URL: its limits, its breaker, its tries.

use std::{
    sync::{Arc, Mutex as Lock, PoisonError},
    time::{Duration, Instant},
};

use backon::Retryable;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use kansoku_service::Clock;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::sync::{Mutex, MutexGuard};
use tracing::Instrument as _;

use super::{
    breaker::{Gate, Rules},
    budget::{Budget, Leave, Limits},
    classes::{self, Class},
    limiter::{Pacer, Window},
    quiet::Quiet,
    redirect,
    shared::Shared,
    transport::{Fault, FaultKind, Http, Response, Transport},
};
use crate::{
    envelope::{self, Envelope, Refusal},
    metrics::Metrics,
    settings::{ClientSettings, LimitSettings, Upstream},
};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// An answer with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The address that was asked.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// The decoded body.
    pub body: Bytes,
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

/// Pauses with full jitter: anything up to a bound that doubles.
struct FullJitter {
    random: StdRng,
    bound: Duration,
    left: usize,
}

impl Iterator for FullJitter {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let pause = self.bound.mul_f64(self.random.random_range(0.0..=1.0));
        self.bound = (self.bound * 2).min(LONGEST_PAUSE);
        Some(pause)
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
    settings: ClientSettings,
    pace: Mutex<Pacer>,
    budget: Budget,
    quiet: Lock<Quiet>,
    random: Lock<StdRng>,
    common: Common,
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
        let (settings, quiet) = (settings.clone(), Lock::default());
        Ok(Self { transport, upstream, settings, pace, budget, quiet, random, common })
    }

    /// The upstream that is asked.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
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
    /// not.
    pub async fn ask(&self, path: &str) -> Result<(Answer, Result<Envelope, Refusal>), AskError> {
        let url = format!("{}/{path}", self.upstream.url.trim_end_matches('/'));
        let clock = &self.common.clock;
        let end = clock.monotonic() + self.settings.deadline();
        let left = || end.saturating_duration_since(clock.monotonic());
        let seed = self.random.lock().unwrap_or_else(PoisonError::into_inner).random();
        let random = StdRng::seed_from_u64(seed);
        let pauses =
            FullJitter { random, bound: FIRST_PAUSE, left: self.settings.attempts.saturating_sub(1) };
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
            .await;
        match asked {
            Ok((answer, envelope)) => Ok((answer, Ok(envelope))),
            Err(Trouble::Answer(answer, _, class, Some(wait))) if wait >= left() => {
                let until = clock.now() + chrono::TimeDelta::from_std(wait).unwrap_or_default();
                Err(AskError::Gone { url: answer.url, until, why: class.row().name.to_owned() })
            }
            Err(Trouble::Answer(answer, refusal, ..)) => Ok((answer, Err(refusal))),
            Err(Trouble::Fault(error, _) | Trouble::Final(error)) => Err(error),
        }
    }

    async fn once(&self, url: &str, end: Instant) -> Result<(Answer, Envelope), Trouble> {
        let span = tracing::info_span!(
            "GET", otel.kind = "client", http.request.method = "GET", url.full = url,
            http.response.status_code = tracing::field::Empty, error.type = tracing::field::Empty,
        );
        let asked = self.follow(url, end).instrument(span.clone()).await?;
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
                let answer = Answer { url: url.to_owned(), status, body: response.body };
                let said = classes::cooling(class, response.retry_after.as_deref(), self.common.clock.now());
                let refusal = match read {
                    Ok(envelope) if class == Class::Page => {
                        self.common.metrics.asked(class.row().name);
                        self.budget.worked().await;
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
        self.common.metrics.asked(class.row().name);
        if class.row().trips {
            let open = Duration::from_secs(self.settings.breaker_seconds);
            self.budget.failed(Rules { failures: self.settings.breaker_failures, open }).await;
        }
        let cause = class.row().name;
        let now = self.common.clock.monotonic();
        if let Some(passed) = self.quiet.lock().unwrap_or_else(PoisonError::into_inner).speaks(cause, now) {
            tracing::warn!(url, cause, passed_over = passed, "the upstream answers with {cause}: {why}");
        }
        Err(outcome)
    }

    /// One request, and those that the answers send us on to; each waits for a turn of its own.
    async fn follow(&self, url: &str, end: Instant) -> Result<Result<Response, Fault>, Trouble> {
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

    /// One request, when its turn has come.
    async fn request(&self, url: &str, end: Instant) -> Result<Result<Response, Fault>, Trouble> {
        let clock = &self.common.clock;
        let gone = |until, why: String| Trouble::Final(AskError::Gone { url: url.to_owned(), until, why });
        let standing = self.budget.standing().await;
        let now = clock.now();
        if let Gate::Open(until) = standing.breaker.gate(now) {
            return Err(gone(until, format!("{} failures in a row", standing.breaker.failures)));
        }
        if let Some(cooling) = standing.cooling {
            let wait = (cooling.until - now).to_std().unwrap_or_default();
            if wait >= end.saturating_duration_since(clock.monotonic()) {
                return Err(gone(cooling.until, cooling.why));
            }
            tokio::time::sleep(wait).await;
        }
        let mut pacer = self.pace.lock().await;
        let turn = pacer.next(self.common.shared.is_some() && self.budget.is_alone());
        tokio::time::sleep(turn.saturating_duration_since(clock.monotonic())).await;
        match self.budget.take(pacer.interval()).await {
            Leave::Spent(until) => return Err(gone(until, "the day's requests are used up".to_owned())),
            Leave::After { wait, .. } => tokio::time::sleep(wait).await,
        }
        pacer.sent(clock.monotonic());
        let _flight = Flight(pacer, clock.as_ref());
        let most = self.settings.timeout().min(end.saturating_duration_since(clock.monotonic()));
        let asked = tokio::time::timeout(most, self.transport.get(url)).await;
        Ok(asked.unwrap_or_else(|_| {
            Err(Fault { kind: FaultKind::Slow, why: format!("no whole answer within {most:?}") })
        }))
    }
}
