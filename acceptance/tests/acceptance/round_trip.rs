//! From a number to its trace, to the lines of its log, and back: the cases of `observability/cases.toml`, asked of a stack at work.

#![expect(clippy::unwrap_used, reason = "what tests share may panic as a test does")]

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use kansoku_acceptance::{
    collector::{Collector, Sent},
    operator::Operator,
    prometheus::Prometheus,
};
use kansoku_observability::cases::{self, Case, Said};
use kansoku_stack::{pipeline::Pipeline, process::Running, tools, until};
use serde_json::Value;

use crate::stores::Stores;

const LIMIT: Duration = Duration::from_secs(60);
const WHY: &str = "as on the page";

/// What can be asked.
pub(crate) struct Told<'a> {
    pub(crate) prometheus: &'a Prometheus,
    pub(crate) collector: &'a Collector,
    pub(crate) services: &'a BTreeMap<&'static str, Running>,
}

/// A dead letter is mended and replayed, then all cases hold; so they do by what the real collector passed on, and by Tempo and Loki,
/// where those are.
pub(crate) async fn every_case_holds(told: &Told<'_>, pipeline: &Pipeline, stores: Option<&Stores>) {
    replay(told, pipeline).await;
    let cases = cases::read(&tools::root().join("observability")).unwrap();
    for case in &cases {
        let origin = case.replays.as_ref().and_then(|name| cases.iter().find(|case| case.name == *name));
        let found = RefCell::new(None);
        let come = until(&case.name, LIMIT, || async {
            let trace = told.trace_of(case, origin).await;
            *found.borrow_mut() = trace;
            found.borrow().is_some()
        });
        let come = come.await.is_ok();
        assert!(come, "{}: no trace has it all: {:#?}", case.name, told.seen(case).await);
        if let Some(stores) = stores {
            stores.have(case, &found.take().unwrap()).await;
        }
    }
}

/// Mends a dead letter of the sample and replays it.
async fn replay(told: &Told<'_>, pipeline: &Pipeline) {
    let ada = Operator::add(pipeline, &told.services["query-api"].url(), "ada", "read,act,edit").unwrap();
    let found = ada.kansoku(&["dlq", "ls", "path:/score state:open", "--json"]).ends(0, &[]).json();
    let root = found["items"][0]["root"].as_str().expect("a score of the sample is bad").to_owned();
    ada.kansoku(&["dlq", "edit", &root, "--set", "/score=7.5", "--reason", WHY]).ends(0, &["edited"]);
    let plan = ada.kansoku(&["dlq", "plan", &format!("root:{root}"), "--json"]).ends(0, &[]).json();
    let plan = plan["plan"].as_str().unwrap();
    ada.kansoku(&["dlq", "replay", plan, "--yes", "--reason", WHY]).ends(0, &["1 resolved"]);
}

/// The id of a trace as exemplars and lines have it.
pub(crate) fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether it is one trace from its only root on, with all spans of a case.
pub(crate) fn is_whole(case: &Case, spans: &[Sent]) -> bool {
    let is_there =
        |said: &Said| spans.iter().any(|(from, span)| *from == said.service && span.name == said.words);
    let has_parent = |parent: &[u8]| spans.iter().any(|(_, span)| span.span_id == parent);
    let (roots, inner): (Vec<_>, Vec<_>) = spans.iter().partition(|(_, span)| span.parent_span_id.is_empty());
    case.spans.iter().all(is_there)
        && roots.len() == 1
        && inner.iter().all(|(_, span)| has_parent(&span.parent_span_id))
}

