//! One span and one measurement for each request, by the names of OpenTelemetry's semantic conventions.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, Method},
    response::Response,
};
use kansoku_service::{Clock, LogThrottle, Metrics, TraceId};
use opentelemetry::propagation::Extractor;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{exemplar::HistogramWithExemplars, family::Family},
};
use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::request_id::RequestId;

/// Seconds. Alerts on latency ask for the shares below 0.5 and 0.8, so both are borders.
const BUCKETS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 2.5, 5.0, 10.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    http_route: String,
    http_request_method: &'static str,
    http_response_status_code: u16,
}

type Durations = Family<Labels, HistogramWithExemplars<TraceId>, fn() -> HistogramWithExemplars<TraceId>>;

/// Where requests are measured.
#[derive(Clone)]
pub(crate) struct Observer {
    durations: Durations,
    clock: Arc<dyn Clock>,
    throttle: LogThrottle,
}

impl Observer {
    /// Registers the measurements.
    pub(crate) fn new(metrics: &Metrics, clock: Arc<dyn Clock>) -> Self {
        let durations = Durations::new_with_constructor(|| HistogramWithExemplars::new(BUCKETS.into_iter()));
        let help = "Duration of HTTP server requests";
        let durations = metrics.register("http_server_request_duration_seconds", help, durations);
        Self { durations, clock, throttle: LogThrottle::default() }
    }

    /// Whether a cause is worth a line in the log now, and how often it was left out since the last one.
    pub(crate) fn should_log(&self, cause: &str) -> Option<u64> {
        self.throttle.should_log(cause, self.clock.monotonic())
    }

    /// Begins to measure a request, with a span of its own, a child of the caller's.
    pub(crate) fn begin(&self, request: &Request, id: &RequestId) -> Observed<'_> {
        let start = self.clock.monotonic();
        let method = method_label(request.method());
        let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
        Observed { observer: self, span: span(request, id, method, &route), start, method, route }
    }
}

/// A request under way.
pub(crate) struct Observed<'a> {
    observer: &'a Observer,
    /// Its span.
    pub span: Span,
    start: Instant,
    method: &'static str,
    route: String,
}

impl Observed<'_> {
    /// Notes how it ended.
    pub(crate) fn end(self, response: &Response) {
        let Self { observer, span, start, method, route } = self;
        let status = response.status().as_u16();
        // As a signed number: an unsigned one would become text on its way to OpenTelemetry.
        span.record("http.response.status_code", i64::from(status));
        if response.status().is_server_error() {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", status.to_string());
        }
        let labels =
            Labels { http_route: route, http_request_method: method, http_response_status_code: status };
        let seconds = observer.clock.monotonic().duration_since(start).as_secs_f64();
        observer.durations.get_or_create(&labels).observe(seconds, TraceId::sampled(&span), None);
    }
}

fn span(request: &Request, id: &RequestId, method: &'static str, route: &str) -> Span {
    let name = if route.is_empty() { method.to_owned() } else { format!("{method} {route}") };
    let span = tracing::info_span!(
        "http.server.request",
        otel.name = name,
        otel.kind = "server",
        otel.status_code = Empty,
        error.type = Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = Empty,
        url.path = request.uri().path(),
        request_id = id.text(),
    );
    let parent = opentelemetry::global::get_text_map_propagator(|p| p.extract(&Headers(request.headers())));
    // Fails only where no OpenTelemetry layer is set up, and then there is no trace to join.
    let _ = span.set_parent(parent);
    span
}

/// Any word can be a method; only the known ones become a label.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|key| key.as_str()).collect()
    }
}
