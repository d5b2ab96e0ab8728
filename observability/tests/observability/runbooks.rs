//! Each alert has a runbook that says what to do, by commands that there are.

use std::{
    collections::BTreeSet,
    env,
    fs::{self, read_to_string},
    process::Command,
};

use crate::{alerts, catalogue, names, recording, root};

const SECTIONS: [&str; 7] =
    ["Meaning", "Impact", "Diagnosis", "Mitigation", "Verify", "Dashboard", "Rehearsed by"];
/// Programs of the distribution that a line may begin with.
const KNOWN: [&str; 12] =
    ["curl", "df", "du", "eval", "for", "free", "grep", "kubectl", "promtool", "psql", "redis-cli", "tail"];

/// Every runbook, by name of its alert.
fn runbooks() -> Vec<(String, String)> {
    let read = |name: String| {
        let text = read_to_string(root().join("docs/runbooks").join(format!("{name}.md")));
        (name.clone(), text.unwrap_or_else(|error| panic!("the runbook of {name}: {error}")))
    };
    alerts().all.into_iter().map(|alert| read(alert.name)).collect()
}

#[test]
fn each_alert_has_a_runbook_of_its_name_with_every_section() {
    for (name, text) in runbooks() {
        assert!(text.starts_with(&format!("# {name}\n")), "{name} is not what its runbook is called");
        assert!(
            text.contains("](README.md)"),
            "{name} does not say where commands for containers and clusters are"
        );
        let sections: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(sections, SECTIONS, "{name}");
    }
    let files = fs::read_dir(root().join("docs/runbooks")).unwrap().count();
    assert_eq!(files, alerts().all.len() + 1, "a runbook has no alert; README.md needs none");
}

#[test]
fn a_runbook_says_where_to_look_and_what_rehearses_it() {
    let alerts = alerts();
    for (alert, (name, text)) in alerts.all.iter().zip(runbooks()) {
        let panel = format!("/d/{}?viewPanel={})", alert.dashboard.uid, alert.dashboard.panel);
        let rehearsal = alert.inject.as_ref().or(alert.not_injected.as_ref()).unwrap();
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&panel), "{name} does not lead to {panel}");
        assert!(words.contains(rehearsal.as_str()), "{name} does not say {rehearsal:?}");
    }
}

#[test]
fn links_of_runbooks_lead_somewhere() {
    for (name, text) in runbooks() {
        let links = text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
        for link in links.filter(|link| !link.starts_with("http")) {
            let file = root().join("docs/runbooks").join(link.split('#').next().unwrap());
            assert!(file.is_file(), "{name} leads to {link}");
        }
    }
}

#[test]
fn queries_of_runbooks_name_only_what_is_listed() {
    let queries: Vec<_> = runbooks().iter().flat_map(|(name, text)| queries(name, text)).collect();
    assert!(queries.len() > 40, "only {} queries are found", queries.len());
    names::known(queries.iter().map(|(place, query)| (place.clone(), query.as_str())));
}

fn queries(name: &str, text: &str) -> Vec<(String, String)> {
    let lines = text.lines().filter(|line| line.starts_with("promtool query"));
    lines.map(|line| (name.to_owned(), line.split('\'').nth(1).unwrap().to_owned())).collect()
}

/// Lines in blocks, and what begins like a command of ours in a sentence.
fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for (place, part) in text.split("```").enumerate() {
        if place % 2 == 1 {
            commands.extend(part.lines().skip(1).map(str::to_owned));
        } else {
            let ours = |code: &&str| code.starts_with("bin/") || code.starts_with("make ");
            commands.extend(part.split('`').skip(1).step_by(2).filter(ours).map(str::to_owned));
        }
    }
    commands
}

#[test]
fn commands_of_runbooks_are_there() {
    let makefile = read_to_string(root().join("Makefile")).unwrap();
    let mut asked = BTreeSet::new();
    for (name, text) in runbooks() {
        for command in commands(&text) {
            let mut words = command.split_whitespace();
            let program = words.next().unwrap_or_default();
            if program == "make" {
                let target = words.next().unwrap_or_default();
                assert!(makefile.contains(&format!("\n{target}:")), "{name}: {command}");
            } else if program.starts_with("bin/") {
                assert!(root().join(program).exists(), "{name}: {command}");
                let plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
                let subcommands = words.take_while(|word| plain(word) && !word.starts_with('-')).take(2);
                asked.insert((program.to_owned(), subcommands.map(str::to_owned).collect::<Vec<_>>()));
            } else {
                assert!(KNOWN.contains(&program), "{name}: {command}");
            }
        }
    }
    for (program, subcommands) in asked {
        helps(&program, &subcommands);
    }
}

/// The built program knows the subcommands. What is not built beside this test is passed over.
fn helps(program: &str, subcommands: &[String]) {
    let name = program.trim_start_matches("bin/");
    let here = env::current_exe().unwrap();
    let built = if name == "nats" {
        root().join(".tools/bin/nats")
    } else {
        here.parent().unwrap().parent().unwrap().join(name)
    };
    if !built.is_file() {
        println!("SKIPPED: {} is not built", built.display());
        return;
    }
    let output = Command::new(built).args(subcommands).arg("--help").output().unwrap();
    assert!(output.status.success(), "{program} knows no {subcommands:?}");
}

/// What is said to cause an alert is an experiment that waits for it.
#[test]
fn what_causes_an_alert_is_there() {
    for alert in alerts().all {
        let Some(inject) = alert.inject else { continue };
        let file = root().join(format!("chaos/experiments/{inject}.toml"));
        let experiment = read_to_string(&file).unwrap_or_default();
        let waits = experiment.contains(&format!("[[alert]]\nname = \"{}\"\n", alert.name));
        assert!(waits, "{} does not wait for {}", file.display(), alert.name);
    }
}

/// The page of objectives says the numbers that are recorded.
#[test]
fn the_objectives_are_those_that_are_written_down() {
    let text = read_to_string(root().join("docs/slo.md")).unwrap();
    let recording = recording();
    let objectives = recording.groups.iter().flat_map(|group| &group.rules);
    let objectives: Vec<_> = objectives.filter(|rule| rule.record == "slo:objective").collect();
    assert!(!objectives.is_empty());
    for rule in objectives {
        let share: f64 = rule.expr.trim_start_matches("vector(").trim_end_matches(')').parse().unwrap();
        let (name, percent) = (&rule.labels["slo"], (share * 1000.0).round() / 10.0);
        let line = format!("| [{name}](#{name}) | {percent} % |");
        assert!(text.contains(&line), "{line:?} is not in docs/slo.md");
    }
}

/// Every metric that documents speak of is listed; words that only look like one are not prefixed like ours.
#[test]
fn documents_name_only_metrics_that_are_listed() {
    let catalogue = catalogue();
    for file in ["docs/slo.md", "docs/error-budget.md", "docs/guides/observe.md"] {
        let text = read_to_string(root().join(file)).unwrap_or_default();
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        for word in words.filter(|word| word.starts_with("kansoku_") || word.starts_with("http_server_")) {
            assert!(catalogue.find(word).is_some(), "{file} speaks of {word}");
        }
    }
}
