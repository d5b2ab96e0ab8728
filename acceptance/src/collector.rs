//! A collector of traces, which a test can ask what it received.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_client::TraceServiceClient,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::any_value::Value,
    trace::v1::Span,
};
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    transport::{Channel, Server, server::TcpIncoming},
};

/// A span and the service that sent it.
pub type Sent = (String, Span);

/// A collector that keeps what it receives by OTLP over gRPC.
#[derive(Debug)]
pub struct Collector {
    address: String,
    received: Received,
}

#[derive(Debug, Clone, Default)]
struct Received {
    all: Arc<Mutex<Vec<Sent>>>,
    /// Who gets the same.
    next: Option<TraceServiceClient<Channel>>,
}

impl Collector {
    /// Starts one on a free port; it lives as long as the test's runtime.
    pub async fn start() -> Result<Self> {
        Self::serve(Received::default()).await
    }

    /// One that passes on what it receives to another, at an address like its own.
    pub async fn before(next: String) -> Result<Self> {
        let next = TraceServiceClient::connect(next).await.context("connect to the next collector")?;
        Self::serve(Received { next: Some(next), ..Received::default() }).await
    }

    async fn serve(received: Received) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("listen for traces")?;
        let address = format!("http://{}", listener.local_addr().context("find the collector's port")?);
        let service = TraceServiceServer::new(received.clone());
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(TcpIncoming::from(listener)));
        Ok(Self { address, received })
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` has to be.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its port.
    pub fn port(&self) -> Result<u16> {
        let port = self.address.rsplit(':').next().and_then(|port| port.parse().ok());
        port.with_context(|| format!("find the port in {}", self.address))
    }

    /// What came so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.received.all.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The text of a value; nothing where it is another kind.
pub fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::StringValue(text)) => text.clone(),
        _ => String::new(),
    }
}

#[tonic::async_trait]
impl TraceService for Received {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let request = request.into_inner();
        if let Some(mut next) = self.next.clone() {
            next.export(request.clone()).await?;
        }
        for of_resource in request.resource_spans {
            let resource = of_resource.resource.unwrap_or_default();
            let name = resource.attributes.iter().find(|attribute| attribute.key == "service.name");
            let service = text(name.and_then(|name| name.value.as_ref()?.value.as_ref()));
            let spans = of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend(spans.map(|span| (service.clone(), span)));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}
