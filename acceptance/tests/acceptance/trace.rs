//! One page is one trace over archive, validator and loader, as a collector receives it.

use std::collections::HashMap;

use kansoku_acceptance::collector::{Collector, text};
use kansoku_stack::pipeline::Pipeline;
use opentelemetry_proto::tonic::{common::v1::any_value::Value, trace::v1::Span};

fn attributes(span: &Span) -> HashMap<&str, Value> {
    span.attributes.iter().filter_map(|it| Some((it.key.as_str(), it.value.clone()?.value?))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)] // the collector answers while a program is waited for
async fn a_collector_sees_one_page_as_one_trace() {
    let collector = Collector::start().await.unwrap();
    let telemetry =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
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

    let sent = collector.sent();
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
