//! Trace context over message headers, by W3C `traceparent`.

use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator},
    trace::TraceContextExt,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::headers::Headers;

/// The header of the context.
pub const TRACEPARENT: &str = "traceparent";

struct Into<'a>(&'a mut Headers);

impl Injector for Into<'_> {
    fn set(&mut self, key: &str, value: String) {
        if !value.is_empty() {
            self.0.insert(key, value);
        }
    }
}

struct From<'a>(&'a Headers);

impl Extractor for From<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name).collect()
    }
}

/// Writes the context of `span` into `headers`, unless they carry one or the span is not recorded anywhere.
pub fn inject(span: &Span, headers: &mut Headers) {
    if headers.get(TRACEPARENT).is_none() {
        TraceContextPropagator::new().inject_context(&span.context(), &mut Into(headers));
    }
}

/// The context in `headers`; an empty one where there is none.
pub fn extract(headers: &Headers) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &From(headers))
}

/// Makes the message's context the parent of `span`, which must not have been entered. For the handling of one message.
pub fn parent(span: &Span, headers: &Headers) {
    let context = extract(headers);
    if context.span().span_context().is_valid() {
        // Fails only where no tracing layer listens, and then there is nothing to connect.
        let _ = span.set_parent(context);
    }
}

/// Links `span` to the message's context. For the handling of many messages at once.
pub fn link(span: &Span, headers: &Headers) {
    let context = extract(headers).span().span_context().clone();
    if context.is_valid() {
        span.add_link(context);
    }
}

/// Links `span` to another span.
pub(crate) fn link_span(span: &Span, other: &Span) {
    let context = other.context().span().span_context().clone();
    if context.is_valid() {
        span.add_link(context);
    }
}

/// The message's trace id in hexadecimal, as Tempo shows it.
pub fn trace_id(headers: &Headers) -> Option<String> {
    let context = extract(headers).span().span_context().clone();
    context.is_valid().then(|| context.trace_id().to_string())
}

/// A count as a span takes it: OpenTelemetry knows signed integers only, and others arrive as text.
pub fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_is_read_and_a_broken_header_is_none() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let headers = Headers::from_iter([(TRACEPARENT, parent)]);
        assert_eq!(trace_id(&headers).as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
        assert_eq!(trace_id(&Headers::from_iter([(TRACEPARENT, "00-xyz")])), None);
        assert_eq!(trace_id(&Headers::new()), None);
    }

    #[test]
    fn a_context_that_is_there_is_kept() {
        let mut headers = Headers::from_iter([(TRACEPARENT, "kept")]);
        inject(&Span::none(), &mut headers);
        assert_eq!(headers.get(TRACEPARENT), Some("kept"));
        let mut bare = Headers::new();
        inject(&Span::none(), &mut bare);
        assert_eq!(bare, Headers::new());
    }
}
