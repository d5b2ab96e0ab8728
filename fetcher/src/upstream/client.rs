//! One base URL: its limits, its retries, its answers.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use backon::{ExponentialBuilder, Retryable};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use kansoku_runs::{
    RequestCost,
    envelope::{self, Envelope, Refusal},
};
use kansoku_schemas::Reason;
use kansoku_service::{Clock, LogThrottle};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tracing::Instrument as _;

use super::{
    classes::{self, Class},
    cost::CostCounter,
    endpoint::{Endpoint, StateError, Store},
    redirect,
    settings::{ClientSettings, LimitSettings, Upstream},
    state::{Cause, EndpointState, Limits, Outcome, Window},
    transport::{Fault, FaultKind, Http, Response, Transport},
};
use crate::metrics::Metrics;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// An answer with its whole body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The address that was requested.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// The decoded body.
    pub body: Bytes,
    /// Its class.
    pub class: Class,
}

/// Why there is no answer to keep.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Nothing came, or it broke off.
    #[error("request {url}: {why}")]
    Failed {
        /// The address.
        url: String,
        /// The class of the failure.
        class: Class,
        /// What happened, down to its last cause.
        why: String,
    },
    /// The base URL is left alone for longer than a page may take.
    #[error("{url} is left alone until {until}: {why}")]
    Unavailable {
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
    SourceMismatch {
        /// The address.
        url: String,
        /// Who it says it is.
        found: String,
        /// Who it should be.
        expected: String,
    },
    /// What is known of the base URL cannot be read or changed.
    #[error(transparent)]
    State(#[from] StateError),
}

/// What each client of a process has in common.
#[derive(Clone)]
pub struct Common {
    /// The calendar that captures live by.
    pub clock: Arc<dyn Clock>,
    /// The real time.
    pub real: Arc<dyn Clock>,
    /// Where the state of the base URL is kept.
    pub store: Store,
    /// Counts.
    pub metrics: Metrics,
    /// Where randomness begins.
    pub seed: u64,
    /// Whether another base URL can be used in its place.
    pub has_alternatives: bool,
}

/// One try that was no page.
enum AttemptError {
    Answer(Answer, Refusal),
    Failed { url: String, class: Class, why: String },
    Final(RequestError),
}

impl AttemptError {
    fn class(&self) -> Option<Class> {
        match self {
            Self::Answer(Answer { class, .. }, _) | Self::Failed { class, .. } => Some(*class),
            Self::Final(_) => None,
        }
    }
}

/// What came of a request, all redirects followed.
pub(super) struct Exchange {
    pub(super) class: Class,
    pub(super) envelope: Result<Envelope, Refusal>,
    pub(super) response: Result<Response, Fault>,
    pub(super) took: Duration,
}

/// Sends requests to one upstream.
pub struct Client {
    transport: Box<dyn Transport>,
    upstream: Upstream,
    /// Its host, as metrics name it.
    host: String,
    pub(super) settings: ClientSettings,
    pub(super) endpoint: Endpoint,
    /// The spacing of this process's requests; what all processes may send together is in the endpoint's state.
    spacing: Option<DefaultDirectRateLimiter>,
    throttle: LogThrottle,
    random: Mutex<StdRng>,
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
        let (windows, day) = match own {
            Some(_) => (Vec::new(), None),
            None => {
                let window = |count, seconds| Window { count, length: Duration::from_secs(seconds) };
                (vec![window(limits.per_second, 1), window(limits.per_minute, 60)], Some(limits.per_day))
            }
        };
        let interval = own.map_or(limits.interval(), Duration::from_millis);
        let spacing =
            Quota::with_period(interval).map(|quota| RateLimiter::direct(quota.allow_burst(NonZeroU32::MIN)));
        let limits = Limits {
            windows,
            day,
            failures: settings.breaker_failures,
            open: Duration::from_secs(settings.breaker_seconds),
            timeout: settings.timeout(),
        };
        let transport = Box::new(Http::new(settings, &upstream)?);
        let endpoint = {
            let (calendar, real) = (Arc::clone(&common.clock), Arc::clone(&common.real));
            Endpoint::new(&upstream.url, limits, common.store.clone(), calendar, real)
        };
        let random = Mutex::new(StdRng::seed_from_u64(common.seed));
        let host = upstream.host();
        let (settings, throttle, cost) = (settings.clone(), LogThrottle::default(), CostCounter::default());
        Ok(Self { transport, upstream, host, settings, endpoint, spacing, throttle, random, cost, common })
    }

    /// The upstream.
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Whether another base URL can be used in its place.
    pub fn has_alternatives(&self) -> bool {
        self.common.has_alternatives
    }

    /// What requests have cost so far.
    pub fn cost(&self) -> RequestCost {
        self.cost.so_far()
    }

    /// Whether a cause is worth a line in the log now, and how often it was left out since the last one.
    pub fn should_log(&self, cause: &str) -> Option<u64> {
        self.throttle.should_log(cause, self.common.clock.monotonic())
    }

    pub(super) fn address(&self, path: &str) -> String {
        format!("{}/{path}", self.upstream.url.trim_end_matches('/'))
    }

    /// For how long it is left alone, if it is.
    pub async fn unavailable_for(&self) -> Result<Option<Duration>, StateError> {
        let state = self.endpoint.state().await?;
        let until = state.unavailable_until(self.endpoint.now());
        Ok(until.map(|(until, _)| self.common.real.until(until)))
    }

    /// Requests a path under the base URL until a page comes or the attempts are used up; the last answer counts, page or
    /// not. Where the base URL itself is ill and another one can be used, it is left alone for a while.
    pub async fn request(&self, path: &str) -> Result<(Answer, Result<Envelope, Refusal>), RequestError> {
        let url = self.address(path);
        let clock = &self.common.clock;
        let deadline = clock.monotonic() + self.settings.deadline();
        let left = || deadline.saturating_duration_since(clock.monotonic());
        let pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_max_times(self.settings.attempts.saturating_sub(1))
            .with_jitter()
            .with_jitter_seed(self.draw());
        let done = (|| self.attempt(&url, left))
            .retry(pauses)
            .when(|error| error.class().is_some_and(|class| class.row().retry))
            .adjust(|_, pause| pause.filter(|pause| *pause < left()))
            .notify(|_, _| self.cost.retried())
            .await;
        match done {
            Ok((answer, envelope)) => Ok((answer, Ok(envelope))),
            Err(AttemptError::Answer(answer, refusal)) if self.fails_over(answer.class) => {
                Err(self.leave(answer.url, answer.class, &refusal.message).await)
            }
            Err(AttemptError::Failed { url, class, why }) if self.fails_over(class) => {
                Err(self.leave(url, class, &why).await)
            }
            Err(AttemptError::Answer(answer, refusal)) => {
                // Where it asked for a long pause, that is not the page's fault.
                if answer.class.row().cool.is_some()
                    && let Some((until, cause)) =
                        self.endpoint.state().await?.unavailable_until(self.endpoint.now())
                    && self.common.real.until(until) >= left()
                {
                    return Err(unavailable(answer.url, until, cause));
                }
                Ok((answer, Err(refusal)))
            }
            Err(AttemptError::Failed { url, class, why }) => Err(RequestError::Failed { url, class, why }),
            Err(AttemptError::Final(error)) => Err(error),
        }
    }

    fn fails_over(&self, class: Class) -> bool {
        self.common.has_alternatives && class.row().failover
    }

    /// Leaves the base URL alone as long as its breaker would.
    pub async fn leave(&self, url: String, class: Class, why: &str) -> RequestError {
        let name = class.row().name;
        match self.endpoint.leave(name).await {
            Ok(until) => RequestError::Unavailable { url, until, why: format!("{name}: {why}") },
            Err(error) => error.into(),
        }
    }

    async fn attempt(
        &self,
        url: &str,
        left: impl Fn() -> Duration,
    ) -> Result<(Answer, Envelope), AttemptError> {
        let span = tracing::info_span!(
            "GET", otel.kind = "client", http.request.method = "GET", url.full = url,
            http.response.status_code = tracing::field::Empty, error.type = tracing::field::Empty,
        );
        let sent = self.send(url, left).instrument(span.clone()).await;
        let Exchange { class, envelope, response, .. } = sent.map_err(AttemptError::Final)?;
        let (url, name) = (url.to_owned(), class.row().name);
        let (why, error) = match response {
            Ok(response) => {
                span.record("http.response.status_code", i64::from(response.status));
                if let Some(found) = response.who.filter(|found| *found != self.upstream.source) {
                    let expected = self.upstream.source.clone();
                    return Err(AttemptError::Final(RequestError::SourceMismatch { url, found, expected }));
                }
                let answer = Answer { url, status: response.status, body: response.body, class };
                let refusal = match envelope {
                    Ok(envelope) if class == Class::Page => return Ok((answer, envelope)),
                    Ok(_) => Refusal {
                        reason: class.row().reason,
                        message: format!("a page with HTTP status {}", answer.status),
                    },
                    Err(refusal) => refusal,
                };
                (refusal.message.clone(), AttemptError::Answer(answer, refusal))
            }
            Err(Fault { why, .. }) => (why.clone(), AttemptError::Failed { url, class, why }),
        };
        span.record("error.type", name);
        if let Some(left_out) = self.should_log(name) {
            let url = &self.upstream.url;
            tracing::warn!(url, cause = name, left_out, "the upstream answers with {name}: {why}");
        }
        Err(error)
    }

    /// One request, and those that the answers redirect us to; each has a permission of its own.
    pub(super) async fn send(
        &self,
        url: &str,
        left: impl Fn() -> Duration,
    ) -> Result<Exchange, RequestError> {
        let (clock, timeout) = (&self.common.clock, self.settings.timeout());
        let (mut hops, mut took) = (vec![url.to_owned()], Duration::ZERO);
        loop {
            let id = self.permit(url, &left).await?;
            let sent = clock.monotonic();
            let address = hops.last().map_or(url, String::as_str);
            let response = tokio::time::timeout(timeout, self.transport.get(address)).await;
            let response = response.unwrap_or_else(|_| {
                Err(Fault { kind: FaultKind::Slow, why: format!("no whole answer within {timeout:?}") })
            });
            let lasted = clock.monotonic().duration_since(sent);
            took += lasted;
            let redirected = response
                .as_ref()
                .ok()
                .and_then(|response| redirect::next(&hops, response.status, response.location.as_deref()));
            let (class, envelope, pause) = match &response {
                Err(fault) => {
                    let refusal = Refusal { reason: Reason::UpstreamError, message: fault.why.clone() };
                    (classes::of_fault(fault.kind), Err(refusal), None)
                }
                Ok(response) => {
                    let envelope = envelope::read(&response.body);
                    let class = classes::of_answer(response.status, &response.body, &envelope);
                    let pause = classes::cool_down(class, response.retry_after.as_deref(), clock.now());
                    (class, envelope, pause)
                }
            };
            let status = response.as_ref().ok().map(|response| response.status);
            let is_error = class != Class::Page && redirected.is_none();
            self.common.metrics.requested(&self.host, class.row().name, is_error, status, lasted);
            let outcome = if redirected.is_some() { Outcome::Neutral } else { class.outcome() };
            let pause = pause.map(|pause| (pause, class.row().name));
            // Also after the request: nobody asks while the breaker is open.
            self.observe(&self.endpoint.end(id, outcome, pause).await?);
            match redirected {
                Some(next) => hops.push(next),
                None => return Ok(Exchange { class, envelope, response, took }),
            }
        }
    }

    /// Waits until one request may be sent: its id.
    async fn permit(&self, url: &str, left: &impl Fn() -> Duration) -> Result<u64, RequestError> {
        let (clock, source, id) = (&self.common.clock, &self.upstream.source, self.draw());
        let begun = clock.monotonic();
        if let Some(spacing) = &self.spacing {
            spacing.until_ready().await;
        }
        let waits = |until: DateTime<Utc>, cause: &Cause| {
            if let Some(left_out) = self.should_log("wait") {
                let (base, until) = (&self.upstream.url, until.to_rfc3339_opts(SecondsFormat::Secs, true));
                tracing::warn!(url = base, left_out, "waiting until {until}: {base} is left alone ({cause})");
            }
        };
        let (state, refused) = self.endpoint.permit(id, left, waits).await?;
        self.observe(&state);
        if let Some((until, cause)) = refused {
            return Err(unavailable(url.to_owned(), until, cause));
        }
        let waited = clock.monotonic().duration_since(begun);
        self.cost.waited(waited);
        self.common.metrics.waited(source, waited);
        Ok(id)
    }

    fn observe(&self, state: &EndpointState) {
        let (now, source) = (self.endpoint.now(), &self.upstream.source);
        let until = state.unavailable_until(now).map(|(until, _)| until);
        self.common.metrics.endpoint(source, state.breaker(now).0, until);
        let most = self.endpoint.limits().day;
        self.common.metrics.left(source, most.map(|most| most.saturating_sub(state.day(now))));
    }

    fn draw(&self) -> u64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).random()
    }
}

fn unavailable(url: String, until: DateTime<Utc>, cause: Cause) -> RequestError {
    RequestError::Unavailable { url, until, why: cause.to_string() }
}
