//! One page is one trace over archive, validator and loader, as a collector receives it.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use kansoku_stack::pipeline::Pipeline;
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::any_value::Value,
    trace::v1::Span,
};
use tonic::{Request, Response, Status, transport::server::TcpIncoming};

/// A span and the service that sent it.
type Sent = (String, Span);

/// A collector that keeps what it receives.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Sent>>>);

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::StringValue(text)) => text.clone(),
        _ => String::new(),
    }
}

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for of_resource in request.into_inner().resource_spans {
            let resource = of_resource.resource.unwrap_or_default();
            let name = resource.attributes.iter().find(|attribute| attribute.key == "service.name").unwrap();
            let service = text(name.value.as_ref().unwrap().value.as_ref());
            let spans = of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            self.0.lock().unwrap().extend(spans.map(|span| (service.clone(), span)));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

async fn collector() -> (Collector, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let collector = Collector::default();
    let service = TraceServiceServer::new(collector.clone());
    tokio::spawn(
        tonic::transport::Server::builder()
            .add_service(service)
            .serve_with_incoming(TcpIncoming::from(listener)),
    );
    (collector, address)
}

fn attributes(span: &Span) -> HashMap<&str, Value> {
    span.attributes.iter().filter_map(|it| Some((it.key.as_str(), it.value.clone()?.value?))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)] // the collector answers while a program is waited for
async fn a_collector_sees_one_page_as_one_trace() {
    let (collector, address) = collector().await;
    let telemetry =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", address.as_str()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
    let pipeline = Pipeline::start().await.unwrap();
    let mut services = Vec::new();
    for name in ["validator", "loader"] {
        let mut running = pipeline.service(name).unwrap().envs(&telemetry).spawn().unwrap();
        running.ready().await.unwrap();
        services.push(running);
    }
    let folder = tempfile::tempdir().unwrap();
    let (archive, page) = (folder.path().join("sample.jsonl"), folder.path().join("one.jsonl"));
    let request =
        ["--days", "1", "--until", "2026-11-01T12:00:00Z", "--seed", "7", "--datasets", "season.now"];
    Pipeline::archive(&request, &archive).unwrap();
    let line = std::fs::read_to_string(&archive).unwrap().lines().next().unwrap().to_owned();
    let line = line.replacen(r#"\"members\":"#, r#"\"members\":\"many\",\"were\":"#, 1); // one row of it dies
    std::fs::write(&page, line + "\n").unwrap();
    let output = pipeline.program("archive", &telemetry, ["import".as_ref(), page.as_os_str()]).unwrap();
    assert!(output.status.success(), "{output:?}");
    pipeline.at_rest().await.unwrap();
    for service in &mut services {
        assert!(service.terminate().await.unwrap().success()); // which sends the last spans
    }

    let sent = collector.0.lock().unwrap().clone();
    let find = |service: &str, name: &str| {
        let mut found =
            sent.iter().filter(|(from, span)| from == service && span.name == name).map(|(_, span)| span);
        let span = found.next().unwrap_or_else(|| {
            panic!(
                "{service} sent no {name}: {:#?}",
                sent.iter().map(|(from, span)| (from, &span.name)).collect::<Vec<_>>()
            )
        });
        assert!(found.next().is_none(), "{service} sent {name} twice");
        span
    };
    let root = find("archive", "capture page");
    assert!(root.parent_span_id.is_empty());
    let road_of_the_page = [
        ("archive", "publish raw.{dataset}"),
        ("validator", "process raw.{dataset}"),
        ("validator", "publish valid.{dataset}"),
        ("loader", "process valid.{dataset}"),
        ("loader", "commit page"),
    ];
    let mut parent = root;
    for (service, name) in road_of_the_page {
        let span = find(service, name);
        assert_eq!(span.parent_span_id, parent.span_id, "{name} is a child of {}", parent.name);
        assert_eq!(span.trace_id, root.trace_id, "{name}");
        parent = span;
    }
    assert_eq!(find("validator", "judge").trace_id, root.trace_id);
    // The dead letter of its bad row joins it, and so does what the loader makes of that.
    let dead = find("validator", "publish dlq.{stage}.{reason}.{dataset}");
    assert_eq!(
        (&dead.trace_id, &dead.parent_span_id),
        (&root.trace_id, &find("validator", "process raw.{dataset}").span_id)
    );
    assert_eq!(find("loader", "process dlq.{stage}.{reason}.{dataset}").trace_id, root.trace_id);
    // The acknowledgements: which stream took the message, and as what.
    for (service, name, stream) in
        [("archive", "publish raw.{dataset}", "RAW"), ("validator", "publish valid.{dataset}", "VALID")]
    {
        let said = attributes(find(service, name));
        assert_eq!(said["messaging.nats.stream"], Value::StringValue(stream.to_owned()));
        assert_eq!(said["messaging.nats.sequence"], Value::IntValue(1));
        assert_eq!(said["messaging.nats.duplicate"], Value::BoolValue(false));
    }
    // The commit: when, and the transaction that many pages may share.
    let commit = attributes(find("loader", "commit page"));
    assert_eq!(commit["kansoku.outcome"], Value::StringValue("committed".to_owned()));
    assert!(text(commit.get("kansoku.committed_at")).starts_with("20"), "{commit:?}");
    let transaction = find("loader", "commit pages");
    assert_eq!(transaction.links.len(), 1);
    assert_eq!(transaction.links[0].trace_id, root.trace_id);
}
