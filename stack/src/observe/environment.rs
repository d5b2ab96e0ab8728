//! What the services are started with while something watches them: where their traces go, and where a person sees one.

use std::collections::BTreeMap;

use super::ports::Ports;
use crate::up::{folders::Folders, progress::Progress};

/// The address of a trace in Grafana's view of the source `tempo`, `{trace_id}` in the place of its id.
const TRACE: &str = "/explore?schemaVersion=1&orgId=1&panes=%7B%22trace%22%3A%7B%22datasource%22%3A%22tempo%22%2C\
    %22queries%22%3A%5B%7B%22refId%22%3A%22A%22%2C%22datasource%22%3A%7B%22type%22%3A%22tempo%22%2C%22uid%22%3A%22tempo%22%7D%2C\
    %22queryType%22%3A%22traceql%22%2C%22query%22%3A%22{trace_id}%22%7D%5D%7D%7D";

/// The variables, where a supervisor of what watches is ready; empty otherwise.
pub fn of(folders: &Folders) -> BTreeMap<String, String> {
    let running = Progress::running(&folders.observe()).filter(|progress| progress.ready);
    match (running, Ports::of(folders)) {
        (Some(progress), Ok(ports)) => variables(&ports, |name| progress.processes.contains_key(name)),
        _ => BTreeMap::new(),
    }
}

fn variables(ports: &Ports, is_there: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    if is_there("collector") {
        let endpoint = format!("http://127.0.0.1:{}", ports.otlp_http);
        variables.insert("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint);
        if is_there("tempo") && is_there("grafana") {
            let address = format!("http://127.0.0.1:{}{TRACE}", ports.grafana);
            variables.insert("QUERY_API_TRACE_URL".to_owned(), address);
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_link_to_traces_only_where_traces_are_kept_and_can_be_seen() {
        let names = |there: &[&str]| -> Vec<String> {
            variables(&Ports::default(), |name| there.contains(&name)).into_keys().collect()
        };
        let endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
        assert!(names(&["prometheus", "tempo", "grafana"]).is_empty());
        assert_eq!(names(&["collector", "tempo"]), [endpoint]);
        assert_eq!(names(&["collector", "tempo", "grafana"]), [endpoint, "QUERY_API_TRACE_URL"]);
    }
}
