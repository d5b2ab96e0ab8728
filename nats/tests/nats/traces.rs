//! One page is one trace: publication, handling, publication of the result.

use std::collections::HashMap;

use kansoku_nats::{Client, ConsumerSpec, Delivery, GiveUp, Handler, Outgoing, Verdict, trace};
use kansoku_service::{Stop, Unavailable};
use opentelemetry::{
    KeyValue,
    trace::{SpanKind, TracerProvider},
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::Instrument;
use tracing_subscriber::layer::SubscriberExt;

use crate::common::{World, message};

/// Publishes what it gets to VALID, then asks the loop to stop.
struct Forward {
    client: Client,
    stop: Stop,
}

impl Handler for Forward {
    async fn ready(&self) -> Result<(), Unavailable> {
        Ok(())
    }

    async fn handle(&self, batch: &[Delivery]) -> Result<Vec<Verdict>, Unavailable> {
        for Delivery { span, stored, .. } in batch {
            let valid = message("valid.top.score", &format!("raw:1:{}:j", stored.seq), stored.body.to_vec());
            self.client.publish(valid).instrument(span.clone()).await.unwrap();
        }
        self.stop.stop();
        Ok(vec![Verdict::Done; batch.len()])
    }

    async fn reject(&self, _: &Delivery, _: GiveUp) -> Result<Option<Outgoing>, Unavailable> {
        Ok(None)
    }
}

fn attributes(span: &SpanData) -> HashMap<String, String> {
    let text = |KeyValue { key, value, .. }: &KeyValue| (key.to_string(), value.to_string());
    span.attributes.iter().map(text).collect()
}

#[tokio::test]
async fn the_page_is_one_trace_with_its_acknowledgements() {
    let world = World::start().await;
    let (fetcher, validator) = (world.user("fetcher").await.client, world.user("validator").await);
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let fetch = tracing::info_span!("fetch");
    fetcher.publish(message("raw.top.score", "r:1", "{}")).instrument(fetch.clone()).await.unwrap();
    drop(fetch);
    let stop = Stop::new();
    let handler = Forward { client: validator.client.clone(), stop: stop.clone() };
    let expires = std::time::Duration::from_secs(2);
    let spec = ConsumerSpec { stream: "RAW", durable: "validator", batch: 10, batch_bytes: 0, expires };
    validator.client.consume(spec, &handler, &stop, &validator.health).await.unwrap();
    drop(guard);

    let spans = exporter.get_finished_spans().unwrap();
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
    let stored = fetcher.get("RAW", 1).await.unwrap().unwrap();
    assert_eq!(trace::trace_id(&stored.headers), Some(root.span_context.trace_id().to_string()));
}
