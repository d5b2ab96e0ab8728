//! One page is one trace: publication, handling, publication of the result.

use std::collections::HashMap;

use kansoku_nats::{ConsumerSpec, Delivery, GiveUp, Handler, Outgoing, Verdict, trace};
use kansoku_service::{Stop, Unavailable};
use opentelemetry::{
    KeyValue,
    trace::{SpanKind, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

use crate::common::{World, message};

/// Passes what it gets on to VALID, then asks the loop to stop.
struct Forward {
    stop: Stop,
}

impl Handler for Forward {
    async fn ready(&self) -> Result<(), Unavailable> {
        Ok(())
    }

    async fn handle(&self, batch: &[Delivery]) -> Result<Vec<Verdict>, Unavailable> {
        let forward = |Delivery { stored, .. }: &Delivery| {
            let valid = message("valid.top.score", &format!("raw:1:{}:j", stored.seq), stored.body.to_vec());
            Verdict::Publish { dead: Vec::new(), result: Box::new(valid) }
        };
        self.stop.stop();
        Ok(batch.iter().map(forward).collect())
    }

    async fn reject(&self, _: &Delivery, _: GiveUp) -> Result<Option<Outgoing>, Unavailable> {
        Ok(None)
    }
}

/// The spans of all that happens to these pages.
async fn spans_of(world: &World, pages: &[&str]) -> Vec<SpanData> {
    let (fetcher, validator) = (world.user("fetcher").await.client, world.user("validator").await);
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    for page in pages {
        let fetch = tracing::info_span!("fetch");
        fetcher.publish(message("raw.top.score", page, "{}")).instrument(fetch.clone()).await.unwrap();
    }
    let stop = Stop::new();
    let handler = Forward { stop: stop.clone() };
    let expires = std::time::Duration::from_secs(2);
    let spec =
        ConsumerSpec { stream: "RAW", durable: "validator", batch: 10, batch_bytes: 0, expires, at_once: 1 };
    validator.client.consume(spec, &handler, &stop, &validator.health).await.unwrap();
    drop(guard);
    exporter.get_finished_spans().unwrap()
}

fn attributes(span: &SpanData) -> HashMap<String, String> {
    let text = |KeyValue { key, value, .. }: &KeyValue| (key.to_string(), value.to_string());
    span.attributes.iter().map(text).collect()
}

#[tokio::test]
async fn the_page_is_one_trace_with_its_acknowledgements() {
    let world = World::start().await;
    let spans = spans_of(&world, &["r:1"]).await;
    let span = |name: &str| {
        spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"))
    };
    let (root, raw) = (span("fetch"), span("publish raw.{dataset}"));
    let (process, valid) = (span("process raw.{dataset}"), span("publish valid.{dataset}"));
    for (child, parent, kind) in [
        (raw, root, SpanKind::Producer),
        (process, raw, SpanKind::Consumer),
        (valid, process, SpanKind::Producer),
    ] {
        assert_eq!(child.parent_span_id, parent.span_context.span_id(), "{}", child.name);
        assert_eq!(child.span_context.trace_id(), root.span_context.trace_id(), "{}", child.name);
        assert_eq!(child.span_kind, kind, "{}", child.name);
    }
    let sent = attributes(raw);
    for (key, value) in [
        ("messaging.system", "nats"),
        ("messaging.operation.type", "send"),
        ("messaging.destination.name", "raw.top.score"),
        ("messaging.message.id", "r:1"),
        ("messaging.nats.stream", "RAW"),
        ("messaging.nats.sequence", "1"),
        ("messaging.nats.duplicate", "false"),
    ] {
        assert_eq!(sent[key], value, "{key}");
    }
    assert_eq!(attributes(process)["messaging.consumer.group.name"], "validator");
    let stored = world.user("viewer").await.client.get("RAW", 1).await.unwrap().unwrap();
    assert_eq!(trace::trace_id(&stored.headers), Some(root.span_context.trace_id().to_string()));
}

#[tokio::test]
async fn pages_published_in_one_batch_keep_a_trace_each() {
    let world = World::start().await;
    let spans = spans_of(&world, &["r:1", "r:2"]).await;
    let named = |name: &'static str| spans.iter().filter(move |span| span.name == name);
    let (batches, valid): (Vec<_>, Vec<_>) = named("publish valid.{dataset}")
        .partition(|span| attributes(span).contains_key("messaging.batch.message_count"));
    assert_eq!((batches.len(), valid.len()), (1, 2));
    let viewer = world.user("viewer").await.client;
    for (seq, process) in (1..).zip(named("process raw.{dataset}")) {
        let own = valid.iter().find(|span| span.parent_span_id == process.span_context.span_id()).unwrap();
        assert!(batches[0].links.iter().any(|link| link.span_context == own.span_context));
        assert_eq!(attributes(own)["messaging.nats.stream"], "VALID");
        let stored = viewer.get("VALID", seq).await.unwrap().unwrap();
        assert_eq!(trace::trace_id(&stored.headers), Some(process.span_context.trace_id().to_string()));
    }
}