impl Told<'_> {
    /// The first trace of which all holds that a case says, and that is linked to one of which all holds of the case that it replays.
    async fn trace_of(&self, case: &Case, origin: Option<&Case>) -> Option<String> {
        let numbers = self.prometheus.query(&case.number).await.unwrap();
        if !numbers.into_iter().any(|number| number > 0.0) {
            return None;
        }
        let sent = self.sent();
        let spans = |trace: &str| sent.get(trace).map_or(&[][..], Vec::as_slice);
        let holds = |case: &Case, trace: &str| {
            is_whole(case, spans(trace)) && self.has_lines(case, trace, spans(trace))
        };
        let is_linked = |trace: &str, origin: &Case| {
            let links = spans(trace).iter().flat_map(|(_, span)| &span.links);
            links.into_iter().any(|link| holds(origin, &hex(&link.trace_id)))
        };
        let candidates = self.candidates(case, &sent).await;
        candidates
            .into_iter()
            .find(|trace| holds(case, trace) && origin.is_none_or(|origin| is_linked(trace, origin)))
    }

    /// All that was collected, by trace.
    fn sent(&self) -> BTreeMap<String, Vec<Sent>> {
        let mut sent = BTreeMap::<_, Vec<_>>::new();
        for (from, span) in self.collector.sent() {
            sent.entry(hex(&span.trace_id)).or_default().push((from, span));
        }
        sent
    }

    /// The traces that the number's exemplars name, or the first of the lines, or all that begin with the first of the spans.
    async fn candidates(&self, case: &Case, sent: &BTreeMap<String, Vec<Sent>>) -> Vec<String> {
        match (&case.exemplars, &case.lines[..]) {
            (Some(query), _) => self.prometheus.traces(query).await.unwrap().into_iter().collect(),
            (None, [first, ..]) => self.lines(first).filter_map(|(trace, _)| trace).collect(),
            (None, []) => {
                let first = &case.spans[0];
                let is_first = |(from, span): &Sent| *from == first.service && span.name == first.words;
                let begun = sent.iter().filter(|(_, spans)| spans.iter().any(is_first));
                begun.map(|(trace, _)| trace.clone()).collect()
            }
        }
    }

    /// Each line was written in one of the spans, which leads back to the same trace.
    fn has_lines(&self, case: &Case, trace: &str, spans: &[Sent]) -> bool {
        case.lines.iter().all(|said| {
            let mut of_trace = self.lines(said).filter(|(id, _)| id.as_deref() == Some(trace));
            of_trace.any(|(_, in_span)| spans.iter().any(|(_, span)| in_span == Some(hex(&span.span_id))))
        })
    }

    /// Trace and span of each line with these words.
    fn lines(&self, said: &Said) -> impl Iterator<Item = (Option<String>, Option<String>)> {
        let logs = self.services[said.service.as_str()].logs();
        let read: Vec<Value> = logs.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let words = said.words.clone();
        let with_words = read
            .into_iter()
            .filter(move |line| line["message"].as_str().is_some_and(|message| message.contains(&words)));
        with_words.map(|line| ["trace_id", "span_id"].map(|key| line[key].as_str().map(str::to_owned)).into())
    }

    /// For who has to find out why a case does not hold: the number, and the spans of some traces that may be meant, and are linked.
    async fn seen(&self, case: &Case) -> (Vec<f64>, BTreeMap<String, Vec<String>>) {
        let sent = self.sent();
        let spans = |trace: &String| {
            let of_trace = sent.get(trace).into_iter().flatten();
            let said = |(from, span): &Sent| {
                let links: Vec<_> = span.links.iter().map(|link| hex(&link.trace_id)).collect();
                format!(
                    "{from}: {} {} in {:?}, linked to {links:?}",
                    span.name,
                    hex(&span.span_id),
                    hex(&span.parent_span_id)
                )
            };
            of_trace.map(said).collect()
        };
        let candidates = self.candidates(case, &sent).await;
        let linked = candidates.iter().filter_map(|trace| sent.get(trace)).flatten();
        let linked = linked.flat_map(|(_, span)| span.links.iter().map(|link| hex(&link.trace_id)));
        let last = candidates.iter().rev().take(3).cloned().chain(linked.take(3));
        let last = last.map(|trace| (trace.clone(), spans(&trace))).collect();
        (self.prometheus.query(&case.number).await.unwrap(), last)
    }
}
