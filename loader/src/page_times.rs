//! How long pages are on their way, with traces of some of them.

use chrono::{DateTime, TimeDelta, Utc};
use kansoku_schemas::PageBody;
use kansoku_service::{Metrics, TraceId};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{exemplar::HistogramWithExemplars, family::Family, histogram::Histogram},
};
use tracing::Span;

/// Seconds. A page is visible after some tenths of a second; where something stands still it takes as long as that lasts.
const SECONDS: [f64; 15] =
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Step {
    step: &'static str,
}

/// Measures pages when they are committed; clones share the numbers.
#[derive(Debug, Clone)]
pub struct PageTimes {
    visible: HistogramWithExemplars<TraceId>,
    steps: Family<Step, Histogram, fn() -> Histogram>,
}

impl PageTimes {
    /// Adds the numbers to those of the process.
    pub fn register(metrics: &Metrics) -> Self {
        let visible = HistogramWithExemplars::new(SECONDS.into_iter());
        let steps = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
        let of_visible = "From a page's arrival in RAW, right after the upstream's answer, to its commit";
        let of_steps = "Time of one step of a page: from RAW to its judgement, from there to its commit";
        Self {
            visible: metrics.register("kansoku_page_visible_seconds", of_visible, visible),
            steps: metrics.register("kansoku_page_step_seconds", of_steps, steps),
        }
    }

    /// A page became visible then, in the trace of `span`.
    pub fn committed(&self, page: &PageBody, at: DateTime<Utc>, span: &Span) {
        let steps = [("validated", page.judged_at - page.stored_at), ("committed", at - page.judged_at)];
        for (step, took) in steps {
            self.steps.get_or_create(&Step { step }).observe(seconds(took));
        }
        self.visible.observe(seconds(at - page.stored_at), TraceId::sampled(span), None);
    }
}

/// The clocks of two machines may differ: nothing takes less than no time.
fn seconds(took: TimeDelta) -> f64 {
    took.to_std().unwrap_or_default().as_secs_f64()
}
