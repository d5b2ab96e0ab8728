//! Whether a live API answers, as `fetcher probe` finds it.

use std::{process::Stdio, time::Duration};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{folders::Folders, say};

/// A base URL that takes longer is not waited for.
const LIMIT: Duration = Duration::from_secs(60);

/// What `fetcher probe --json` says of one base URL, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Report {
    url: String,
    fine: bool,
    status: Option<u16>,
    cooling: Option<(String, String)>,
    page: String,
}

/// Requests a page of every base URL; what to say where none gives one.
pub async fn trouble(folders: &Folders) -> Option<String> {
    say("  requesting one page of each base URL");
    match tokio::time::timeout(LIMIT, probe(folders)).await {
        Ok(Ok(reports)) if reports.iter().any(|report| report.fine) => None,
        Ok(Ok(reports)) => Some(words(&reports)),
        Ok(Err(error)) => Some(format!("Whether a base URL answers is not known: {error:#}")),
        Err(_) => Some(words(&[])),
    }
}

async fn probe(folders: &Folders) -> Result<Vec<Report>> {
    let mut command = tokio::process::Command::new(folders.programs.join("fetcher"));
    command.arg("--config").arg(folders.service_config("fetcher")).args(["probe", "--json"]);
    let output =
        command.stdin(Stdio::null()).kill_on_drop(true).output().await.context("run fetcher probe")?;
    // It fails where no page comes, and has said so of each by then.
    let said = String::from_utf8_lossy(&output.stdout);
    let reports: Vec<Report> = said
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .context("read what fetcher probe says")?;
    anyhow::ensure!(!reports.is_empty(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(reports)
}

fn words(reports: &[Report]) -> String {
    let answered = reports.iter().any(|report| report.status.is_some());
    let first = if answered { "No base URL gives a page now" } else { "No base URL answers now" };
    let lines: String = reports
        .iter()
        .map(|Report { url, page, cooling, .. }| {
            let page = cooling
                .as_ref()
                .map_or(page.clone(), |(until, why)| format!("cooling down until {until} ({why})"));
            format!("  {url}: {page}\n")
        })
        .collect();
    format!(
        "{first}, so nothing is captured yet:\n{lines}\
         Captures come as soon as one does; nothing has to be started again for that.\n\
         `bin/fetcher probe` shows how each stands, and requests one more page of those that are not left alone; \
         `bin/fetcher runs` shows what has come."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_which_did_not_answer_and_how_to_look() {
        let report = |status: &str, cooling: &str| -> Report {
            serde_json::from_str(&format!(
                r#"{{"url":"http://h/v4","source":"s","fine":false,"status":{status},"latency_ms":null,"left":[],
                "breaker":"closed","failures":0,"cooling":{cooling},"page":"none: network (refused)"}}"#
            ))
            .unwrap()
        };
        let said = words(&[report("null", "null")]);
        assert!(said.starts_with("No base URL answers now"), "{said}");
        assert!(
            said.contains("  http://h/v4: none: network (refused)\n") && said.contains("bin/fetcher probe"),
            "{said}"
        );
        let said = words(&[report("503", r#"["2026-11-25T00:00:00Z","maintenance"]"#)]);
        assert!(said.starts_with("No base URL gives a page now"), "{said}");
        assert!(said.contains("cooling down until 2026-11-25T00:00:00Z (maintenance)"), "{said}");
    }
}
