//! What `stack observe` says at its end, and `stack status` in one line.

use anyhow::Result;

use super::{ports::Ports, programs::Found};
use crate::up::{folders::Folders, progress::Progress, say};

fn http(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Prints the addresses, what is at each, and how to get what is not here.
pub(super) fn greet(folders: &Folders, found: &Found, watched: bool) -> Result<()> {
    let ports = Ports::of(folders)?;
    let kept = folders.observe().data.join("slack.jsonl");
    let slack = match std::env::var_os("KANSOKU_SLACK_URL_FILE") {
        Some(_) => "messages go to the webhook of KANSOKU_SLACK_URL_FILE".to_owned(),
        None => format!("{}   messages as they would arrive (kept in {})", http(ports.slack), kept.display()),
    };
    let collector = match &found.collector {
        Some(_) => format!("{}   takes OTLP over HTTP; gRPC at {}", http(ports.otlp_http), ports.otlp_grpc),
        None => "is not built, so no traces or logs come in: `scripts/setup.sh observe` builds it".to_owned(),
    };
    let mut lines = vec![
        ("prometheus", format!("{}/targets   what is up, and every metric", http(ports.prometheus))),
        ("alertmanager", format!("{}   alerts that fire now; silence them here", http(ports.alertmanager))),
        ("slack", slack),
        ("collector", collector),
    ];
    let optional = [
        ("grafana", "KANSOKU_GRAFANA", &found.grafana, format!("{}   dashboards", http(ports.grafana))),
        ("tempo", "KANSOKU_TEMPO", &found.tempo, "traces, in Grafana".to_owned()),
        ("loki", "KANSOKU_LOKI", &found.loki, "log lines, in Grafana".to_owned()),
    ];
    let missing = |variable| {
        format!(
            "is not here: install its package, or let {variable} name its program, then `make observe` again"
        )
    };
    let all_here = optional.iter().all(|(_, _, program, _)| program.is_some());
    lines.extend(optional.map(|(name, variable, program, here)| {
        (name, if program.is_some() { here } else { missing(variable) })
    }));
    say(&format!("\nKansoku is watched: {}/alerts", http(ports.prometheus)));
    for (name, text) in lines {
        say(&format!("  {name:13} {text}"));
    }
    if !all_here {
        say("  Containers bring all of them: docs/guides/observe.md");
    }
    say(&format!("\n{}", outlook(found, watched)));
    say("`make observe-down` ends this, and leaves Kansoku as it is.");
    Ok(())
}

/// What is kept of what runs.
fn outlook(found: &Found, watched: bool) -> String {
    if !watched {
        return "Kansoku itself does not run; `make up` starts it, and lets its traces go to the collector."
            .to_owned();
    }
    let collects = found.collector.is_some();
    let traces = (collects && found.tempo.is_some()).then_some("traces");
    let logs = (collects && found.loki.is_some()).then_some("log lines");
    let kept: Vec<&str> = [Some("metrics"), traces, logs].into_iter().flatten().collect();
    let lost =
        if collects && traces.is_none() { "; without Tempo the collector keeps no traces" } else { "" };
    format!("Kept: {}{lost}.", kept.join(", "))
}

/// Where to look, while something watches.
pub fn line(folders: &Folders) -> Option<String> {
    let running = Progress::running(&folders.observe())?;
    let state = if running.ready { "" } else { ", which is not ready" };
    let ports = Ports::of(folders).ok()?;
    Some(format!("Watched by {}/alerts{state}; messages at {}\n", http(ports.prometheus), http(ports.slack)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_not_promised() {
        let here = Some(std::path::PathBuf::from("/bin/true"));
        let none = Found::default();
        let collected = Found { collector: here.clone(), ..Found::default() };
        let all =
            Found { tempo: here.clone(), loki: here.clone(), collector: here.clone(), ..Found::default() };
        assert_eq!(outlook(&none, true), "Kept: metrics.");
        assert_eq!(outlook(&collected, true), "Kept: metrics; without Tempo the collector keeps no traces.");
        assert_eq!(outlook(&all, true), "Kept: metrics, traces, log lines.");
        assert_eq!(outlook(&Found { tempo: here, ..Found::default() }, true), "Kept: metrics.");
    }
}
