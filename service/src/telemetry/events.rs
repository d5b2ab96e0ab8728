//! How many lines of the log are warnings and errors: the log itself may be far away, the numbers are here.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{Layer, layer};

use crate::Metrics;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfLevel {
    level: &'static str,
}

/// Counts lines by level; clones share the numbers.
#[derive(Debug, Clone)]
pub(super) struct LogEvents {
    all: Family<OfLevel, Counter>,
    warn: Counter,
    error: Counter,
}

impl LogEvents {
    /// Nothing is counted yet, and both levels show it.
    pub(super) fn new() -> Self {
        let all = Family::<OfLevel, Counter>::default();
        let [warn, error] = ["warn", "error"].map(|level| all.get_or_create_owned(&OfLevel { level }));
        Self { all, warn, error }
    }

    /// Adds the numbers to those of the process.
    pub(super) fn register(&self, metrics: &Metrics) {
        let help = "Lines of the log that are warnings or errors";
        metrics.register("kansoku_log_events", help, self.all.clone());
    }
}

impl<S: Subscriber> Layer<S> for LogEvents {
    fn on_event(&self, event: &Event<'_>, _: layer::Context<'_, S>) {
        match *event.metadata().level() {
            Level::WARN => self.warn.inc(),
            Level::ERROR => self.error.inc(),
            _ => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt};

    use super::*;

    #[test]
    fn warnings_and_errors_are_counted_and_what_is_filtered_is_not() {
        let (metrics, events) = (Metrics::default(), LogEvents::new());
        events.register(&metrics);
        let level = |name: &str| format!("kansoku_log_events_total{{level=\"{name}\"}}");
        assert!(metrics.encode().contains(&(level("error") + " 0")), "{}", metrics.encode());
        let heard = |filter: LevelFilter| {
            let subscriber = tracing_subscriber::registry().with(events.clone().with_filter(filter));
            tracing::subscriber::with_default(subscriber, || {
                tracing::info!("one");
                tracing::warn!("two");
                tracing::error!("three");
            });
        };
        heard(LevelFilter::INFO);
        heard(LevelFilter::ERROR);
        let text = metrics.encode();
        assert!(text.contains(&(level("warn") + " 1")) && text.contains(&(level("error") + " 2")), "{text}");
    }
}
