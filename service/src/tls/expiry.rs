//! When certificates end, read from their files when the numbers are fetched.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
};

use super::{TlsFiles, files::Named};
use crate::Metrics;

const NAME: &str = "kansoku_certificate_expiration_timestamp_seconds";

impl Metrics {
    /// Adds the certificates in these files.
    pub(crate) fn certificates(&self, files: &[TlsFiles]) {
        let all: Vec<Named> = files.iter().flat_map(TlsFiles::certificates).cloned().collect();
        if !all.is_empty() {
            self.collect(Certificates(all));
        }
    }
}

#[derive(Debug)]
struct Certificates(Vec<Named>);

impl Collector for Certificates {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let gauge = |seconds| ConstGauge::<i64>::new(seconds);
        let help = "When the certificate that a key of the configuration names is no longer valid";
        let mut of = encoder.encode_descriptor(NAME, help, None, gauge(0).metric_type())?;
        for named in &self.0 {
            // A file that cannot be read says nothing, and its series ends.
            let Some(end) = named.end() else { continue };
            gauge(end.timestamp()).encode(of.encode_family(&[("certificate", named.name.as_str())])?)?;
        }
        Ok(())
    }
}
