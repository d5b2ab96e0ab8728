//! The cases ask for what there is, and each asks enough to be followed.

use kansoku_observability::cases::{self, Said};

use crate::{events, folder, names};

/// What the services call their spans, but for those of requests.
const SPANS: [&str; 8] = [
    "capture page",
    "publish raw.{dataset}",
    "process raw.{dataset}",
    "judge",
    "publish valid.{dataset}",
    "process valid.{dataset}",
    "commit page",
    "replay dead letter",
];

#[test]
fn cases_name_only_metrics_and_lines_that_are_listed() {
    let all = cases::read(folder()).unwrap();
    let queries = all.iter().flat_map(|case| {
        std::iter::once(&case.number).chain(&case.exemplars).map(|query| (case.name.clone(), query.as_str()))
    });
    names::known(queries);
    let events = events().0;
    for Said { service, words } in all.iter().flat_map(|case| &case.lines) {
        assert!(events[service].keys().any(|event| event.contains(words)), "{service} logs no {words:?}");
    }
}

#[test]
fn each_case_leads_to_a_trace_and_back() {
    let all = cases::read(folder()).unwrap();
    for (place, case) in all.iter().enumerate() {
        let name = &case.name;
        let leads = case.exemplars.is_some() || !case.lines.is_empty() || case.replays.is_some();
        assert!(leads, "{name}: nothing leads to its trace");
        assert_eq!(case.lines.is_empty(), case.logql.is_none(), "{name}: lines and LogQL belong together");
        if let Some(logql) = &case.logql {
            let Said { service, words } = &case.lines[0];
            let asked = format!("{{service_name=\"{service}\"}} | trace_id=\"{{trace}}\" |= \"{words}\"");
            assert_eq!(*logql, asked, "{name}");
        }
        let earlier = &all[..place];
        let origin = case.replays.as_ref();
        assert!(origin.is_none_or(|origin| earlier.iter().any(|case| case.name == *origin)), "{name}");
        // Of services and spans that the case has.
        for part in case.traceql.split("name = \"").skip(1) {
            let word = part.split('"').next().unwrap();
            assert!(
                case.spans.iter().any(|said| said.words == word || said.service == word),
                "{name}: {word}"
            );
        }
        for Said { words, .. } in &case.spans {
            let of_dead_letters = words.ends_with(" dlq.{stage}.{reason}.{dataset}");
            let is_request = words.starts_with("GET /") || words.starts_with("POST /");
            assert!(of_dead_letters || is_request || SPANS.contains(&words.as_str()), "{name}: {words}");
        }
    }
}
