//! Every route, and what lies around them.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use futures::FutureExt as _;
use tower_http::compression::CompressionLayer;
use tracing::Instrument as _;

use crate::{
    app::App,
    docs,
    http::{
        observe::Observer,
        rate_limit::RateLimit,
        request_id::{Ids, write_problem},
        security::secure,
    },
    openapi,
    operator::{self, Operators},
    problem::Failure,
    web::{self, Ui},
};

/// What the routes are made of.
pub(crate) struct Parts {
    /// The state of the handlers.
    pub app: App,
    /// The state of the handlers of operators.
    pub operators: Operators,
    /// How often a client may send a request.
    pub rate_limit: RateLimit,
    /// How often it may send one of an operator.
    pub operator_rate_limit: RateLimit,
    /// Where request ids come from.
    pub ids: Ids,
    /// Where requests are counted.
    pub observer: Observer,
    /// The web UI.
    pub ui: Ui,
    /// Health and metrics.
    pub admin: Router,
}

/// All of it.
pub(crate) fn router(parts: Parts) -> anyhow::Result<Router> {
    let (api, _) = openapi::routes().split_for_parts();
    let api = api.method_not_allowed_fallback(not_allowed).with_state(parts.app);
    let ui = Router::new().fallback(web::serve).with_state(parts.ui);
    // The API keeps its answers encoded, and the UI's files are there encoded.
    let texts = docs::routes()?.merge(parts.admin).layer(CompressionLayer::new());
    let operators = operator::routes(parts.operators, parts.operator_rate_limit);
    let all = api.merge(operators).merge(texts).fallback_service(ui);
    let Parts { ids, observer, rate_limit, .. } = parts;
    Ok(with_around(all, Around { ids, observer, rate_limit }))
}

/// What lies around every route.
struct Around {
    ids: Ids,
    observer: Observer,
    rate_limit: RateLimit,
}

/// One layer for all of it: every layer of axum costs each request copies of the services below it.
fn with_around(routes: Router, parts: Around) -> Router {
    routes.layer(from_fn_with_state(Arc::new(parts), around))
}

/// Every request has an id, a span and a measurement; its client has only so many, and gets an answer when we panic.
async fn around(State(parts): State<Arc<Around>>, request: Request, next: Next) -> Response {
    let id = parts.ids.give(&request);
    let observed = parts.observer.begin(&request, &id);
    let span = observed.span.clone();
    let mut response = match parts.rate_limit.check(&request) {
        Ok(()) => {
            let routed = AssertUnwindSafe(next.run(request)).catch_unwind();
            routed.instrument(span.clone()).await.unwrap_or_else(panicked)
        }
        Err(retry_after) => Failure::TooMany { retry_after }.into_response(),
    };
    if response.extensions().get::<Failure>().is_some() {
        span.in_scope(|| write_problem(&mut response, &id, |cause| parts.observer.should_log(cause)));
    }
    observed.end(&response);
    id.name(&mut response);
    secure(&mut response);
    response
}

async fn not_allowed(request: Request) -> Failure {
    Failure::MethodNotAllowed(request.method().to_string())
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    Failure::Internal(format!("panic: {text}")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        extract::Path,
        http::{Request, StatusCode},
        routing::get,
    };
    use kansoku_service::{Metrics, SystemClock};
    use opentelemetry::{Value, trace::TracerProvider};
    use opentelemetry_sdk::{
        propagation::TraceContextPropagator,
        trace::{InMemorySpanExporter, SdkTracerProvider, SpanData},
    };
    use tower::ServiceExt;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn service() -> (Router, Metrics) {
        let metrics = Metrics::default();
        let routes = Router::new()
            .route("/api/panics", get(async || -> &'static str { panic!("a bug") }))
            .route("/api/titles/{id}", get(async |Path(id): Path<String>| id));
        let observer = Observer::new(&metrics, Arc::new(SystemClock));
        let rate_limit = RateLimit::new(0, 1, Arc::new(SystemClock), None);
        (with_around(routes, Around { ids: Ids::new("test"), observer, rate_limit }), metrics)
    }

    async fn ask(service: &Router, path: &str) -> (StatusCode, String) {
        let request =
            Request::get(path).header("traceparent", PARENT).body(Body::empty()).expect("a request");
        let response = service.clone().oneshot(request).await.expect("never fails");
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 16).await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    fn attribute<'a>(span: &'a SpanData, name: &str) -> Option<&'a Value> {
        span.attributes.iter().find(|pair| pair.key.as_str() == name).map(|pair| &pair.value)
    }

    /// One test: who subscribes in a thread is not heard by another thread's requests.
    #[tokio::test]
    async fn a_request_is_a_span_of_its_callers_trace_and_a_panic_a_problem() {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        let _here = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
        opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());

        let (service, metrics) = service();
        ask(&service, "/api/titles/7").await;
        let (status, body) = ask(&service, "/api/panics").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.contains("something broke on our side") && !body.contains("a bug"), "{body}");
        assert!(body.contains("\"request_id\":\""), "{body}");
        let spans = exporter.get_finished_spans().expect("spans");
        let [title, panic] = &spans[..] else { panic!("two spans, not {spans:?}") };
        assert_eq!(
            (title.name.as_ref(), &title.span_kind),
            ("GET /api/titles/{id}", &opentelemetry::trace::SpanKind::Server)
        );
        assert_eq!(title.span_context.trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(title.parent_span_id.to_string(), "b7ad6b7169203331");
        assert_eq!(attribute(title, "http.route"), Some(&Value::from("/api/titles/{id}")));
        assert_eq!(attribute(title, "http.response.status_code"), Some(&Value::from(200)));
        assert_eq!(attribute(title, "url.path"), Some(&Value::from("/api/titles/7")));
        assert!(matches!(panic.status, opentelemetry::trace::Status::Error { .. }), "{:?}", panic.status);
        let exemplar = "# {trace_id=\"0af7651916cd43dd8448eb211c80319c\"}";
        assert!(metrics.encode().contains(exemplar), "{}", metrics.encode());
    }
}
