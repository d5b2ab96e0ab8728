//! Traces: the standard `OTEL_*` variables say where they go.

use opentelemetry::KeyValue;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};

use crate::{VERSION, environment::Environment, settings::ConfigError};

/// How traces leave the process. The address and all else is read by the exporter from the same variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exporter {
    Grpc,
    HttpProtobuf,
}

impl Exporter {
    /// What the environment chooses; none where it names no address. The variables for traces alone win over the
    /// general ones (<https://opentelemetry.io/docs/specs/otel/protocol/exporter/>). Where no protocol is named it is
    /// HTTP, unless the port is the one that OTLP has for gRPC.
    pub(crate) fn from_environment(environment: &Environment) -> Result<Option<Self>, ConfigError> {
        let first = |names: [&'static str; 2]| {
            names.into_iter().find_map(|name| Some((name, environment.get(name)?)))
        };
        let endpoint = first(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"]);
        let off =
            environment.get("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
                || environment.get("OTEL_TRACES_EXPORTER") == Some("none");
        let Some((_, endpoint)) = endpoint.filter(|_| !off) else { return Ok(None) };
        match first(["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]) {
            Some((_, "grpc")) => Ok(Some(Self::Grpc)),
            None if endpoint.trim_end_matches('/').ends_with(":4317") => Ok(Some(Self::Grpc)),
            None | Some((_, "http/protobuf")) => Ok(Some(Self::HttpProtobuf)),
            Some((name, other)) => Err(ConfigError::new(
                name,
                format!("unknown protocol {other:?}: expected grpc or http/protobuf"),
            )),
        }
    }

    fn build(self) -> Result<SpanExporter, opentelemetry_otlp::ExporterBuildError> {
        match self {
            Self::Grpc => SpanExporter::builder().with_tonic().build(),
            Self::HttpProtobuf => {
                SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).build()
            }
        }
    }
}

/// The maker of spans. Without an exporter spans are only numbered, so that logs can be joined by trace id, and their
/// messages say that nobody recorded them.
pub(super) fn provider(
    service: &'static str,
    instance: &str,
    exporter: Option<&Exporter>,
) -> anyhow::Result<SdkTracerProvider> {
    let builder = SdkTracerProvider::builder().with_resource(resource(service, instance));
    Ok(match exporter {
        Some(exporter) => builder.with_batch_exporter(exporter.build()?).build(),
        None => builder.with_sampler(Sampler::AlwaysOff).build(),
    })
}

fn resource(service: &'static str, instance: &str) -> Resource {
    let own = [
        KeyValue::new("service.namespace", "kansoku"),
        KeyValue::new("service.version", VERSION),
        KeyValue::new("service.instance.id", instance.to_owned()),
    ];
    Resource::builder().with_service_name(service).with_attributes(own).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_variables_choose_the_exporter() {
        let chosen = |variables: &[(&str, &str)]| Exporter::from_environment(&Environment::from(variables));
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
        assert_eq!(chosen(&[]), Ok(None));
        assert_eq!(chosen(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")]), Ok(None));
        assert_eq!(chosen(&[endpoint]), Ok(Some(Exporter::HttpProtobuf)));
        assert_eq!(chosen(&[endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]), Ok(Some(Exporter::Grpc)));
        assert_eq!(
            chosen(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317/")]),
            Ok(Some(Exporter::Grpc))
        );
        assert_eq!(chosen(&[endpoint, ("OTEL_SDK_DISABLED", "true")]), Ok(None));
        let traces = [
            endpoint,
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "carrier pigeon"),
        ];
        assert_eq!(chosen(&traces).unwrap_err().key, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL");
    }
}
