//! Which spans go into traces.

use tracing::Level;
use tracing_subscriber::filter::Targets;

/// Libraries that work for the exporter itself: traced, each export would be traced by the next one.
const EXPORTERS: [&str; 7] = ["h2", "hyper", "hyper_util", "opentelemetry", "reqwest", "tonic", "tower"];

/// Everything of level info, whatever is logged, but what the exporter needs.
pub(super) fn spans() -> Targets {
    let silent = EXPORTERS.map(|target| (target, tracing::level_filters::LevelFilter::OFF));
    Targets::new().with_default(Level::INFO).with_targets(silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_do_not_trace_themselves() {
        let spans = spans();
        assert!(spans.would_enable("kansoku_validator", &Level::INFO));
        assert!(!spans.would_enable("kansoku_validator", &Level::DEBUG));
        assert!(!spans.would_enable("opentelemetry_sdk::trace", &Level::ERROR));
        assert!(!spans.would_enable("hyper_util::client", &Level::ERROR));
    }
}
