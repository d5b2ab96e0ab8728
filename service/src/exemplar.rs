//! Which trace a measurement was made in.

use opentelemetry::trace::TraceContextExt;
use prometheus_client::encoding::EncodeLabelSet;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The labels of an exemplar.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct TraceId {
    trace_id: String,
}

impl TraceId {
    /// The trace of a span, where it is sampled: one that nobody keeps leads nowhere.
    pub fn sampled(span: &Span) -> Option<Self> {
        let context = span.context();
        let span = context.span().span_context().clone();
        span.is_sampled().then(|| Self { trace_id: span.trace_id().to_string() })
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn only_a_sampled_trace_is_named() {
        let traced = |sampler: Sampler| {
            let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
            let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
            let subscriber = tracing_subscriber::registry().with(layer);
            tracing::subscriber::with_default(subscriber, || TraceId::sampled(&tracing::info_span!("work")))
        };
        assert_eq!(traced(Sampler::AlwaysOn).map(|id| id.trace_id.len()), Some(32));
        assert_eq!(traced(Sampler::AlwaysOff), None);
    }
}
